"""Who is in a crowd: by shares, by seed, and with contacts that belong to nobody."""

from collections import Counter

import pytest

from offramp.config.settings import NotConfigured
from offramp.crowd.attacks import ATTACKS
from offramp.crowd.kinds import ATTACKERS, PARTS, PersonKind, apportion
from offramp.crowd.lives import LIVES
from offramp.crowd.plan import MOST, draw, phone
from providers.contacts import email_address, phone_number
from tests.test_docs import rows


def test_the_same_seed_gives_the_same_people_and_another_one_others() -> None:
    assert draw(50, seed=7) == draw(50, seed=7)
    assert [person.kind for person in draw(50, seed=7)] != [person.kind for person in draw(50, seed=8)]


def test_shares_come_to_a_hundred_and_every_kind_has_its_story() -> None:
    assert sum(part.share for part in PARTS.values()) == 100
    assert set(PARTS) == set(LIVES) == set(PersonKind)


def test_the_documented_kinds_are_those_that_there_are() -> None:
    tables = rows("crowd.md", "who") | rows("crowd.md", "attacker")
    documented = {kind: (int(share), story) for kind, (share, story) in tables.items()}
    assert documented == {kind: (part.share, part.story) for kind, part in PARTS.items()}


def test_seven_kinds_attack_and_each_attacks_somebody_who_is_told_by_e_mail() -> None:
    assert len(ATTACKERS) == 7
    assert set(ATTACKERS) == {*ATTACKS, PersonKind.SIM_HOLDER}
    people = [person for person in draw(200, seed=3) if person.kind in ATTACKERS]
    assert all(person.is_told_elsewhere for person in people)


@pytest.mark.parametrize("people", [26, 100, 500])
def test_there_is_somebody_of_every_kind(people: int) -> None:
    counts = apportion(people)
    assert sum(counts.values()) == people
    assert min(counts.values()) >= 1


def test_a_large_crowd_keeps_to_the_shares() -> None:
    assert all(abs(times / 20 - PARTS[kind].share) < 0.5 for kind, times in apportion(2000).items())


def test_a_very_small_crowd_is_of_the_largest_kinds() -> None:
    assert {kind for kind, times in apportion(2).items() if times} == {PersonKind.SWIFT, PersonKind.LAZY}


def test_the_next_crowd_goes_on_where_the_last_one_ended() -> None:
    earlier, later = draw(30, seed=1), draw(30, seed=1, first=31)
    people = [*earlier, *later]
    for field in ("external_id", "phone", "email"):
        assert len({getattr(person, field) for person in people}) == 60
    assert Counter(person.kind for person in earlier) == Counter(person.kind for person in later)


def test_everybody_has_a_number_of_their_own_that_can_be_imported() -> None:
    numbers = {phone(number) for number in range(1, MOST + 1)}
    assert len(numbers) == MOST
    assert all(phone_number(number) == number for number in sorted(numbers)[::97])
    assert all(email_address(person.email) == person.email for person in draw(16, seed=1))


def test_people_come_one_after_another_at_the_pace() -> None:
    arrivals = [person.arrives.total_seconds() for person in draw(5, seed=1, pace=2)]
    assert arrivals == [0, 0.5, 1, 1.5, 2]


def test_more_people_than_there_are_numbers_are_refused() -> None:
    with pytest.raises(NotConfigured, match="begin with an empty OFFRAMP_HOME"):
        draw(20, seed=1, first=MOST - 10)
