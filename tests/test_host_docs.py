"""The page about the host's API says what the code says."""

from domain.host.keys import SCOPE_DEEDS, KeyScope
from tests.test_docs import rows


def test_every_scope_is_documented_with_its_words() -> None:
    assert rows("host-api.md", "scope") == {scope: [SCOPE_DEEDS[scope]] for scope in KeyScope}
