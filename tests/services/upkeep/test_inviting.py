"""Who is invited to a check-up, when, and never twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from activities.gates import Pointless, Skip, Wait, gate
from domain.errors import BudgetSpent
from domain.facts import Channel, SmsState
from domain.journal import EventKind
from domain.journey import JourneyOutcome
from domain.messages.messages import Fate, MessageState, Purpose, Template
from domain.policy import Policy
from domain.presets import STANDARD
from domain.rollouts.rollout import Stage, Standing
from domain.switches import Switch
from domain.upkeep.check_ups import FIRST_AFTER, LOOKED_AGAIN_AFTER
from domain.upkeep.possessions import Possessions
from services.upkeep import inviting
from services.upkeep.inviting import AFTER_TROUBLE, PAUSED_FOR, invite_due
from store import Database, Session
from store.journeys import check_ups, facts, journeys, policies, possessions
from store.journeys.check_ups import CheckUp
from store.messages import contact_faults, messages
from store.messages.message_facts import HeldBack
from store.messages.messages import Message
from store.people import accounts, journal, passkeys
from store.rights import traces
from store.rollouts import cohorts
from tests.clocks import START, FakeClock
from tests.factories import (
    keep_cohort,
    make_account,
    make_journey,
    make_member,
    make_passkey,
    make_policy,
    make_recovery_codes,
    put_sms,
)
from tests.store.racing import at_once
from tests.switches import resume, stop

DAY = timedelta(days=1)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
YEAR = 365 * DAY


@pytest.fixture
def clock() -> FakeClock:
    """Noon, some months after the beginning."""
    return FakeClock(NOON)


def make_done(
    session: Session,
    policy: Policy = STANDARD,
    *,
    at: datetime = NOON,
    has_codes: bool = True,
    **changes: Any,
) -> str:
    """Somebody whose codes were removed 28 days ago, with a synced passkey of now and codes on paper."""
    account_id = make_account(session, email_verified_at=START, **changes).account_id
    make_journey(session, account_id, policy)
    make_passkey(session, account_id, backed_up=True, backup_eligible=True, last_used_at=at)
    if has_codes:
        make_recovery_codes(session, account_id)
    put_sms(session, accounts.get(session, account_id), SmsState.REMOVED, at=at - FIRST_AFTER)
    check_ups.schedule(session, account_id, due_at=at)
    return account_id


def add_done(database: Database, policy: Policy = STANDARD, **changes: Any) -> str:
    with database.transaction() as session:
        return make_done(session, policy, **changes)


def row_of(database: Database, account_id: str) -> CheckUp:
    with database.reading() as session:
        row = check_ups.find(session, account_id)
    assert row
    return row


def invitations(database: Database, account_id: str) -> list[Message]:
    with database.reading() as session:
        sent = messages.of_account(session, account_id)
    return [message for message in sent if message.template == Template.NUDGE_CHECK_UP]


def test_the_first_check_up_comes_28_days_after_the_end_and_the_next_after_the_policys_time(
    database: Database, clock: FakeClock
) -> None:
    account_id = add_done(database)
    clock.set(NOON - timedelta(seconds=1))
    invite_due(database, clock)
    assert invitations(database, account_id) == []
    clock.set(NOON)
    invite_due(database, clock)
    (invitation,) = invitations(database, account_id)
    assert (invitation.purpose, invitation.channel) == (Purpose.NUDGE, Channel.EMAIL)
    assert invitation.values == {"ordinal": "1", "hangs": "none"}
    row = row_of(database, account_id)
    assert (row.round, row.invited_at, row.due_at) == (1, NOON, NOON + LOOKED_AGAIN_AFTER)
    with database.reading() as session:
        kinds = [entry.kind for entry in journal.of_account(session, account_id)]
        assert facts.read(session, account_id).nudges == ()
    assert kinds.count(EventKind.CHECK_UP_ASKED) == 1


def test_nobody_is_invited_twice_however_often_one_looks(database: Database, clock: FakeClock) -> None:
    account_id = add_done(database)
    for _ in range(3):
        invite_due(database, clock)
    assert len(invitations(database, account_id)) == 1


def test_a_later_check_up_without_anything_to_ask_is_put_off_to_the_next(
    database: Database, clock: FakeClock
) -> None:
    account_id = add_done(database)
    invite_due(database, clock)
    clock.set(NOON + YEAR)
    with database.transaction() as session:
        for passkey in passkeys.active(session, account_id):
            passkeys.note_use(session, passkey, at=clock(), day=clock().date())
    invite_due(database, clock)
    row = row_of(database, account_id)
    assert (row.round, row.due_at) == (1, NOON + 2 * YEAR)
    clock.set(NOON + 2 * YEAR)  # by then the device has not been used for a year
    invite_due(database, clock)
    assert [message.values["ordinal"] for message in invitations(database, account_id)] == ["2", "1"]


def test_whoever_has_only_a_phone_reads_that_in_the_letter(database: Database, clock: FakeClock) -> None:
    with database.transaction() as session:
        account_id = make_done(session, has_codes=False)
        synced = passkeys.active(session, account_id)[0]
        make_passkey(session, account_id, platform="Android phone", last_used_at=NOON)
        passkeys.remove(session, synced, at=START)
    invite_due(database, clock)
    assert invitations(database, account_id)[0].values["hangs"] == "phone"


def test_a_policy_without_check_ups_asks_nobody_and_one_with_them_asks_later(
    database: Database, clock: FakeClock
) -> None:
    account_id = add_done(database, make_policy(check_up_every=timedelta()))
    invite_due(database, clock)
    assert invitations(database, account_id) == []
    assert row_of(database, account_id).due_at == NOON + LOOKED_AGAIN_AFTER
    with database.transaction() as session:
        journeys.renew(session, account_id, policies.store(session, STANDARD, at=NOON))
    clock.set(NOON + LOOKED_AGAIN_AFTER)
    invite_due(database, clock)
    assert len(invitations(database, account_id)) == 1


def test_nobody_is_invited_at_night(database: Database, clock: FakeClock) -> None:
    account_id = add_done(database, make_policy(jitter=timedelta()), time_zone="America/New_York")
    invite_due(database, clock)
    assert invitations(database, account_id) == []
    nine_in_new_york = NOON + timedelta(hours=1)
    assert row_of(database, account_id).due_at == nine_in_new_york
    clock.set(nine_in_new_york)
    invite_due(database, clock)
    assert len(invitations(database, account_id)) == 1


def test_whoever_wants_no_reminders_by_e_mail_is_invited_by_text_and_by_none_if_by_none(
    database: Database, clock: FakeClock
) -> None:
    by_text, by_none = add_done(database), add_done(database)
    with database.transaction() as session:
        for account_id, channels in ((by_text, [Channel.EMAIL]), (by_none, list(Channel))):
            known = contact_faults.contacts(accounts.get(session, account_id))
            for channel in channels:
                contact_faults.note(
                    session,
                    account_id,
                    channel,
                    contact=known[channel],
                    fate=Fate.UNSUBSCRIBED,
                    reason="link",
                    at=START,
                )
    invite_due(database, clock)
    assert [message.channel for message in invitations(database, by_text)] == [Channel.SMS]
    assert invitations(database, by_none) == []
    assert row_of(database, by_none).due_at == NOON + LOOKED_AGAIN_AFTER


def test_a_contact_that_had_enough_reminders_is_left_alone_until_it_may_have_another(
    database: Database, clock: FakeClock
) -> None:
    policy = make_policy(cap=1, cap_window=7 * DAY)
    first, second = (add_done(database, policy, email="both@example.org") for _ in range(2))
    invite_due(database, clock)
    assert [len(invitations(database, account_id)) for account_id in (first, second)] == [1, 0]
    assert row_of(database, second).due_at == NOON + 7 * DAY


def test_whoever_has_used_up_the_budget_of_a_day_is_invited_when_it_is_free_again(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id = add_done(database)
    until = NOON + timedelta(hours=3)

    def refuse(*_: Any, **__: Any) -> bool:
        raise BudgetSpent(at=NOON, until=until)

    monkeypatch.setattr(messages, "add", refuse)
    invite_due(database, clock)
    assert row_of(database, account_id).due_at == until
    assert row_of(database, account_id).round == 0


@pytest.mark.parametrize(
    "trouble", [{"deactivated_at": START}, {"disputed_since": START}, {"rests_until": NOON + PAUSED_FOR}]
)
def test_an_account_that_is_left_alone_is_looked_at_again(
    database: Database, clock: FakeClock, trouble: dict[str, Any]
) -> None:
    account_id = add_done(database, **trouble)
    invite_due(database, clock)
    assert invitations(database, account_id) == []
    assert row_of(database, account_id).due_at == NOON + PAUSED_FOR


def test_while_nudges_are_stopped_nobody_is_invited_and_afterwards_they_are(
    database: Database, clock: FakeClock
) -> None:
    account_id = add_done(database)
    stop(database, Switch.NUDGES)
    invite_due(database, clock)
    assert invitations(database, account_id) == []
    resume(database, Switch.NUDGES)
    clock.set(NOON + PAUSED_FOR)
    invite_due(database, clock)
    assert len(invitations(database, account_id)) == 1


def test_a_paused_cohort_invites_nobody_and_one_that_was_given_up_does(
    database: Database, clock: FakeClock
) -> None:
    account_id = add_done(database)
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        make_member(session, cohort_id, account_id)
        cohorts.stand(session, cohort_id, Standing(stage=Stage.PAUSED, version=2))
    invite_due(database, clock)
    assert invitations(database, account_id) == []
    with database.transaction() as session:
        cohorts.stand(session, cohort_id, Standing(stage=Stage.ABORTED, version=3))
    clock.set(NOON + PAUSED_FOR)
    invite_due(database, clock)
    assert len(invitations(database, account_id)) == 1


def test_codes_that_came_back_end_the_check_ups_until_they_are_removed_again(
    database: Database, clock: FakeClock
) -> None:
    account_id = add_done(database)
    with database.transaction() as session:
        put_sms(session, accounts.get(session, account_id), SmsState.ON, at=NOON)
    invite_due(database, clock)
    assert row_of(database, account_id).due_at is None
    with database.transaction() as session:
        put_sms(session, accounts.get(session, account_id), SmsState.REMOVED, at=NOON)
        check_ups.schedule(session, account_id, due_at=NOON)  # as a migration does, which knows no time
    invite_due(database, clock)
    assert row_of(database, account_id).due_at == NOON + FIRST_AFTER


def test_a_pass_that_dies_goes_on_where_it_was(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_ids = [add_done(database) for _ in range(3)]
    invite, invited = inviting._invite, []

    def invite_and_die(*arguments: Any, **named: Any) -> None:
        invite(*arguments, **named)
        invited.append(named)
        if len(invited) == 2:
            raise KeyboardInterrupt  # before the commit, as a kill would

    with monkeypatch.context() as patched:
        patched.setattr(inviting, "_invite", invite_and_die)
        with pytest.raises(KeyboardInterrupt):
            invite_due(database, clock)
    assert sum(len(invitations(database, account_id)) for account_id in account_ids) == 1
    invite_due(database, clock)
    assert [len(invitations(database, account_id)) for account_id in account_ids] == [1, 1, 1]


def test_workers_that_look_at_the_same_moment_invite_once(database: Database, clock: FakeClock) -> None:
    account_ids = [add_done(database) for _ in range(3)]
    at_once(lambda: invite_due(database, clock), times=4)
    assert [len(invitations(database, account_id)) for account_id in account_ids] == [1, 1, 1]
    assert [row_of(database, account_id).round for account_id in account_ids] == [1, 1, 1]


def test_an_account_that_was_erased_is_not_looked_at_any_more(database: Database, clock: FakeClock) -> None:
    account_id = add_done(database)
    with database.transaction() as session:
        traces.forget(session, account_id, at=NOON)
    assert not invite_due(database, clock)
    with database.reading() as session:
        assert check_ups.find(session, account_id) is None
    assert invitations(database, account_id) == []


def test_an_account_in_trouble_keeps_nobody_waiting(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, other = add_done(database), add_done(database)
    read = possessions.of_account

    def read_or_fail(session: Session, account_id: str, *, now: datetime) -> Possessions:
        if account_id == odd:
            raise RuntimeError("an odd row")
        return read(session, account_id, now=now)

    monkeypatch.setattr(possessions, "of_account", read_or_fail)
    invite_due(database, clock)
    assert len(invitations(database, other)) == 1
    assert row_of(database, odd).due_at == NOON + AFTER_TROUBLE


def test_a_batch_that_is_full_says_that_there_may_be_more(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inviting, "BATCH", 2)
    for _ in range(3):
        add_done(database)
    assert invite_due(database, clock)
    assert not invite_due(database, clock)


def verdict(database: Database, account_id: str, *, now: datetime = NOON) -> Skip | Wait | None:
    with database.transaction() as session:
        return gate(session, invitations(database, account_id)[0], provider="sendgrid", now=now)


def test_an_invitation_goes_out_although_no_journey_runs(database: Database, clock: FakeClock) -> None:
    account_id = add_done(database)
    with database.transaction() as session:
        journeys.end(session, account_id, JourneyOutcome.MIGRATED, at=START)
    invite_due(database, clock)
    assert verdict(database, account_id) is None
    assert isinstance(verdict(database, account_id, now=NOON + timedelta(hours=11)), Wait)


def test_an_invitation_is_pointless_once_the_person_has_done_it(database: Database, clock: FakeClock) -> None:
    account_id = add_done(database)
    invite_due(database, clock)
    with database.transaction() as session:
        row = check_ups.find(session, account_id)
        assert row
        check_ups.note_done(session, row, at=NOON, due_at=NOON + YEAR)
    assert verdict(database, account_id) == Skip(reason=Pointless.REACHED)


def test_an_invitation_to_an_address_that_is_gone_is_held_back(database: Database, clock: FakeClock) -> None:
    account_id = add_done(database)
    invite_due(database, clock)
    with database.transaction() as session:
        accounts.verify_email(session, accounts.get(session, account_id), "new@example.org", at=NOON)
    assert verdict(database, account_id) == Skip(reason=HeldBack.CONTACT_LOST)


@pytest.mark.parametrize(
    ("state", "fate", "is_repeated"),
    [
        (MessageState.SENT, None, False),
        (MessageState.SENT, Fate.BOUNCED, True),
        (MessageState.SKIPPED, None, True),
        (MessageState.FAILED, None, True),
        (MessageState.UNKNOWN, None, False),
    ],
)
def test_an_invitation_that_has_certainly_not_arrived_comes_again_after_28_days(
    database: Database, clock: FakeClock, state: MessageState, fate: Fate | None, *, is_repeated: bool
) -> None:
    account_id = add_done(database)
    invite_due(database, clock)
    with database.transaction() as session:
        sent = messages.lock(session, invitations(database, account_id)[0].key)
        assert sent
        sent.state, sent.fate = state, fate
        session.add(sent)
    clock.set(NOON + LOOKED_AGAIN_AFTER)
    invite_due(database, clock)
    numbers = [message.values["ordinal"] for message in invitations(database, account_id)]
    assert numbers == (["2", "1"] if is_repeated else ["1"])
    again_at = NOON + 2 * LOOKED_AGAIN_AFTER if is_repeated else NOON + YEAR
    assert row_of(database, account_id).due_at == again_at


def test_whoever_has_looked_by_themselves_is_invited_only_if_there_is_something_to_ask(
    database: Database, clock: FakeClock
) -> None:
    account_id = add_done(database)
    with database.transaction() as session:
        row = check_ups.find(session, account_id)
        assert row
        check_ups.note_done(session, row, at=NOON - DAY, due_at=NOON)
    invite_due(database, clock)
    assert invitations(database, account_id) == []
    assert row_of(database, account_id).due_at == NOON + YEAR
