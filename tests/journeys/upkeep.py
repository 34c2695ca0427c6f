"""What years would do to an account: its owner is invited to a check-up, and has much to look through."""

from datetime import UTC, datetime, timedelta

from domain.passkeys import Assertion
from store.journeys import check_ups
from store.people import passkeys, recovery_codes
from tests.journeys.site import Site


def invite(site: Site, account_id: str) -> None:
    """Invite somebody whose codes were removed, as the relay does when the time has come."""
    now = datetime.now(UTC)
    with site.database.transaction() as session:
        row = check_ups.find(session, account_id)
        assert row
        check_ups.note_invited(session, row, at=now, due_at=now + timedelta(days=365))


def grow_old(site: Site, account_id: str) -> None:
    """Let the only device be unused for 70 days, no longer synced, and all codes but one be used."""
    now = datetime.now(UTC)
    unused_since = now - timedelta(days=70)
    with site.database.transaction() as session:
        (passkey,) = passkeys.active(session, account_id)
        passkeys.note_use(session, passkey, at=unused_since, day=unused_since.date())
        passkeys.note_state(
            session,
            passkey,
            Assertion(
                credential_id=passkey.credential_id, sign_count=0, backup_eligible=True, backed_up=False
            ),
        )
        (kept, *_) = recovery_codes.proven_sets_of(session, [account_id])[account_id]
        while recovery_codes.left(session, account_id)[0] > 0:
            code = recovery_codes.working_set(session, account_id, kept.set_id)
            assert code
            recovery_codes.use(session, code, at=now)
