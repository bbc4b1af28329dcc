"""What `minilm --help` takes; the floor is an interpreter that does nothing."""

from minilm.benchmarks import startup

UNIT = "start"


def ours():
    return startup.starting("-m", "minilm", "--help")


def peers():
    return {}


floor = startup.floor
