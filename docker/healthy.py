"""Says by its exit code whether an address answers well: what a container is asked about its health."""

import sys
import urllib.error
import urllib.request

_PATIENCE_SECONDS = 4


def answers(address: str) -> bool:
    """Whether it answers, and with success."""
    try:
        with urllib.request.urlopen(address, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(not answers(sys.argv[1]))
