"""Known mistakes of ops.rms_norm."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "ops.rms_norm:forward", "ops.rms_norm:backward"
RSTD, SLOPE = "1 / np.sqrt(rows.mean_product(x, x) + eps)", " - xhat * rows.mean_product(dxhat, xhat)"


def mistakes():
    return [
        one(FORWARD, "the mean is subtracted", "A layer norm without its bias was taken for RMSNorm.",
            RSTD, "1 / np.sqrt(rows.mean_product(rows.centred(x), rows.centred(x)) + eps)", ("xhat = x * rstd", "xhat = rows.centred(x) * rstd")),
        one(FORWARD, "the sum of the squares in place of their mean", "x / ‖x‖: the division by D is left out.",
            RSTD, "1 / np.sqrt(rows.dot(x, x) + eps)"),
        one(FORWARD, "eps stands outside the root", "1 / (√mean x² + eps).", RSTD, "1 / (np.sqrt(rows.mean_product(x, x)) + eps)"),
        one(FORWARD, "eps is left out", "The division has no eps.", RSTD, "1 / np.sqrt(rows.mean_product(x, x))"),
        *(one(FORWARD, f"eps is {eps}", "Another library's default eps, in place of the one that was asked for.",
              RSTD, f"1 / np.sqrt(rows.mean_product(x, x) + {eps})") for eps in ("1e-5", "1e-6", "1e-8")),
        one(FORWARD, "the root is forgotten", "The row is divided by its mean square.", RSTD, "1 / (rows.mean_product(x, x) + eps)"),
        one(FORWARD, "the gain is forgotten", "At the default gain of one nobody sees it.", 'xhat * params["gain"]', "xhat * 1.0"),
        one(FORWARD, "the gain is taken for its distance from one", "Weights that store gain - 1 (Gemma's) are read as the gain, or the other way round.",
            'xhat * params["gain"]', 'xhat * (1 + params["gain"])'),
        one(FORWARD, "the mean of the squares is the whole array's", "mean() without an axis.", RSTD, "1 / np.sqrt((x * x).mean() + eps + np.zeros_like(x[..., :1]))"),
        one(BACKWARD, "the term of the deviation is dropped", "dx = rstd · dx̂ takes the deviation for a constant.", SLOPE, ""),
        one(BACKWARD, "the term of the deviation has the wrong sign", "+ x̂ · mean(dx̂ · x̂).", SLOPE, SLOPE.replace(" - ", " + ", 1)),
        one(BACKWARD, "a sum in place of the mean", "The division by D is left out.", SLOPE, " - xhat * rows.dot(dxhat, xhat)"),
        one(BACKWARD, "layer norm's mean term is there too", "The derivative was copied from layer norm.", "dxhat - xhat", "dxhat - rows.mean(dxhat) - xhat"),
        one(BACKWARD, "the gain is forgotten in dx", "dx̂ = dy.", 'dxhat = dy * params["gain"]', "dxhat = dy * 1.0"),
        one(BACKWARD, "rstd is forgotten", "dx is not divided by the deviation.", "dx = rstd * (", "dx = 1 * ("),
        one(BACKWARD, "the gain's gradient lacks x̂", "Σ dy in place of Σ dy · x̂.", "leading.sum(dy * xhat)", "leading.sum(dy)"),
        one(BACKWARD, "the gain's gradient is taken with the gain in it", "Σ dx̂ · x̂.", "leading.sum(dy * xhat)", "leading.sum(dxhat * xhat)"),
        one(BACKWARD, "a mean in place of the sum in the gain's gradient", ".mean over the rows.", "leading.sum(dy * xhat)", "leading.sum(dy * xhat) / xhat[..., 0].size"),
    ]  # fmt: skip
