"""What an account is told of a recovery: that it waits, waits less, or waits anew."""

from datetime import datetime, timedelta

from sqlmodel import Session

from domain import recovery as rules
from domain.messages.messages import Template
from domain.recovery import Proof
from domain.trust import Assurance, Bearer
from store.messages import notices
from store.people import accounts, contacts
from store.people.accounts import Account
from store.safety import recoveries
from store.safety.recoveries import Recovery


def tell(session: Session, account: Account, recovery: Recovery, *, at: datetime) -> None:
    """Tell all contacts of the last 30 days when a request opens; each time that this changes, once.

    Contacts by which its author has come in vouch for nothing.
    """
    given = recoveries.proofs(session, recovery.recovery_id)
    wait = max((recovery.opens_at or at) - at, timedelta())
    notices.tell(
        session,
        account,
        Template.RECOVERY_ASKED,
        event=f"{recovery.recovery_id}-{recovery.version}",
        at=at,
        values={"recovery_id": recovery.recovery_id, "hours": in_hours(wait)},
        by=bearer_of(recovery, given),
        besides=_came_in_by(session, account, given),
    )


def wait_anew(session: Session, recovery: Recovery, *, at: datetime) -> None:
    """Let a request that waits begin its whole time once more, and tell of it."""
    account = accounts.lock(session, recovery.account_id)
    recoveries.wait_anew(session, recovery, at=at)
    tell(session, account, recovery, at=at)


def bearer_of(recovery: Recovery, given: list[Proof]) -> Bearer:
    """Whoever has given these proofs, as the rules of trust see them."""
    return Bearer(
        assurance=Assurance.ENROLS_ONLY,
        root=rules.new_root(given),
        rooted_at=recovery.complete_at or recovery.begun_at,
    )


def in_hours(wait: timedelta) -> str:
    """A time in whole hours, at least one where it is any time at all; 0 means at once."""
    return str(-(-wait // timedelta(hours=1)))


def _came_in_by(session: Session, account: Account, given: list[Proof]) -> list[str]:
    kinds = {proof.kind.value for proof in given}
    present = contacts.present(session, account)
    return [contact.address for channel, contact in present.items() if channel.value in kinds]
