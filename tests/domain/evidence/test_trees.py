"""The tree over a day's entries: every leaf has a path to the root, and nothing else has."""

from hashlib import sha256

import pytest

from domain.evidence.trees import SIZE, HashTree, index_of, root_of


def make_leaves(count: int) -> bytes:
    return b"".join(sha256(str(number).encode()).digest() for number in range(count))


def leaf_at(leaves: bytes, index: int) -> bytes:
    return leaves[index * SIZE : (index + 1) * SIZE]


def split_root(leaves: bytes) -> bytes:
    """The root as RFC 6962, 2.1 defines it: split at the largest power of two below the size."""
    count = len(leaves) // SIZE
    if count == 0:
        return sha256().digest()
    if count == 1:
        return leaves
    half = 1 << (count - 1).bit_length() - 1
    left, right = split_root(leaves[: half * SIZE]), split_root(leaves[half * SIZE :])
    return sha256(b"\x01" + left + right).digest()


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 100])
def test_the_root_is_that_of_the_standard_and_every_leaf_leads_to_it(count: int) -> None:
    leaves = make_leaves(count)
    tree = HashTree(leaves)
    assert tree.root == split_root(leaves)
    for index in range(count):
        path = tree.path(index)
        assert root_of(leaf_at(leaves, index), path, index=index, size=count) == tree.root


def test_a_leaf_leads_nowhere_from_another_place_or_by_another_path() -> None:
    leaves = make_leaves(6)
    tree = HashTree(leaves)
    third, path = leaf_at(leaves, 2), tree.path(2)
    for index in (0, 1, 3, 4, 5):
        assert root_of(third, path, index=index, size=6) != tree.root
    assert root_of(third, path[:-1], index=2, size=6) is None
    assert root_of(third, [*path, third], index=2, size=6) is None
    assert root_of(third, path, index=6, size=6) is None
    assert root_of(third, path, index=-1, size=6) is None
    assert root_of(leaf_at(leaves, 3), path, index=2, size=6) != tree.root


def test_a_leaf_is_found_in_its_place_alone() -> None:
    leaves = make_leaves(5)
    assert index_of(leaves, leaf_at(leaves, 3)) == 3
    assert index_of(leaves, leaf_at(leaves, 3), since=3) == 3
    assert index_of(leaves, leaf_at(leaves, 3), since=4) is None
    across = leaves[SIZE // 2 : SIZE // 2 + SIZE]
    assert index_of(leaves, across) is None
    assert index_of(across + leaves, leaves[:SIZE]) == 1
