"""Cases of fast.bidirectional_lstm: those of the layer."""

import dataclasses

from minilm.checking.cases.layers import bidirectional_lstm as plain
from minilm.fast import bidirectional_lstm


def cases():
    for case in plain.cases():
        name = case.name.replace("layers.", "fast.", 1)
        rule = {"forward": bidirectional_lstm.forward, "backward": bidirectional_lstm.backward}
        yield dataclasses.replace(case, name=name, **rule)
