"""A play of an owner, a thief and support about one account, and what must never come out of it.

The owner looks once a day: they read their mail, sign in when the account page has something new, and object to all
that the thief did. Support decides disputes within a week, and finds out who did what.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from domain.facts import Channel, SmsState
from domain.messages.messages import Template
from domain.safety.objections import Outcome
from domain.safety.routes import proven_routes
from store import Database
from store.people import authenticator_apps, imports, passkeys, recovery_codes, trust
from store.people.passkeys import Passkey
from store.people.told_accounts import ImportedAccount
from store.safety.objections import Objection
from tests.clocks import FakeClock
from tests.services.safety.players import Player, tries
from tests.services.safety.trust_stage import TrustStage, make_stage

DAY = timedelta(days=1)
SUPPORT_DECIDES_AFTER = timedelta(days=5)


class Beginning(StrEnum):
    """What the owner has when the play begins; a number and the word of the host they always have."""

    ADDRESS = "address"
    ADDRESS_AND_PASSKEY = "address_and_passkey"
    PASSKEY = "passkey"
    TWO_PASSKEYS = "two_passkeys"


@dataclass
class TrustPlay:
    """`removed_by_owner` are the ids of the passkeys that the owner has given up."""

    stage: TrustStage
    owner: Player
    thief: Player
    removed_by_owner: set[str] = field(default_factory=set)
    once_established: set[str] = field(default_factory=set)
    owners_apps: set[str] = field(default_factory=set)
    objected: dict[str, Player] = field(default_factory=dict)
    _looked_at: int = 0

    @property
    def guarded(self) -> bool:
        """Whether the owner has a passkey that is established and signs in, so that they see what is new."""
        return any(self._is_established(passkey) and passkey.is_active for passkey in self._of(self.owner))

    def may_do_without(self, passkey: Passkey) -> bool:
        """Whether the owner is told of what is new, and can object to it, without a passkey."""
        others = [
            other
            for other in self._of(self.owner)
            if self._is_established(other)
            and other.is_active
            and other.passkey_id not in self.removed_by_owner | {passkey.passkey_id}
        ]
        address = self.stage.account.email
        is_told = address and not _is_thiefs(address) and Channel.EMAIL not in self.stage.broken
        return bool(others or is_told)

    def daily(self) -> None:
        """What the owner and support do each day."""
        self.owner_looks()
        for objection in self.stage.objections():
            if objection.made_at + SUPPORT_DECIDES_AFTER <= self.stage.now:
                self.stage.settle(objection, self._truth(objection))

    def owner_looks(self) -> None:
        """Read the mail, and look at the account page if there is anything new."""
        version = self.stage.account.facts_version
        if version == self._looked_at:
            return
        self._looked_at = version
        for address in sorted(self.owner.mailboxes):
            for notice in self.stage.arrived(address):
                if notice.by_session in self.thief.session_ids:
                    self.press(self.owner, notice.key)
        if (self._news() or self.owner.sees_waiting() or self.stage.objections()) and self._comes_in():
            self._puts_in_order()

    def press(self, player: Player, key: str) -> None:
        """Press "This wasn't me" in a notice."""
        before = {(objection.objection_id, objection.message_key) for objection in self.stage.objections()}
        self.stage.object(key)
        for objection in self.stage.objections():
            if (objection.objection_id, objection.message_key) not in before:
                self.objected[objection.objection_id] = player

    def settle_next(self) -> None:
        """Support decides the oldest dispute."""
        for objection in self.stage.objections()[:1]:
            self.stage.settle(objection, self._truth(objection))

    def host_tells_new_number(self) -> None:
        """The owner has a new number, and the host knows it: the SIM of the old one opens nothing."""
        former = self.stage.account.phone or ""
        phone = f"+49152{former[-8:]}" if former.startswith("+49151") else f"+49160{former[-8:]}"
        told = ImportedAccount(external_id=self.stage.account.external_id, phone=phone)
        with self.stage.database.transaction() as session:
            imports.take(session, [told], at=self.stage.now)

    def check(self) -> None:
        """What must never be, after each step."""
        bound, account = self.stage.passkeys(), self.stage.account
        thiefs = [passkey for passkey in bound if passkey.credential_id in self.thief.credentials]
        owners = [passkey for passkey in bound if passkey.credential_id in self.owner.credentials]
        established = {p.passkey_id for p in owners if self._is_established(p) and p.removed_at is None}
        self.once_established |= established - self.removed_by_owner
        self._check_thief(thiefs)
        self._check_owner(owners, is_disputed=account.disputed_since is not None)
        proven = [passkey for passkey in owners if passkey.is_active and passkey.last_used_at]
        if account.sms in (SmsState.SUSPENDED, SmsState.REMOVED):
            assert proven, "SMS is off, and nothing of the owner's signs in"
        assert proven or proven_routes(self.stage.facts), "there is no way in"

    def _check_thief(self, thiefs: list[Passkey]) -> None:
        for passkey in thiefs:
            counts = passkey.is_active and passkey.lowered_at is None and self._is_established(passkey)
            assert not counts, "the thief has an established passkey"
            if passkey.is_active and passkey.established_from:
                self._check_owner_was_told(passkey.passkey_id, passkey.established_from)
        self._check_apps()
        if not self.thief.codes and not any("thief" in address for address in self.thief.mailboxes):
            return
        with self.stage.database.reading() as session:
            code_sets = recovery_codes.other_sets(session, self.stage.account_id, "")
        for code in code_sets:
            is_established = code.established_from is not None and code.established_from <= self.stage.now
            is_theirs = code.bound_in in self.thief.session_ids
            assert not (is_theirs and is_established), "the thief has established codes"
        for contact in self.stage.told():
            is_established = contact.trust.is_established(self.stage.now)
            assert not (_is_thiefs(contact.address) and is_established), (
                "the thief has an established address"
            )

    def _check_apps(self) -> None:
        """No app of the thief's is established, and none of the owner's is gone that the owner has not replaced."""
        with self.stage.database.reading() as session:
            apps = authenticator_apps.working(session, self.stage.account_id)
        for app in apps:
            is_theirs = app.bound_in in self.thief.session_ids
            is_established = trust.of_row(app).is_established(self.stage.now)
            assert not (is_theirs and is_established), "the thief has an established app"
            if not is_theirs and is_established:
                self.owners_apps.add(app.app_id)
        for app_id in self.owners_apps:
            with self.stage.database.reading() as session:
                kept = authenticator_apps.look_up(session, app_id)
            by_thief = kept is not None and kept.removed_in in self.thief.session_ids
            assert not by_thief, "the thief has removed an established app of the owner"

    def _check_owner_was_told(self, passkey_id: str, established_from: datetime) -> None:
        """A passkey is not going to count unless its notice has reached another contact than the thief's, in time."""
        arrivals = [
            notice.settled_at
            for notice in self.stage.messages()
            if notice.template == Template.PASSKEY_BOUND
            and notice.values["passkey_id"] == passkey_id
            and notice.channel == Channel.EMAIL
            and not _is_thiefs(notice.recipient)
            and notice.settled_at
        ]
        assert arrivals, "nobody was told of the thief's passkey, and it is going to count"
        assert min(arrivals) + self.stage.policy.cooling_off <= established_from, (
            "the owner has too little time"
        )

    def _check_owner(self, owners: list[Passkey], *, is_disputed: bool) -> None:
        kept = [passkey for passkey in owners if passkey.passkey_id in self.once_established]
        for passkey in kept:
            assert passkey.removed_at is None, "an established passkey of the owner was removed"
            is_stopped = passkey.frozen_at or passkey.lowered_at
            assert is_disputed or not is_stopped, "a passkey of the owner is stopped, and there is no dispute"
        assert not kept or any(passkey.is_active for passkey in owners), (
            "all passkeys of the owner are on hold"
        )

    def _of(self, player: Player) -> list[Passkey]:
        return [passkey for passkey in self.stage.passkeys() if passkey.credential_id in player.credentials]

    def _is_established(self, passkey: Passkey) -> bool:
        return passkey.established_from is not None and passkey.established_from <= self.stage.now

    def _news(self) -> bool:
        return (
            any(passkey.is_active and not self._is_established(passkey) for passkey in self._of(self.thief))
            or any(_is_thiefs(contact.address) for contact in self.stage.told())
            or self._has_new_app()
        )

    def _has_new_app(self) -> bool:
        with self.stage.database.reading() as session:
            apps = authenticator_apps.working(session, self.stage.account_id)
        return any(
            app.bound_in in self.thief.session_ids and not trust.of_row(app).is_established(self.stage.now)
            for app in apps
        )

    def _comes_in(self) -> bool:
        usable = [passkey.credential_id for passkey in self._of(self.owner) if passkey.is_active]
        return any(tries(partial(self.owner.signs_in_by_passkey, used)) for used in usable)

    def _puts_in_order(self) -> None:
        owner, thief = self.owner, self.thief
        for objection in self.stage.objections():
            tries(partial(owner.answers, objection, self._truth(objection)))
        if not owner.is_in:
            return
        for change in owner.sees_waiting():
            if change.session_id in thief.session_ids:
                tries(partial(owner.stops, change.change_id))
        own = {passkey.passkey_id for passkey in self._of(owner)}
        for new in owner.sees_provisional():
            if new.subject_id not in own and self._is_of_thief(new.subject_id):
                tries(partial(owner.rejects, new))

    def _is_of_thief(self, subject_id: str) -> bool:
        with self.stage.database.reading() as session:
            if passkey := passkeys.look_up(session, subject_id):
                return passkey.credential_id in self.thief.credentials
            code = recovery_codes.working_set(session, self.stage.account_id, subject_id)
            app = authenticator_apps.look_up(session, subject_id)
        if bound := code or app:
            return bound.bound_in in self.thief.session_ids
        return _is_thiefs(self.stage.account.email or "")

    def _truth(self, objection: Objection) -> Outcome:
        is_of_owner = self.objected.get(objection.objection_id, self.owner) is self.owner
        return Outcome.UPHELD if is_of_owner else Outcome.DISMISSED


def make_play(database: Database, clock: FakeClock, beginning: Beginning, player: type[Player]) -> TrustPlay:
    """A play on an account of its own; `player` says at whose pages the owner and the thief are."""
    has_address = beginning is not Beginning.PASSKEY
    is_verified = beginning not in (Beginning.ADDRESS, Beginning.PASSKEY)
    changes = {"email_verified_at": clock()} if is_verified else {} if has_address else {"email": None}
    stage = make_stage(database, clock, **changes)
    place = stage.account_id
    owner = player(stage, f"owner {place}", mailboxes={stage.account.email} if stage.account.email else set())
    count = {Beginning.ADDRESS: 0, Beginning.TWO_PASSKEYS: 2}.get(beginning, 1)
    owner.credentials += [player.keeps_passkey(stage, at=stage.now - DAY) for _ in range(count)]
    return TrustPlay(stage=stage, owner=owner, thief=player(stage, f"thief {place}"))


def _is_thiefs(address: str) -> bool:
    return address.startswith("thief")
