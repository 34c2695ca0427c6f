"""The people of plays about trust where the host runs the ceremonies: Offramp hears of them by events alone."""

import itertools
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.facts import SmsState
from domain.host.events import EventOutcome, HostEventKind
from domain.host.route_trust import RootedIn
from domain.safety.objections import Outcome
from domain.safety.provisional import Provisional
from store.people import host_routes
from store.people.passkeys import Passkey
from store.people.waiting_changes import WaitingChange
from store.safety.objections import Objection
from tests.host_events import hear
from tests.services.safety.players import Player
from tests.services.safety.trust_stage import TrustStage

_names = itertools.count(1)
_OFF = (SmsState.SUSPENDED, SmsState.REMOVED)


class HostRefuses(LookupError):
    """The host does not let somebody do this, or has no page for it."""


@dataclass
class HostPlayer(Player):
    """Somebody at their host's pages. `rooted_in` is what the host says of their session; None if they are out.

    The host keeps to what Offramp tells it: nobody comes in by a way that is on hold. It calls each session high that a
    passkey has opened, and names that passkey or not: to know which are established is not its business. A passkey is
    removed only in a session that an established one has opened, and never the last way in.
    There is no account page of Offramp's, so nobody confirms, rejects, stops or answers anything here.
    """

    rooted_in: RootedIn | None = None
    opened_by: str | None = None
    is_trusted: bool = False

    @classmethod
    def keeps_passkey(cls, stage: TrustStage, *, at: datetime | None = None) -> str:
        host_id, since = f"host-passkey-{next(_names)}", at or stage.now
        told = {"passkey_id": host_id, "synced": False, "rooted_in": RootedIn.HOST.value}
        _tell(stage, HostEventKind.PASSKEY_BOUND, at=since, **told)
        _tell(stage, HostEventKind.PASSKEY_USED, at=since, passkey_id=host_id)
        return next(passkey.credential_id for passkey in stage.passkeys() if passkey.host_id == host_id)

    @property
    def is_in(self) -> bool:
        return self.rooted_in is not None

    def signs_in_by_text(self) -> None:
        if self.stage.account.sms in _OFF:
            raise HostRefuses
        self._comes_in(RootedIn.SMS)

    def sets_up_app(self) -> None:
        raise HostRefuses

    def removes_app(self) -> None:
        raise HostRefuses

    def signs_in_by_app(self) -> None:
        raise HostRefuses

    def signs_in_by_passkey(self, credential: str | None = None) -> None:
        self.rooted_in = None
        passkey = self._passkey(credential or self.credentials[-1])
        if not passkey.is_active:
            raise HostRefuses
        self._tells(HostEventKind.PASSKEY_USED, passkey_id=passkey.host_id)
        since = passkey.established_from
        is_trusted = since is not None and since <= self.stage.now and passkey.lowered_at is None
        self._comes_in(RootedIn.HIGH, opened_by=passkey.host_id, is_trusted=is_trusted)

    def signs_in_by_code(self) -> None:
        self.rooted_in, set_id = None, self.codes[-1]
        with self.stage.database.reading() as session:
            code = host_routes.find_set(session, self.stage.account_id, set_id)
            left = host_routes.left_of_set(session, self.stage.account_id, code.set_id) if code else 0
        if not left:
            raise HostRefuses
        self._tells(HostEventKind.RECOVERY_CODES_USED, set_id=set_id, left=left - 1)
        self.codes.pop()
        self._comes_in(RootedIn.RECOVERY_CODE)

    def binds(self) -> str:
        host_id = f"host-passkey-{next(_names)}"
        told = {"passkey_id": host_id, "synced": False, **self._session()}
        self._tells(HostEventKind.PASSKEY_BOUND, **told)
        passkey = next(passkey for passkey in self.stage.passkeys() if passkey.host_id == host_id)
        self.credentials.append(passkey.credential_id)
        self.session_ids.add(passkey.bound_in or "")
        return passkey.passkey_id

    def makes_codes(self) -> None:
        set_id = f"host-set-{next(_names)}"
        told = {"set_id": set_id, "count": 8, **self._session()}
        self._tells(HostEventKind.RECOVERY_CODES_MADE, **told)
        self._tells(HostEventKind.RECOVERY_CODES_PROVEN, set_id=set_id)
        with self.stage.database.reading() as session:
            code = host_routes.find_set(session, self.stage.account_id, set_id)
        assert code
        self.session_ids.add(code.bound_in or "")
        self.codes = [set_id] * 8

    def removes(self, passkey_id: str) -> None:
        passkey = self.stage.passkey(passkey_id)
        others = [
            other
            for other in self.stage.passkeys()
            if other.is_active and other.last_used_at and other.passkey_id != passkey_id
        ]
        is_last = self.stage.account.sms in _OFF and not others
        if passkey.removed_at or not (self.is_in and self.is_trusted) or is_last:
            raise HostRefuses
        self._tells(HostEventKind.PASSKEY_REMOVED, passkey_id=passkey.host_id)

    def binds_by_link(self, other: Player) -> str:
        raise HostRefuses

    def takes_address(self, email: str) -> None:
        raise HostRefuses

    def restores_sms(self) -> None:
        raise HostRefuses

    def signs_others_out(self) -> None:
        raise HostRefuses

    def sees_provisional(self) -> list[Provisional]:
        return []

    def sees_waiting(self) -> list[WaitingChange]:
        return []

    def confirms(self, new: Provisional) -> None:
        raise HostRefuses

    def rejects(self, new: Provisional) -> None:
        raise HostRefuses

    def stops(self, change_id: str) -> None:
        raise HostRefuses

    def answers(self, objection: Objection, outcome: Outcome) -> None:
        raise HostRefuses

    def _comes_in(
        self, rooted_in: RootedIn, *, opened_by: str | None = None, is_trusted: bool = False
    ) -> None:
        self.rooted_in, self.opened_by, self.is_trusted = rooted_in, opened_by, is_trusted

    def _session(self) -> dict[str, str]:
        """What the host says of the session in which something is bound; every other passkey it does not name."""
        if self.rooted_in is None:
            raise HostRefuses
        is_named = self.opened_by is not None and self.opened_by[-1] in "02468"
        return {"rooted_in": self.rooted_in} | ({"opened_by": self.opened_by or ""} if is_named else {})

    def _passkey(self, credential: str) -> Passkey:
        return next(passkey for passkey in self.stage.passkeys() if passkey.credential_id == credential)

    def _tells(self, kind: HostEventKind, **told: Any) -> None:
        _tell(self.stage, kind, at=self.stage.now, **told)


def _tell(stage: TrustStage, kind: HostEventKind, *, at: datetime, **told: Any) -> None:
    """The host tells what has happened."""
    assert hear(stage.database, stage.account_id, kind, at=at, now=stage.now, **told) is EventOutcome.HEEDED
