"""Facts are read out of the rows as they are in this transaction."""

from datetime import date, timedelta

import pytest

from domain.errors import Unknown
from domain.facts import Channel, Facts, Milestone, Nudged, SmsState
from domain.messages.messages import Purpose, Template
from store import Database
from store.journeys import facts
from store.messages import messages
from store.messages.messages import NewMessage
from store.people import accounts, passkeys, recovery_codes
from tests.clocks import START
from tests.factories import by_sms, make_account, make_passkey, make_recovery_codes

DAY = timedelta(days=1)
BOTH = (Channel.EMAIL, Channel.SMS)


def read(database: Database, account_id: str) -> Facts:
    with database.reading() as session:
        return facts.read(session, account_id)


def test_of_a_new_account_nothing_has_happened(database: Database, account_id: str) -> None:
    assert read(database, account_id) == Facts(channels=BOTH)


def test_of_nobody_there_are_no_facts(database: Database) -> None:
    with pytest.raises(Unknown):
        read(database, "nobody")


def test_what_the_account_itself_says_is_taken_over(database: Database) -> None:
    columns = {
        "time_zone": "Asia/Kathmandu",
        "progress_at": START,
        "exposed_at": START + DAY,
        "snoozed_until": START + 2 * DAY,
        "stuck_since": START + 3 * DAY,
        "email_verified_at": START + 4 * DAY,
        "sim_checked_at": START + 5 * DAY,
        "sim_changed_at": START + 6 * DAY,
        "sms_since": START + 7 * DAY,
        "restored_at": START + 8 * DAY,
        "capped_until": START + 9 * DAY,
        "disputed_since": START + 10 * DAY,
    }
    with database.transaction() as session:
        account_id = make_account(session, sms=SmsState.SUSPENDED, facts_version=7, **columns).account_id
    account_facts = read(database, account_id)
    assert {name: getattr(account_facts, name) for name in columns} == columns
    assert (account_facts.sms, account_facts.version) == (SmsState.SUSPENDED, 7)


@pytest.mark.parametrize(
    ("contacts", "channels"),
    [
        ({}, BOTH),
        ({"phone": None}, (Channel.EMAIL,)),
        ({"email": None}, (Channel.SMS,)),
        ({"email": None, "phone": None}, ()),
    ],
)
def test_channels_are_those_that_reach_the_person(
    database: Database, contacts: dict[str, None], channels: tuple[Channel, ...]
) -> None:
    with database.transaction() as session:
        account_id = make_account(session, **contacts).account_id
    assert read(database, account_id).channels == channels


def test_passkeys_are_counted_by_what_they_have_done(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        make_passkey(session, account_id, backed_up=True)
        make_passkey(session, account_id, used_on=[date(2026, 3, 1), date(2026, 3, 2)])
        make_passkey(session, account_id, used_on=[date(2026, 3, 2), date(2026, 3, 3)])
        make_passkey(session, account_id, used_on=[date(2026, 3, 4)], removed_at=START)
    account_facts = read(database, account_id)
    assert (
        account_facts.passkeys,
        account_facts.synced_passkeys,
        account_facts.proven_passkeys,
        account_facts.passkey_days,
    ) == (3, 1, 2, 3)


def test_passkeys_of_others_do_not_count(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        make_passkey(session, make_account(session).account_id, used_on=[START.date()])
    assert read(database, account_id).passkeys == 0


def test_without_a_proven_passkey_none_counts_from_any_time(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        make_passkey(session, account_id, **by_sms(START))
    account_facts = read(database, account_id)
    assert (account_facts.passkey_bound_at, account_facts.passkey_rooted_in_sms_at) == (None, None)


def test_the_proven_passkey_that_owes_least_to_sms_stands_for_all(
    database: Database, account_id: str
) -> None:
    today = [START.date()]
    with database.transaction() as session:
        make_passkey(session, account_id, bound_at=START - 9 * DAY)
        make_passkey(session, account_id, bound_at=START, **by_sms(START - 2 * DAY), used_on=today)
        make_passkey(session, account_id, bound_at=START, **by_sms(START - 5 * DAY), used_on=today)
    account_facts = read(database, account_id)
    assert account_facts.passkey_rooted_in_sms_at == START - 5 * DAY
    with database.transaction() as session:
        vouched_for = {"bound_at": START + DAY, "established_from": START - 3 * DAY}
        make_passkey(session, account_id, **vouched_for, used_on=today)
    account_facts = read(database, account_id)
    assert (account_facts.passkey_bound_at, account_facts.passkey_rooted_in_sms_at) == (START + DAY, None)


def test_recovery_codes_count_while_they_work(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        make_recovery_codes(session, account_id, proven=False)
    assert read(database, account_id).recovery_codes_proven is False
    with database.transaction() as session:
        digests = make_recovery_codes(session, account_id)
        code = recovery_codes.find(session, account_id, digests[0])
        assert code is not None
        recovery_codes.use(session, code, at=START)
    account_facts = read(database, account_id)
    assert (account_facts.recovery_codes_left, account_facts.recovery_codes_proven) == (7, True)


def test_only_invitations_are_counted_as_nudges_each_by_its_milestone(
    database: Database, account_id: str
) -> None:
    said = [
        ("1", Purpose.NUDGE, Milestone.PASSKEY_ENROLLED, START),
        ("2", Purpose.NUDGE, Milestone.EMAIL_VERIFIED, START + DAY),
        ("3", Purpose.NUDGE, Milestone.PASSKEY_ENROLLED, START + 2 * DAY),
        ("4", Purpose.NOTICE, None, START + 3 * DAY),
    ]
    with database.transaction() as session:
        for key, purpose, milestone, at in said:
            new = NewMessage(
                key=key,
                account_id=account_id,
                purpose=purpose,
                template=Template.SMS_NOTICE,
                channel=Channel.EMAIL,
                recipient="person@example.org",
                locale="en",
                milestone=milestone,
            )
            messages.add(session, new, at=at)
    assert read(database, account_id).nudges == (
        Nudged(milestone=Milestone.EMAIL_VERIFIED, times=1, last_at=START + DAY),
        Nudged(milestone=Milestone.PASSKEY_ENROLLED, times=2, last_at=START + 2 * DAY),
    )


def test_where_the_phone_is_at_home_counts_only_when_the_host_tells_no_time_zone(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session, phone_zone="Europe/Berlin").account_id
        assert facts.read(session, account_id).time_zone == "Europe/Berlin"
        accounts.lock(session, account_id).time_zone = "Asia/Kathmandu"
        assert facts.read(session, account_id).time_zone == "Asia/Kathmandu"


def test_a_frozen_passkey_counts_for_nothing(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        make_passkey(session, account_id, used_on=[START.date()], frozen_at=START)
    account_facts = read(database, account_id)
    assert (account_facts.passkeys, account_facts.proven_passkeys, account_facts.passkey_days) == (0, 0, 0)


def test_facts_see_what_the_same_transaction_has_changed(database: Database, account_id: str) -> None:
    with database.transaction() as session:
        accounts.get(session, account_id).email_verified_at = START
        passkeys.remove(session, make_passkey(session, account_id), at=START)
        account_facts = facts.read(session, account_id)
    assert (account_facts.email_verified_at, account_facts.passkeys) == (START, 0)
