"""What becomes of people when their rollout is given up: nobody waits for a day that does not come."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.rollouts import RolloutActivities
from domain.facts import SmsState
from domain.messages.messages import Template
from domain.rollouts.rollout import Stage
from store import Database
from store.messages import messages
from store.people import accounts, passkeys
from tests.clocks import START
from tests.factories import keep_cohort, make_member, make_ready_account, put_sms

HOUR = timedelta(hours=1)
Member = Callable[..., str]


@pytest.fixture
def cohort_id(database: Database) -> str:
    with database.transaction() as session:
        return keep_cohort(session)


@pytest.fixture
def member(database: Database, cohort_id: str) -> Member:
    """Somebody whom a wave has launched, and whose codes have been in a state for an hour."""

    def make(state: SmsState, *, wave: int, signed_in: bool = False) -> str:
        with database.transaction() as session:
            account = make_ready_account(session)
            put_sms(session, account, state, at=START + HOUR)
            if signed_in:
                first = passkeys.active(session, account.account_id)[0]
                passkeys.note_use(session, first, at=START + 2 * HOUR, day=START.date())
            return make_member(session, cohort_id, account.account_id, wave=wave)

    return make


async def take_back(
    database: Database, cohort_id: str, stage: Stage, wave: int, waves: tuple[int, ...] = ()
) -> int:
    activities = RolloutActivities(database, lambda: START + 3 * HOUR)
    restored: int = await ActivityEnvironment().run(activities.take_back, cohort_id, stage, wave, waves)
    return restored


def sms_of(database: Database, account_id: str) -> str:
    with database.reading() as session:
        return accounts.get(session, account_id).sms


@pytest.mark.parametrize("stage", [Stage.ABORTED, Stage.ROLLED_BACK])
async def test_nobody_of_any_wave_stays_under_notice_and_everybody_is_told_that_codes_stay(
    database: Database, cohort_id: str, member: Member, stage: Stage
) -> None:
    noticed = [member(SmsState.NOTICE, wave=wave, signed_in=True) for wave in (0, 1, 2)]
    assert await take_back(database, cohort_id, stage, 1) == 3
    for account_id in noticed:
        assert sms_of(database, account_id) == SmsState.ON
        with database.reading() as session:
            told = {message.template for message in messages.of_account(session, account_id)}
        assert told == {Template.SMS_KEPT}
    assert await take_back(database, cohort_id, stage, 1) == 0


async def test_an_abort_leaves_codes_off_only_for_whoever_signs_in_without_them(
    database: Database, cohort_id: str, member: Member
) -> None:
    unproven, proven = (
        member(SmsState.SUSPENDED, wave=0, signed_in=signed_in) for signed_in in (False, True)
    )
    assert await take_back(database, cohort_id, Stage.ABORTED, 0) == 1
    assert (sms_of(database, unproven), sms_of(database, proven)) == (SmsState.ON, SmsState.SUSPENDED)


async def test_a_rollback_takes_back_everybody_of_its_waves_and_what_an_abort_takes_back_of_the_others(
    database: Database, cohort_id: str, member: Member
) -> None:
    of_waves = [member(SmsState.SUSPENDED, wave=wave, signed_in=True) for wave in (0, 1, 2)]
    other = member(SmsState.SUSPENDED, wave=2)
    assert await take_back(database, cohort_id, Stage.ROLLED_BACK, 2, (0, 1)) == 3
    assert [sms_of(database, account_id) for account_id in (*of_waves, other)] == [
        SmsState.ON,
        SmsState.ON,
        SmsState.SUSPENDED,
        SmsState.ON,
    ]


async def test_a_rollback_that_names_no_waves_takes_back_the_wave_it_stands_at(
    database: Database, cohort_id: str, member: Member
) -> None:
    of_waves = [member(SmsState.SUSPENDED, wave=wave, signed_in=True) for wave in (0, 1)]
    assert await take_back(database, cohort_id, Stage.ROLLED_BACK, 1) == 1
    assert [sms_of(database, account_id) for account_id in of_waves] == [SmsState.SUSPENDED, SmsState.ON]
