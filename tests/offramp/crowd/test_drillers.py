"""Drillers play every loss through for the people of a crowd's cohort."""

from domain.facts import SmsState
from domain.upkeep.drills import Loss
from offramp.crowd.drillers import LossTally, play_losses
from store import Database
from tests.api.world import make_world
from tests.clocks import START, FakeClock
from tests.factories import keep_cohort, make_account, make_member, make_passkey


def test_every_loss_is_played_for_the_cohort_and_none_without_one(
    database: Database, clock: FakeClock
) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        account = make_account(session, sms=SmsState.REMOVED, sms_since=START)
        make_passkey(session, account.account_id, last_used_at=START, platform="Android phone")
        make_member(session, cohort_id, account.account_id)
    services = make_world(database, clock).services
    assert play_losses(services, "spring") == [
        LossTally(loss=Loss.PHONE, alone=0, with_help=1, not_at_all=0),
        LossTally(loss=Loss.MAILBOX, alone=1, with_help=0, not_at_all=0),
        LossTally(loss=Loss.BOTH, alone=0, with_help=1, not_at_all=0),
    ]
    assert play_losses(services, "autumn") == []
