"""The models in PyTorch's functions: parameters and batch of a golden run -> what each part makes, loss, gradients.

`how` are the mistakes: a function for what one part does otherwise, by the part's name.
"""

import numpy as np
import torch

from broken.sample import Tape, lowered, right, wrong
from minilm.data import tag_schemes

F = torch.nn.functional
GPT, GPT2, BERT, TRANSLATOR, LSTM, TAGGER = (f"models.{n}" for n in ("gpt", "gpt2", "bert", "encoder_decoder", "lstm_lm", "lstm_tagger"))


class Run:
    """A model under way: parameters by path, what is kept, and the mistakes."""

    def __init__(self, golden, how):
        self.g, self.keep, self.how = lowered(golden), Tape(), how
        self.leaves = {}

    def __getitem__(self, path):
        if path not in self.leaves:
            self.leaves[path] = self.keep.leaf(path, self.g[path])
        return self.leaves[path]

    def otherwise(self, part, plain):
        return self.how.get(part, plain)

    def dropped(self, path, x, rate="dropout"):
        pattern = next((self.g[name] for name in (f"{path}.keep", f"encode.{path}.keep") if name in self.g), None)
        rate = rate if rate in self.g else "dropout"
        return x if pattern is None else x * torch.tensor(pattern) * (65536 / (65536 - round(float(self.g[rate]) * 65536)))

    def linear(self, path, x):
        of = self.otherwise("linear", lambda path: path)(path)
        return self.keep(f"{path}.y", x @ self[f"{of}.weight"] + self[f"{of}.bias"])

    def norm(self, path, x, eps=None):
        path = self.otherwise("norm", lambda path: path)(path)
        eps = float(self.g["eps"]) if eps is None else eps
        return F.layer_norm(x, x.shape[-1:], self[f"{path}.gain"], self[f"{path}.bias"], eps)

    def attention(self, path, x, memory, mask):
        heads, width = int(self.g["heads"]), x.shape[-1]
        q, k, v = (self.linear(f"{path}.{n}", a).unflatten(-1, (heads, -1)).transpose(1, 2) for n, a in (("query", x), ("key", memory), ("value", memory)))
        scale = self.otherwise("scale", lambda width, heads: (width / heads) ** -0.5)(width, heads)
        scores = self.keep(f"{path}.attention.scores", q @ k.transpose(-1, -2) * scale)
        barred = ~torch.as_tensor(mask).expand(scores.shape)
        weights = torch.softmax(scores.masked_fill(barred, -1e30), -1) * ~barred
        self.keep(f"{path}.attention.weights", weights)
        y = self.dropped(f"{path}.attention.dropout", weights, "attention_dropout") @ v
        return self.linear(f"{path}.output", y.transpose(1, 2).flatten(2))

    def feed_forward(self, path, x, activation):
        active = self.keep(f"{path}.active", self.otherwise("activation", activation)(self.linear(f"{path}.expand", x)))
        return self.linear(f"{path}.contract", active)

    def post_norm(self, path, x, mask, activation, memory=None, memory_mask=None):
        attended = self.dropped(f"{path}.attention_dropout", self.attention(f"{path}.attention", x, x, mask))
        a = self.keep(f"{path}.a", self.norm(f"{path}.attention_norm", x + attended))
        c = a
        if memory is not None:
            crossed = self.attention(f"{path}.cross_attention", a, self.otherwise("memory", lambda path, a, m: m)(path, a, memory), memory_mask)
            c = self.keep(f"{path}.c", self.norm(f"{path}.cross_attention_norm", a + self.dropped(f"{path}.cross_attention_dropout", crossed)))
        fed = self.dropped(f"{path}.feed_forward_dropout", self.feed_forward(f"{path}.feed_forward", c, activation))
        skip = self.otherwise("skip", lambda x, c: c)(x, c)
        return self.keep(f"{path}.y", self.norm(f"{path}.feed_forward_norm", skip + fed))

    def pre_norm(self, path, x, mask, activation):
        n = self.keep(f"{path}.n", self.norm(f"{path}.attention_norm", x))
        attended = self.dropped(f"{path}.attention_dropout", self.attention(f"{path}.attention", n, n, mask))
        a = self.keep(f"{path}.a", self.otherwise("residual", lambda x: x)(x) + attended)
        m = self.keep(f"{path}.m", self.norm(f"{path}.feed_forward_norm", a))
        fed = self.dropped(f"{path}.feed_forward_dropout", self.feed_forward(f"{path}.feed_forward", m, activation))
        return self.keep(f"{path}.y", self.otherwise("second residual", lambda a: a)(a) + fed)

    def layers(self, name):
        found = {path.split(".")[1] for path in self.g if path.startswith(f"{name}.") and path.split(".")[1].isdecimal() and path.endswith((".gain", ".input"))}
        return [f"{name}.{number}" for number in sorted(found, key=int)]

    def tokens(self, ids):
        first = self.otherwise("first position", lambda: 0)()
        places = torch.arange(ids.shape[1]) + first
        table = self.otherwise("rows", lambda table: table)(self["embedding.tokens.weight"])
        return table[torch.tensor(ids)] + self["embedding.positions.weight"][places]

    def finish(self, loss):
        self.keep("loss", loss)
        (loss * float(self.g.get("dloss", 1.0))).backward()
        found = self.keep.results()
        found.pop("dloss", None)
        return found


