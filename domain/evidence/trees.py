"""A hash tree over the entries of one day (RFC 6962, 2.1): one root for all, and a short path from each to the root."""

from collections.abc import Sequence
from hashlib import sha256

SIZE = 32
"""Bytes of a digest."""

_NODE = b"\x01"


class HashTree:
    """The tree over leaves that stand one behind the other. A node without a sibling rises as it is."""

    def __init__(self, leaves: bytes) -> None:
        self._levels = [leaves]
        while len(self._levels[-1]) > SIZE:
            self._levels.append(_above(self._levels[-1]))

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return len(self._levels[0]) // SIZE

    @property
    def root(self) -> bytes:
        """The digest of all leaves in their order; that of nothing, if there are none."""
        return self._levels[-1] or sha256().digest()

    def path(self, index: int) -> list[bytes]:
        """The siblings on the way from a leaf to the root."""
        siblings = []
        for level in self._levels[:-1]:
            sibling = _at(level, index ^ 1)
            if sibling:
                siblings.append(sibling)
            index //= 2
        return siblings


def root_of(leaf: bytes, path: Sequence[bytes], *, index: int, size: int) -> bytes | None:
    """The root of a tree of some size that a path leads to from the leaf of an index; None if it leads nowhere."""
    if not 0 <= index < size:
        return None
    siblings, node = iter(path), leaf
    while size > 1:
        if index % 2 or index + 1 < size:
            sibling = next(siblings, None)
            if sibling is None:
                return None
            node = _joined(sibling, node) if index % 2 else _joined(node, sibling)
        index, size = index // 2, (size + 1) // 2
    return node if next(siblings, None) is None else None


def index_of(leaves: bytes, leaf: bytes, *, since: int = 0) -> int | None:
    """Where a leaf stands, looked for from an index on; None if it is not there."""
    at = leaves.find(leaf, since * SIZE)
    while at > 0 and at % SIZE:
        at = leaves.find(leaf, at + 1)
    return at // SIZE if at >= 0 else None


def _above(level: bytes) -> bytes:
    nodes = bytearray()
    for start in range(0, len(level), 2 * SIZE):
        left, right = level[start : start + SIZE], level[start + SIZE : start + 2 * SIZE]
        nodes += _joined(left, right) if right else left
    return bytes(nodes)


def _at(level: bytes, index: int) -> bytes:
    return level[index * SIZE : (index + 1) * SIZE]


def _joined(left: bytes, right: bytes) -> bytes:
    return sha256(_NODE + left + right).digest()
