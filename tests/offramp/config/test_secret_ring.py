"""Which secret keys there are: one, a list, or development's own; and what is wrong with them, without showing one."""

import threading
from pathlib import Path

import pytest

from domain.safety.secret_keys import key_id
from offramp.config.secret_ring import SecretRing, has_ring, new_key, own_file, put_in_front, read_ring
from offramp.config.settings import Mode, NotConfigured, Settings, key_problems
from offramp.wiring import make_seal, secret_ring
from providers.sealing import FernetSeal
from tests.rings import NEW, OLD


def test_one_key_is_a_ring_of_one(settings: Settings) -> None:
    assert read_ring(settings.model_copy(update={"secret_key": OLD})).keys == (OLD,)


@pytest.mark.parametrize(
    "listed", [f"{NEW},{OLD}", f"{NEW}\n{OLD}\n", f" {NEW} , {OLD} ", f"\n{NEW},\n{OLD},\n"]
)
def test_a_list_is_read_newest_first(home: Path, monkeypatch: pytest.MonkeyPatch, listed: str) -> None:
    del home
    monkeypatch.setenv("OFFRAMP_SECRET_KEYS", listed)
    assert read_ring(Settings()).keys == (NEW, OLD)


@pytest.mark.parametrize(
    ("key", "keys", "is_well"), [(OLD, OLD, True), (OLD, f"{NEW},{OLD}", False), (OLD, NEW, False)]
)
def test_both_settings_together_have_to_say_the_same(
    home: Path, monkeypatch: pytest.MonkeyPatch, key: str, keys: str, *, is_well: bool
) -> None:
    del home
    monkeypatch.setenv("OFFRAMP_SECRET_KEY", key)
    monkeypatch.setenv("OFFRAMP_SECRET_KEYS", keys)
    problems = [problem for problem in Settings().problems() if "both given" in problem]
    assert bool(problems) is not is_well
    assert not any(OLD in problem or NEW in problem for problem in problems)


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ((), "must be given"),
        (("s" * 31,), "OFFRAMP_SECRET_KEY must have 32 characters or more; it has 31"),
        ((NEW, "s" * 31), "key 2 of OFFRAMP_SECRET_KEYS must have 32 characters or more; it has 31"),
        ((NEW, OLD, NEW), "names a key twice"),
    ],
)
def test_what_is_wrong_with_keys_is_said_by_their_place(keys: tuple[str, ...], complaint: str) -> None:
    (problem,) = key_problems(keys, is_needed=True)
    assert complaint in problem
    assert not any(key in problem for key in keys)


def test_keys_of_one_id_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offramp.config.settings.key_id", lambda _: "0000000a")
    (problem,) = key_problems((NEW, OLD), is_needed=True)
    assert "the same id" in problem


def test_development_needs_no_key_and_production_does(settings: Settings) -> None:
    assert key_problems((), is_needed=False) == []
    production = settings.model_copy(update={"mode": Mode.PRODUCTION})
    assert not has_ring(production)
    with pytest.raises(NotConfigured, match="OFFRAMP_SECRET_KEY"):
        read_ring(production)


def test_a_ring_is_not_made_by_asking_whether_there_is_one(settings: Settings, home: Path) -> None:
    assert not has_ring(settings)
    assert not home.exists()
    read_ring(settings)
    assert has_ring(settings)


def test_development_puts_a_new_key_in_front_of_its_own(settings: Settings, home: Path) -> None:
    (old,) = read_ring(settings).keys
    own = own_file(settings)
    assert own == home / "secret"
    new = new_key()
    assert put_in_front(own, new).keys == (new, old)
    assert read_ring(settings).keys == (new, old)
    assert own.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in home.iterdir()] == ["secret"]


def test_whoever_reads_while_a_key_is_put_in_front_reads_a_whole_ring(settings: Settings) -> None:
    (old,) = read_ring(settings).keys
    own = own_file(settings)
    assert own
    read: list[tuple[str, ...]] = []
    turning = threading.Thread(target=lambda: [put_in_front(own, new_key()) for _ in range(20)])
    turning.start()
    while turning.is_alive():
        read.append(read_ring(settings).keys)
    turning.join()
    assert all(keys[-1] == old for keys in read)
    assert len(read_ring(settings).keys) == 21


def test_a_ring_shows_no_key_and_its_ids_are_those_of_its_keys() -> None:
    ring = SecretRing(keys=(NEW, OLD))
    assert ring.ids == (key_id(NEW), key_id(OLD))
    assert NEW not in repr(ring)
    assert NEW not in repr(ring.peppers)


def test_a_leaked_key_finds_codes_and_opens_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    del home
    monkeypatch.setenv("OFFRAMP_SECRET_KEYS", NEW)
    monkeypatch.setenv("OFFRAMP_SECRET_KEYS_FOR_CODES", OLD)
    ring = secret_ring(Settings())
    assert ring.ids == (key_id(NEW), key_id(OLD))
    kept = SecretRing(keys=(OLD,)).peppers.digest(context="recovery:ada", code="code").digest
    assert kept in ring.peppers.candidates(context="recovery:ada", code="code")
    with pytest.raises(ValueError, match="another key"):
        make_seal(Settings()).open(FernetSeal(OLD).close("an objection"))


def test_a_leaked_key_is_checked_as_the_others_are() -> None:
    (problem,) = key_problems((NEW,), ("s" * 31,), is_needed=True)
    assert "key 1 of OFFRAMP_SECRET_KEYS_FOR_CODES" in problem
    (problem,) = key_problems((NEW,), (NEW,), is_needed=True)
    assert "twice" in problem
