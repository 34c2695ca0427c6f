"""`python -m offramp` is `offramp`."""

from offramp.cli import run

if __name__ == "__main__":
    run()
