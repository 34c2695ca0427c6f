"""Whatever hangs on a secret key has a name, for one and for many."""

import pytest

from domain.safety.secret_keys import Hanging
from offramp.views.hanging_words import hanging_words, words


@pytest.mark.parametrize("kind", Hanging)
def test_every_kind_is_named_for_one_and_for_many(kind: Hanging) -> None:
    assert words(kind, 1) != words(kind, 2)
    assert hanging_words({kind: 2}) == f"2 {words(kind)}"
