"""People who have set up ways in, whoever runs the ceremonies: by Offramp's own rows, or by what a host tells."""

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from domain.host.ceremonies import Ceremonies
from domain.host.events import EventOutcome, HostEventKind
from domain.host.route_trust import RootedIn
from services.host.event_handlers import HANDLERS
from store import Database, Session
from store.people import accounts, held_passkeys, host_routes, recovery_codes
from store.people.accounts import Account
from tests import factories
from tests.clocks import START
from tests.host_events import make_event

_names = itertools.count(1)


class PagePeople:
    """They go through Offramp's own pages, so the rows are as the pages leave them."""

    def make_ready_account(self, session: Session, **changes: Any) -> Account:
        """An account that has reached every milestone of the standard policy, and may lose SMS at once."""
        return factories.make_ready_account(session, **changes)

    def make_passkey(
        self,
        session: Session,
        account_id: str,
        *,
        used_on: Iterable[date] = (),
        after_text_at: datetime | None = None,
        is_synced: bool = False,
        is_held: bool = False,
        is_removed: bool = False,
    ) -> None:
        """A passkey that somebody trusted has made, or somebody who had come in by a text message at a time."""
        changes: dict[str, Any] = factories.by_sms(after_text_at) if after_text_at else {}
        changes |= {"frozen_at": START} if is_held else {}
        changes |= {"removed_at": START} if is_removed else {}
        factories.make_passkey(session, account_id, used_on=used_on, backed_up=is_synced, **changes)

    def make_recovery_codes(
        self, session: Session, account_id: str, *, is_proven: bool = True, is_held: bool = False
    ) -> None:
        """Eight recovery codes, of which one was typed back if they are proven."""
        digests = factories.make_recovery_codes(session, account_id, proven=is_proven)
        code = recovery_codes.find(session, account_id, digests[0])
        assert code
        if is_held:
            recovery_codes.hold_set(session, account_id, code.set_id, at=START)


class HostPeople(PagePeople):
    """They go through their host's pages, and Offramp hears of them by events alone."""

    def make_ready_account(self, session: Session, **changes: Any) -> Account:
        account = factories.make_account(session, **({"progress_at": START} | changes))
        if account.email:
            self._hear(session, account.account_id, HostEventKind.EMAIL_VERIFIED, email=account.email)
        days = [START.date(), date.fromordinal(START.date().toordinal() - 1)]
        self.make_passkey(session, account.account_id, used_on=days)
        self.make_passkey(session, account.account_id)
        factories.send_everything(session, account.account_id)
        return account

    def make_passkey(
        self,
        session: Session,
        account_id: str,
        *,
        used_on: Iterable[date] = (),
        after_text_at: datetime | None = None,
        is_synced: bool = False,
        is_held: bool = False,
        is_removed: bool = False,
    ) -> None:
        name: dict[str, Any] = {"passkey_id": f"host-passkey-{next(_names)}"}
        rooted_in = RootedIn.SMS if after_text_at else RootedIn.HOST
        at, told = after_text_at or START, name | {"synced": is_synced, "rooted_in": rooted_in.value}
        self._hear(session, account_id, HostEventKind.PASSKEY_BOUND, at=at, **told)
        for day in used_on:
            midnight = datetime.combine(day, time(), UTC)
            self._hear(session, account_id, HostEventKind.PASSKEY_USED, at=midnight, **name)
        if is_removed:
            self._hear(session, account_id, HostEventKind.PASSKEY_REMOVED, **name)
        passkey = host_routes.find_passkey(session, account_id, name["passkey_id"])
        assert passkey
        if after_text_at:
            factories.send_everything(session, account_id, at=at)
        if is_held:
            held_passkeys.freeze(session, passkey, at=START)

    def make_recovery_codes(
        self, session: Session, account_id: str, *, is_proven: bool = True, is_held: bool = False
    ) -> None:
        name: dict[str, Any] = {"set_id": f"host-set-{next(_names)}"}
        told = name | {"count": 8, "rooted_in": RootedIn.HOST.value}
        self._hear(session, account_id, HostEventKind.RECOVERY_CODES_MADE, **told)
        if is_proven:
            self._hear(session, account_id, HostEventKind.RECOVERY_CODES_PROVEN, **name)
        code = host_routes.find_set(session, account_id, name["set_id"])
        assert code
        if is_held:
            recovery_codes.hold_set(session, account_id, code.set_id, at=START)

    def _hear(
        self, session: Session, account_id: str, kind: HostEventKind, *, at: datetime = START, **told: Any
    ) -> None:
        """Take an event that is heard when it happens, and not before the test begins."""
        account, event = accounts.lock(session, account_id), make_event(kind, at=at, **told)
        outcome = HANDLERS[kind](session, account, event, now=max(at, START))
        assert outcome is EventOutcome.HEEDED


@contextmanager
def run_by(database: Database, who: Ceremonies) -> Iterator[None]:
    """Have a database opened as one of an instance whose ceremonies are run so, for a while."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(database.notes, host_routes.CEREMONIES, who)
        yield


PEOPLE = {Ceremonies.HOSTED: PagePeople(), Ceremonies.ORCHESTRATED: HostPeople()}
