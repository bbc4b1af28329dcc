"""Known mistakes of layers.lstm."""

from minilm.checking.mistakes.mistake import one

FORWARD, BACKWARD = "layers.lstm:forward", "layers.lstm:backward"
Z = 'projected[t] + h[t] @ params["recurrent"]'


def mistakes():
    return [
        one(FORWARD, "the state is not carried from step to step", "Each step begins from h0 and c0 again.", Z, 'projected[t] + h0 @ params["recurrent"]', ("lstm_gates.forward(z, c[t])", "lstm_gates.forward(z, c0)")),
        one(FORWARD, "the memory is not carried from step to step", "c0 at each step: h alone goes on.", "lstm_gates.forward(z, c[t])", "lstm_gates.forward(z, c0)"),
        one(FORWARD, "the initial state is not read", "h0 and c0 never arrive, and zeros stand in their place.", "h[0], c[0] = h0, c0", "h[0], c[0] = 0 * h0, 0 * c0"),
        one(FORWARD, "h0 and c0 are each in the other's place", "The state is handed over in the wrong order.", "h[0], c[0] = h0, c0", "h[0], c[0] = c0, h0"),
        one(FORWARD, "the steps go from the end", "The sequence is read backwards, as the second direction of a bidirectional LSTM does.", 'projected[t] + h[t]', "projected[positions - 1 - t] + h[t]"),
        one(FORWARD, "batch and positions are mixed up", "batch_first: (B, T, D) is read as (T, B, D).", "x.swapaxes(0, 1).reshape(-1, width)", "x.reshape(-1, width)"),
        one(FORWARD, "the last state is the one before the last", "h[-2]: off by one.", '"h_last": h[-1]', '"h_last": h[-2]'),
        one(FORWARD, "the outputs are those before each step", "h[:-1]: off by one.", '{"h": h[1:].swapaxes(0, 1)', '{"h": h[:-1].swapaxes(0, 1)'),
        one(BACKWARD, "the last state's gradient is dropped", "h_last has a gradient of its own beside the outputs'.", 'dy.get("h_last", 0), dy.get("c_last", 0)', '0, dy.get("c_last", 0)'),
        one(BACKWARD, "the last memory's gradient is dropped", "c_last has a gradient of its own.", 'dy.get("h_last", 0), dy.get("c_last", 0)', 'dy.get("h_last", 0), 0'),
        one(BACKWARD, "both last states' gradients are dropped", "Only the outputs' gradients are read.", 'dy.get("h_last", 0), dy.get("c_last", 0)', "0, 0"),
        one(BACKWARD, "h's way back in time is lost", "= for +=: of h's two gradients only the output's stays, so that one step is right and many are not.",
            'dh_later[t + 1] + dy["h"][:, t] if "h" in dy', 'dy["h"][:, t] if "h" in dy'),
        one(BACKWARD, "the outputs' gradients are dropped but for the last", "Only what comes from the end goes back in time.",
            'dh_later[t + 1] + dy["h"][:, t] if "h" in dy', 'dh_later[t + 1] + (dy["h"][:, t] if t == positions - 1 else 0) if "h" in dy'),
        one(BACKWARD, "the memory's way back in time is lost", "dc of the next step is dropped.", '{"h": dh, "c": dc[t + 1]}', '{"h": dh, "c": dc[t + 1] if t == positions - 1 else 0 * dc[t + 1]}'),
        one(BACKWARD, "the recurrent matrix meets h of t, not of t - 1", "h[1:] in place of h[:-1].", "h[:-1].reshape(-1, hidden)", "h[1:].reshape(-1, hidden)"),
        one(BACKWARD, "the recurrent matrix is not transposed in time", "dz U in place of dz Uᵀ, for the square part of it.", "dz[t] @ transposed", "np.concatenate([dz[t][:, k * hidden : (k + 1) * hidden] @ params['recurrent'][:, k * hidden : (k + 1) * hidden] for k in range(4)], -1).reshape(batch, 4, hidden).sum(1)"),
        one(BACKWARD, "the parameters' gradients are the first step's", "= for += in the loop over the steps, which goes backwards.",
            '{"input": flat.T @ dz_flat, "recurrent": before.T @ dz_flat, "bias": leading.sum(dz_flat)}',
            '{"input": flat[:batch].T @ dz[0], "recurrent": h[0].T @ dz[0], "bias": leading.sum(dz[0])}'),
        one(BACKWARD, "the parameters' gradients are the last step's", "= for += in the loop over the steps.",
            '{"input": flat.T @ dz_flat, "recurrent": before.T @ dz_flat, "bias": leading.sum(dz_flat)}',
            '{"input": flat[-batch:].T @ dz[-1], "recurrent": h[-2].T @ dz[-1], "bias": leading.sum(dz[-1])}'),
        one(BACKWARD, "the parameters' gradients are means over the steps", "Divided by the number of steps.",
            '{"input": flat.T @ dz_flat, "recurrent": before.T @ dz_flat, "bias": leading.sum(dz_flat)}',
            '{"input": flat.T @ dz_flat / positions, "recurrent": before.T @ dz_flat / positions, "bias": leading.sum(dz_flat) / positions}'),
    ]  # fmt: skip
