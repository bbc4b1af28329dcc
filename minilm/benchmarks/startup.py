"""What `import minilm` costs in a fresh interpreter, beside `import numpy`; the floor is the interpreter itself."""

import subprocess
import sys

UNIT = "start"


def ours():
    return starting("-c", "import minilm")


def peers():
    return {"import numpy": lambda: starting("-c", "import numpy")}


def floor():
    return starting("-c", "pass")


def starting(*arguments):
    """A run that starts an interpreter and waits for its end."""

    def run():
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)

    return run
