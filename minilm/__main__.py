"""`python -m minilm` is `minilm`: what both start with. A Ctrl-C within the imports is a Ctrl-C, not a traceback."""

import sys


def main():
    try:
        from minilm.cli.main import main as command

        return command()
    except KeyboardInterrupt:
        if sys.stderr is not None:
            print("minilm: stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
