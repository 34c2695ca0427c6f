"""What lies sealed: the newest key closes, every key of the ring opens, and nobody else does."""

import pytest

from providers.sealing import FernetSeal
from tests.rings import NEW, OLD, STRANGE

OF_BEFORE = (
    b"gAAAAABrDdMdTzsJqnJ0rmMROq5cg-gGLGjNRTSSMieWo158_eak94MITEQPXozZWnvMPko1TvaRbd13PaX4WrdnENQllyIhKg=="
)
"""`a code` as it was sealed by `OLD` before there were rings."""


def test_what_was_sealed_before_there_were_rings_opens() -> None:
    assert FernetSeal(OLD).open(OF_BEFORE) == "a code"
    assert FernetSeal(NEW, OLD).open(OF_BEFORE) == "a code"


@pytest.mark.parametrize("keys", [(NEW, OLD), (OLD, NEW)])
def test_each_key_opens_in_either_order(keys: tuple[str, str]) -> None:
    for key in keys:
        assert FernetSeal(*keys).open(FernetSeal(key).close("a code")) == "a code"


def test_the_newest_key_closes() -> None:
    sealed = FernetSeal(NEW, OLD).close("a code")
    assert FernetSeal(NEW).open(sealed) == "a code"
    with pytest.raises(ValueError, match="another key"):
        FernetSeal(OLD).open(sealed)


def test_a_key_that_is_gone_opens_nothing() -> None:
    seal, strange = FernetSeal(NEW, OLD), FernetSeal(STRANGE).close("a code")
    with pytest.raises(ValueError, match="another key"):
        seal.open(strange)
    with pytest.raises(ValueError, match="another key"):
        seal.close_again(strange)
    assert seal.place_of(strange) is None


def test_what_is_closed_again_opens_without_the_former_key() -> None:
    seal, sealed = FernetSeal(NEW, OLD), FernetSeal(OLD).close("a code")
    assert seal.place_of(sealed) == 1
    again = seal.close_again(sealed)
    assert seal.place_of(again) == 0
    assert FernetSeal(NEW).open(again) == "a code"