def gelu_tanh(x):
    return F.gelu(x, approximate="tanh")


def language_model(golden, **how):
    """GPT-2 where there is a last norm, else GPT."""
    run = Run(golden, how)
    ids, targets = run.g["inputs"], torch.tensor(run.g["targets"])
    counts = torch.tensor(np.asarray(run.g.get("mask", np.ones(ids.shape)), bool))
    x = run.dropped("dropout", run.keep("embedding.x", run.tokens(ids)), "embedding_dropout")
    mask = run.otherwise("mask", lambda t: torch.ones(t, t).tril().bool())(ids.shape[1])
    block = run.pre_norm if "norm.gain" in golden else run.post_norm
    for path in run.layers("blocks"):
        x = run.otherwise("block", lambda run, plain: plain)(run, block)(path, x, mask, gelu_tanh)
    if "norm.gain" in golden and "no last norm" not in how:
        x = run.norm("norm", x)
    table = run.otherwise("head", lambda table: table)(run["embedding.tokens.weight"])
    logits = run.keep("logits", x @ table.T)
    return run.finish(run.otherwise("loss", lambda z, y, counts: F.cross_entropy(z[counts], y[counts]))(logits, targets, counts))


for subject in (GPT, GPT2):
    right(subject, "PyTorch")(language_model)


def bert(golden, **how):
    run = Run(golden, how)
    ids, segments = run.g["inputs"], torch.tensor(run.g["segments"])
    attend = run.otherwise("attend", lambda ids: torch.tensor(ids != 0))(ids)
    of_segment = run.otherwise("segments", lambda table, s: table[s])(run["segments.weight"], segments)
    x = run.keep("embedding_norm.y", run.norm("embedding_norm", run.tokens(ids) + of_segment))
    x = run.dropped("dropout", x)
    for path in run.layers("blocks"):
        x = run.post_norm(path, x, attend[:, None, None, :], F.gelu)
    loss = 0
    if "masked.bias" in golden and "targets" in golden:
        places = torch.tensor(np.asarray(run.g["mask"], bool))
        z = run.otherwise("activation", F.gelu)(run.linear("masked.transform", x[places]))
        table = run.otherwise("head", lambda table: table)(run["embedding.tokens.weight"])
        logits = run.keep("masked.logits", run.norm("masked.norm", z) @ table.T + run["masked.bias"])
        loss = loss + F.cross_entropy(logits, torch.tensor(run.g["targets"])[places])
    if "next_sentence.weight" in golden and "next_sentence" in golden:
        of = run.otherwise("pooled from", lambda x: x[:, 0])(x)
        pooled = run.keep("pooler.pooled", run.otherwise("pooler", torch.tanh)(of @ run["pooler.weight"] + run["pooler.bias"]))
        loss = loss + F.cross_entropy(pooled @ run["next_sentence.weight"] + run["next_sentence.bias"], torch.tensor(run.g["next_sentence"]))
    return run.finish(loss)


right(BERT, "PyTorch")(bert)


