"""The same life where the host runs the ceremonies: everything that the person does becomes known by events alone."""

import itertools
from typing import Any

from domain.host.events import EventOutcome, HostEventKind
from domain.host.route_trust import RootedIn
from domain.trust import Root
from tests.host_events import hear
from tests.workflows.lives import Life

_names = itertools.count(1)


class HostLife(Life):
    """Drives one journey by what its host tells; passkeys are called as the host calls them."""

    async def verify_email(self) -> None:
        """The person confirms the address at the host."""
        await self._hear(HostEventKind.EMAIL_VERIFIED, email=self.account().email)

    async def bind_passkey(self, **changes: Any) -> str:
        """The person creates a passkey at the host; of one that is rooted in a text message they hear at once."""
        passkey_id, is_by_sms = f"host-passkey-{next(_names)}", changes.get("root") is Root.SMS
        rooted_in = RootedIn.SMS if is_by_sms else RootedIn.HOST
        await self._hear(
            HostEventKind.PASSKEY_BOUND, passkey_id=passkey_id, synced=False, rooted_in=rooted_in.value
        )
        if is_by_sms:
            self.send_everything()
            await self.tell()
        return passkey_id

    async def sign_in_with(self, passkey_id: str) -> None:
        """The person signs in at the host with a passkey."""
        await self._hear(HostEventKind.PASSKEY_USED, passkey_id=passkey_id)

    async def remove_passkey(self, passkey_id: str) -> None:
        """The person removes a passkey at the host."""
        await self._hear(HostEventKind.PASSKEY_REMOVED, passkey_id=passkey_id)

    async def keep_recovery_codes(self) -> None:
        """The person keeps recovery codes of the host's, and has typed one back there."""
        set_id = f"host-set-{next(_names)}"
        await self._hear(
            HostEventKind.RECOVERY_CODES_MADE, set_id=set_id, count=8, rooted_in=RootedIn.HOST.value
        )
        await self._hear(HostEventKind.RECOVERY_CODES_PROVEN, set_id=set_id)

    async def _hear(self, kind: HostEventKind, **told: Any) -> None:
        outcome = hear(self.database, self.account_id, kind, at=self.now, **told)
        assert outcome is EventOutcome.HEEDED
        await self.tell()
