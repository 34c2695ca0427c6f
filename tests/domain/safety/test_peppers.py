"""Codes are kept under the newest pepper, and found under each."""

from domain.codes import is_any, keyed_digest
from domain.safety.peppers import Pepper, PepperRing, pepper_of

OLD, NEW = pepper_of("o" * 40, "0000000a"), pepper_of("n" * 40, "0000000b")


def ring(*peppers: Pepper) -> PepperRing:
    return PepperRing(peppers=peppers)


def test_the_pepper_of_a_key_is_the_one_that_it_was_before_there_were_rings() -> None:
    assert OLD.secret.hex() == "07a9fd5e85e8b519b262ef3f3f5c8e0f608cba4bcb32572ab771255bb1f01ef5"


def test_what_is_kept_names_the_newest_key() -> None:
    kept = ring(NEW, OLD).digest(context="account-1", code="123456")
    assert kept.key_id == NEW.key_id == ring(NEW, OLD).key_id
    assert kept.digest == keyed_digest(NEW.secret, context="account-1", code="123456")


def test_what_was_kept_under_any_key_is_found_in_either_order() -> None:
    kept = ring(OLD).digest(context="account-1", code="123456").digest
    for peppers in ((NEW, OLD), (OLD, NEW), (OLD,)):
        assert is_any(kept, ring(*peppers).candidates(context="account-1", code="123456"))
        assert not is_any(kept, ring(*peppers).candidates(context="account-1", code="123457"))
        assert not is_any(kept, ring(*peppers).candidates(context="account-2", code="123456"))


def test_what_hangs_on_a_key_that_is_gone_is_not_found() -> None:
    kept = ring(OLD).digest(context="account-1", code="123456").digest
    assert not is_any(kept, ring(NEW).candidates(context="account-1", code="123456"))


def test_a_pepper_does_not_show() -> None:
    assert OLD.secret.hex() not in repr(ring(OLD))
    assert repr(OLD.secret) not in repr(ring(OLD))