def sines(length, width):
    column = np.arange(width)
    angle = np.arange(length)[:, None] / 10000.0 ** (column // 2 * 2 / width)
    return np.where(column % 2 == 0, np.sin(angle), np.cos(angle))


def translator(golden, **how):
    run = Run(golden, how)
    source, target, answers = run.g["source"], run.g["target"][:, :-1], run.g["target"][:, 1:]
    table_of = run.otherwise("positions", sines)

    def embed(side, ids):
        width = run.g[f"{side}.weight"].shape[1]
        rows = run[f"{side}.weight"][torch.tensor(ids)] * run.otherwise("root", lambda width: width**0.5)(width)
        x = run.keep(f"{side}.x", rows + torch.tensor(table_of(ids.shape[1], width), dtype=torch.float32))
        return run.dropped(f"{side}.dropout", x)

    seen = torch.tensor(source != 0)[:, None, None, :]
    memory = embed("source_embedding", source)
    for path in run.layers("encoder"):
        memory = run.post_norm(path, memory, seen, F.relu)
    y, t = embed("target_embedding", target), target.shape[1]
    causal = run.otherwise("causal", lambda t: torch.ones(t, t).tril().bool())(t)
    memory_mask = run.otherwise("memory mask", lambda seen: seen)(seen)
    for path in run.layers("decoder"):
        y = run.post_norm(path, y, causal, F.relu, memory, memory_mask)
    table = run.otherwise("head", lambda table: table)(run["target_embedding.weight"])
    logits = run.keep("logits", y @ table.T)
    log_p, wanted = torch.log_softmax(logits, -1), torch.tensor(answers)
    eps = run.otherwise("smoothing", float)(run.g["smoothing"])
    first = run.otherwise("first answer", lambda: 1)()
    costs = -(1 - eps) * log_p.gather(-1, wanted[..., None])[..., 0] - eps * log_p[..., first:].mean(-1)
    return run.finish(costs[wanted != 0].mean())


right(TRANSLATOR, "PyTorch")(translator)


def lstm(golden, **how):
    run = Run(golden, how)
    ids = run.g["inputs"]
    counts = torch.tensor(np.asarray(run.g.get("mask", np.ones(ids.shape)), bool))
    x = run.dropped("embedding_dropout", run["embedding.weight"][torch.tensor(ids)])
    for number, path in enumerate(run.layers("encoder")):
        x = run.dropped("encoder.dropout", x) if number else x
        weights = [run[f"{path}.input"].T, run[f"{path}.recurrent"].T, run[f"{path}.bias"]]
        weights.append(run.otherwise("second bias", torch.zeros_like)(weights[2]))
        hidden = weights[1].shape[1]
        h, c = (torch.tensor(run.g[n][:, number]) if n in run.g else torch.zeros(len(ids), hidden) for n in "hc")
        h, c = run.otherwise("state", lambda h, c: (h, c))(h, c)
        x = run.keep(f"{path}.y.h", torch.lstm(x, (h[None].contiguous(), c[None].contiguous()), weights, True, 1, 0.0, False, False, True)[0])
    top = run.dropped("encoder_dropout", x)
    logits = run.keep("logits", top @ run["output.weight"] + run["output.bias"])
    targets = torch.tensor(run.g["targets"])
    return run.finish(run.otherwise("loss", lambda z, y, counts: F.cross_entropy(z[counts], y[counts]))(logits, targets, counts))


right(LSTM, "PyTorch")(lstm)


def tagger(golden, **how):
    """Row by row, as long as each is: two LSTMs, a linear map, and the field's loss."""
    run, parts = Run(golden, how), []
    number = run["field.first"].shape[0]
    allowed = {name: torch.tensor(mask) for name, mask in tag_schemes.allowed(number).items()}
    field = {name: run[f"field.{name}"].masked_fill(~allowed[name], -torch.inf) for name in ("transitions", "first", "last")}
    tokens, seconds = (run[f"embedding.{name}.weight"] for name in ("tokens", "features"))
    rows = torch.cat([tokens[torch.tensor(run.g["inputs"])] * torch.tensor(run.g["tokens_kept"]),
                      seconds[torch.tensor(run.g["features"])] * torch.tensor(run.g["seconds_kept"])], -1)  # fmt: skip
    x = run.dropped("embedding_dropout", rows)

    def through(way, row):
        w = [run[f"encoder.{way}.input"].T, run[f"encoder.{way}.recurrent"].T, run[f"encoder.{way}.bias"]]
        zeros = torch.zeros(1, 1, w[1].shape[1])
        return torch.lstm(row[None], (zeros, zeros), [*w, torch.zeros_like(w[2])], True, 1, 0.0, False, False, True)[0][0]

    pattern, rate = run.g.get("encoder_dropout.keep"), round(float(run.g["dropout"]) * 65536)
    for b, n in enumerate(run.g["lengths"].tolist()):
        h = torch.cat([through("forward", x[b, :n]), run.otherwise("turned back", lambda h: h.flip(0))(through("backward", x[b, :n].flip(0)))], -1)
        h = h if pattern is None else h * torch.tensor(pattern[b, :n]) * (65536 / (65536 - rate))
        e, y = h @ run["output.weight"] + run["output.bias"], run.g["tags"][b, :n]
        alpha, score = field["first"] + e[0], field["first"][y[0]] + e[0, y[0]] + field["last"][y[-1]]
        for t in range(1, n):
            alpha = e[t] + torch.logsumexp(alpha[:, None] + field["transitions"], 0)
            score = score + field["transitions"][y[t - 1], y[t]] + e[t, y[t]]
        parts.append(torch.logsumexp(alpha + field["last"], 0) - score)
    return run.finish(sum(parts) / run.otherwise("count", lambda lengths: int(lengths.sum()))(run.g["lengths"]))


right(TAGGER, "PyTorch")(tagger)


# Mistakes ---------------------------------------------------------------------------------------------------------------


def entered(subject, model, name, first, cause, says, **how):
    wrong(subject, name, first, cause, says)(lambda golden: model(golden, **how))


WEIGHTS = "blocks.0.attention.attention.weights"

entered(GPT2, language_model, "the head's gradient of the tied table lost", "embedding.tokens.dweight",
        "the head reads the table but gives it no gradient: a copy was made", r"tied|head|lost|path", head=lambda t: t.detach())  # fmt: skip
entered(GPT2, language_model, "the rows' gradient of the tied table lost", "embedding.tokens.dweight",
        "only the head's gradient of the tied table is kept: = for +=", r"tied|rows|embedding|lost|path|=", rows=lambda t: t.detach())  # fmt: skip
entered(GPT2, language_model, "the skip's gradient lost", "blocks.0.dy",
        "= for += where the residual path joins: the gradient of x comes from the attention alone", r"residual|skip|path|join|=", residual=lambda x: x.detach())  # fmt: skip
entered(GPT2, language_model, "the second skip's gradient lost", "blocks.1.da",
        "= for += where the second residual path joins: the gradient of a comes from the feed-forward alone", r"residual|skip|path|join|=", **{"second residual": lambda a: a.detach()})  # fmt: skip
entered(GPT2, language_model, "no last norm", "logits", "the norm after the last block is left out", r"norm", **{"no last norm": True})
entered(GPT2, language_model, "the next token seen", WEIGHTS, "the causal mask is off by one: a position sees the one after it",
        r"off by one|next|diagonal|causal|one too|shift", mask=lambda t: torch.ones(t, t).tril(1).bool())  # fmt: skip
entered(GPT2, language_model, "itself unseen", WEIGHTS, "the causal mask is strict: a position does not see itself",
        r"off by one|itself|diagonal|strict|causal", mask=lambda t: torch.ones(t, t).tril(-1).bool())  # fmt: skip
entered(GPT2, language_model, "no causal mask", WEIGHTS, "every position sees all others", r"mask", mask=lambda t: torch.ones(t, t).bool())
entered(GPT2, language_model, "the mask transposed", WEIGHTS, "a position sees those after it, and not those before", r"invert|transpos|upper|after|future|mask",
        mask=lambda t: torch.ones(t, t).triu().bool())  # fmt: skip
entered(GPT2, language_model, "post-norm", "blocks.0.attention.query.y", "wired as a post-norm block: the attention reads x, not norm x",
        r"norm", block=lambda run, plain: run.post_norm)  # fmt: skip
entered(GPT2, language_model, "norms exchanged", "blocks.0.n", "the block's two norms are exchanged", r"norm|exchang|swap|gain|another name|other",
        norm=lambda path: path.replace("attention_norm", "*").replace("feed_forward_norm", "attention_norm").replace("*", "feed_forward_norm"))  # fmt: skip
entered(GPT2, language_model, "erf's GELU", "blocks.0.feed_forward.active", "GELU in its exact form, where tanh's is wanted", r"erf|exact", activation=F.gelu)
entered(GPT2, language_model, "scaled by the model's width", "blocks.0.attention.attention.scores", "1 / √D, of all heads together, for 1 / √K", r"scale|√|sqrt|width|factor",
        scale=lambda width, heads: width**-0.5)  # fmt: skip
entered(GPT2, language_model, "positions from one", "embedding.x", "positions are counted from one", r"position|off by one|from one|shift", **{"first position": lambda: 1})
entered(GPT2, language_model, "targets shifted twice", "loss", "the targets are shifted again, though the batch has them shifted", r"shift",
        loss=lambda z, y, counts: F.cross_entropy(z[:, :-1][counts[:, 1:]], y[:, 1:][counts[:, 1:]]))  # fmt: skip
entered(GPT2, language_model, "mean over all positions", "loss", "the loss is divided by all positions, not by those that count", r"all|count|padd|divid|mean",
        loss=lambda z, y, counts: (F.cross_entropy(z.transpose(1, 2), y, reduction="none") * counts).mean())  # fmt: skip
entered(GPT, language_model, "pre-norm", "blocks.0.attention.query.y", "wired as a pre-norm block: the attention reads norm x, not x", r"norm", block=lambda run, plain: run.pre_norm)
entered(GPT, language_model, "the second skip from x", "blocks.0.y", "the second sum is of x, the block's input, not of a", r"skip|residual|input|x|norm", skip=lambda x, c: x)
entered(GPT, language_model, "the tied gradient lost", "embedding.tokens.dweight", "the head gives the table no gradient", r"tied|head|lost|path", head=lambda t: t.detach())
entered(BERT, bert, "no segments", "embedding_norm.y", "the segments' embedding is not added", r"segment|token.type|term|left out|not added", segments=lambda table, s: 0 * table[s])
entered(BERT, bert, "tanh's GELU", "blocks.0.feed_forward.active", "GELU in its tanh form, where erf's is wanted", r"tanh", activation=gelu_tanh)
entered(BERT, bert, "padding attended to", WEIGHTS, "the padding mask is not applied", r"mask|padd", attend=lambda ids: torch.ones(ids.shape).bool())
entered(BERT, bert, "mask inverted", WEIGHTS, "only padding may be attended to", r"invert|negat|opposite|reversed|mask", attend=lambda ids: torch.tensor(ids == 0))
entered(BERT, bert, "no tanh in the pooler", "pooler.pooled", "the pooler's tanh is left out", r"tanh", pooler=lambda z: z)
entered(BERT, bert, "pooled over the positions", "pooler.pooled", "the pooler reads the mean over the positions, not the first", r"mean|first|position|pool", **{"pooled from": lambda x: x.mean(1)})
entered(TRANSLATOR, translator, "no √D", "source_embedding.x", "the embeddings are not multiplied by √D", r"√d|sqrt|scale|factor|√", root=lambda width: 1.0)
entered(TRANSLATOR, translator, "positions in halves", "source_embedding.x", "sines in the first half, cosines in the second, not alternating", r"half|halves|interleav|alternat|permut|concat",
        positions=lambda length, width: np.concatenate([sines(length, width)[:, ::2], sines(length, width)[:, 1::2]], 1))  # fmt: skip
entered(TRANSLATOR, translator, "the source's padding attended to", "decoder.0.cross_attention.attention.weights", "the cross-attention has no mask", r"mask|padd",
        **{"memory mask": torch.ones_like})  # fmt: skip
entered(TRANSLATOR, translator, "self-attention's weights", "decoder.0.cross_attention.query.y", "the cross-attention computes with the self-attention's weights", r"weight|self|another name|other|shared|cross",
        linear=lambda path: path.replace("cross_attention", "attention"))  # fmt: skip
entered(TRANSLATOR, translator, "memory's gradient of one block", "encoder.1.dy", "= for += over the decoder's blocks: the memory gets the first one's gradient alone", r"=|path|join|block|memory|lost|overw|last",
        memory=lambda path, a, memory: memory if path == "decoder.0" else memory.detach())  # fmt: skip
entered(TRANSLATOR, translator, "no causal mask", "decoder.0.attention.attention.weights", "the decoder sees the words that it is to say", r"mask|causal", causal=lambda t: torch.ones(t, t).bool())
entered(TRANSLATOR, translator, "no smoothing", "loss", "the label smoothing is left out", r"smooth", smoothing=lambda eps: 0.0)
entered(TRANSLATOR, translator, "padding gets mass", "loss", "ε is spread over padding too", r"padd|never|all classes|mass|smooth", **{"first answer": lambda: 0})
entered(LSTM, lstm, "state not carried", "encoder.0.y.h", "each window begins from zeros, not from the state before", r"state|zero|carr|h0|initial", state=lambda h, c: (0 * h, 0 * c))
entered(LSTM, lstm, "h and c exchanged", "encoder.0.y.h", "the state is taken as (c, h)", r"exchang|swap|state|order|another", state=lambda h, c: (c, h))
entered(LSTM, lstm, "the bias as both biases", "encoder.0.y.h", "the one bias is loaded into both of PyTorch's", r"bias|twice", **{"second bias": lambda b: b})
entered(TAGGER, tagger, "mean over sentences", "loss", "the loss is divided by the sentences, not by their tokens", r"sentence|row|count|divid|mean|factor", count=len)
entered(TAGGER, tagger, "the backward LSTM's output not turned back", "loss", "what the second LSTM says of the last position is taken for the first", r"turn|order|revers|flip", **{"turned back": lambda h: h})
