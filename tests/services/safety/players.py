"""The people of plays about trust: each at a browser, with devices, codes, and perhaps somebody else's SIM."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from domain.codes import digest
from domain.errors import Refused
from domain.messages.messages import Template
from domain.safety.objections import Outcome
from domain.safety.provisional import Provisional
from domain.trust import Answer, Change
from services.people import (
    account_switches,
    app_sign_in,
    authenticator_apps,
    bearers,
    device_links,
    email_verification,
    passkey_binding,
    passkey_sign_in,
    recovery_code_sets,
    sign_in_codes,
)
from services.people.contacts import Contact
from services.people.visits import Person, Visit, person_of
from services.safety import confirmations, dispute_answers, waiting_changes
from store.people import authenticator_apps as kept_apps
from store.people import provisional, sessions
from store.people import waiting_changes as kept_changes
from store.people.waiting_changes import WaitingChange
from store.safety.objections import Objection
from tests.phone_apps import PhoneApp
from tests.services.safety.trust_stage import TrustStage, keep_passkey
from tests.services.safety.unsigned_passkeys import new_credential


@dataclass
class Player:
    """Somebody at a browser. `session_ids` are all sessions that were ever theirs, `credentials` what they hold."""

    stage: TrustStage
    address: str
    token: str | None = None
    session_ids: set[str] = field(default_factory=set)
    credentials: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    mailboxes: set[str] = field(default_factory=set)
    app: PhoneApp | None = None

    @classmethod
    def keeps_passkey(cls, stage: TrustStage, *, at: datetime | None = None) -> str:
        """A passkey that the account has from the beginning, established and proven; returns its credential's id."""
        return keep_passkey(stage, at=at)

    @property
    def person(self) -> Person | None:
        """Who the browser is signed in as, if its session is still open."""
        if self.token is None:
            return None
        with self.stage.database.reading() as session:
            web_session = sessions.find(session, self.token, now=self.stage.now)
            return person_of(web_session) if web_session else None

    @property
    def is_in(self) -> bool:
        """Whether the browser is signed in."""
        return self.person is not None

    @property
    def me(self) -> Person:
        """The same, for what only somebody who is signed in can do."""
        person = self.person
        assert person, "nobody is signed in"
        return person

    @property
    def visit(self) -> Visit:
        return Visit(
            address=self.address, platform=f"device of {self.address}", token=self.token, person=self.person
        )

    def signs_in_by_text(self) -> None:
        """The whole way by text message, with the SIM in this player's hands."""
        stage, phone = self.stage, self.stage.account.phone
        self.token = None
        self.token = sign_in_codes.ask(stage.services, self.visit, Contact(phone=phone))
        stage.deliver()
        code = stage.codes.pop(Template.SIGN_IN_CODE, "")
        self._enters(sign_in_codes.answer(stage.services, self.visit, code).token)

    def signs_in_by_passkey(self, credential: str | None = None) -> None:
        self.token = None
        self.token, _ = passkey_sign_in.options(self.stage.services, self.visit)
        used = credential or self.credentials[-1]
        self._enters(passkey_sign_in.sign_in(self.stage.services, self.visit, used).token)

    def signs_in_by_code(self) -> None:
        """By a recovery code, which is used up."""
        self.token = None
        contact = Contact(phone=self.stage.account.phone, email=None)
        code = self.codes[-1]
        self._enters(recovery_code_sets.sign_in(self.stage.services, self.visit, contact, code).token)
        self.codes.pop()

    def signs_in_by_app(self) -> None:
        """By the code that this player's app shows; one that was used a moment ago is refused."""
        self.token = None
        contact, code = Contact(phone=self.stage.account.phone, email=None), ""
        if self.app:
            code = self.app.code(self.stage.now)
        self._enters(app_sign_in.sign_in(self.stage.services, self.visit, contact, code).token)

    def binds(self) -> str:
        """Make a passkey on a new device; returns its id."""
        passkey_binding.options(self.stage.services, self.visit, self.me)
        credential = new_credential()
        passkey_id = passkey_binding.bind(
            self.stage.services, self.visit, self.me, credential, is_elsewhere=False
        )
        self.stage.verifier.owners[credential] = self.stage.account_id
        self.credentials.append(credential)
        return passkey_id

    def binds_by_link(self, other: "Player") -> str:
        """Make a link, and let another browser bind a passkey by it; returns the passkey's id."""
        link = device_links.make(self.stage.services, self.visit, self.me)
        admission = device_links.use(self.stage.services, other.visit, link.url.rpartition("=")[2])
        other._enters(admission.token)
        return other.binds()

    def removes(self, passkey_id: str) -> None:
        passkey_binding.remove(self.stage.services, self.me, passkey_id, is_sure=True)

    def makes_codes(self) -> None:
        """Make recovery codes, and type one back."""
        codes = recovery_code_sets.make(self.stage.services, self.me)
        recovery_code_sets.prove(self.stage.services, self.me, codes[0])
        self.codes = codes

    def sets_up_app(self) -> None:
        """Take the secret of an authenticator app, and type its first code back."""
        authenticator_apps.begin(self.stage.services, self.me)
        secret = authenticator_apps.shown(self.stage.services, self.me)
        assert secret
        app = PhoneApp.linked(secret.link)
        authenticator_apps.set_up(self.stage.services, self.me, app.code(self.stage.now))
        self.app = app

    def removes_app(self) -> None:
        """Remove the app of the account that was set up first."""
        with self.stage.database.reading() as session:
            app = kept_apps.kept(session, self.stage.account_id)[0]
        authenticator_apps.remove(self.stage.services, self.me, app.app_id)

    def takes_address(self, email: str) -> None:
        """Make an address of this player's the account's, by the code that arrives there."""
        replaces = self.stage.account.email_verified_at is not None
        email_verification.ask(self.stage.services, self.visit, self.me, email, replaces=replaces)
        self.stage.deliver()
        code = self.stage.codes.pop(Template.VERIFY_EMAIL, "")
        email_verification.answer(self.stage.services, self.visit, self.me, code)

    def restores_sms(self) -> None:
        account_switches.restore_sms(self.stage.services, self.me)

    def signs_others_out(self) -> None:
        account_switches.sign_out_everywhere(self.stage.services, self.me)

    def sees_provisional(self) -> list[Provisional]:
        """What the account page shows as new."""
        with self.stage.database.reading() as session:
            door = bearers.look(session, self.me, now=self.stage.now)
            return provisional.of_account(session, door.account, now=self.stage.now)

    def sees_waiting(self) -> list[WaitingChange]:
        """What the account page shows as about to happen."""
        with self.stage.database.reading() as session:
            return list(kept_changes.of_account(session, self.stage.account_id))

    def confirms(self, new: Provisional) -> None:
        confirmations.confirm(self.stage.services, self.me, new.kind, new.subject_id)

    def rejects(self, new: Provisional) -> None:
        confirmations.reject(self.stage.services, self.me, new.kind, new.subject_id)

    def stops(self, change_id: str) -> None:
        waiting_changes.reject(self.stage.services, self.me, change_id)

    def answers(self, objection: Objection, outcome: Outcome) -> None:
        dispute_answers.answer(self.stage.services, self.me, objection.objection_id, outcome)

    def may(self, change: Change) -> Answer:
        """What the rules say to a change from this browser."""
        with self.stage.database.reading() as session:
            return bearers.look(session, self.me, now=self.stage.now).answer(change)

    def presses(self, template: Template, *, first: bool = False) -> bool:
        """Press "This wasn't me" in the newest notice of a kind in this player's mailboxes, or in the first.

        Returns whether that had force.
        """
        keys = [notice.key for address in self.mailboxes for notice in self.stage.arrived(address, template)]
        return bool(keys) and self.stage.object(keys[0 if first else -1])

    def objects_to(self, other: "Player") -> int:
        """Object to all that another player did, as far as it was told here; returns how many had force."""
        notices = [notice for address in sorted(self.mailboxes) for notice in self.stage.arrived(address)]
        return sum(self.stage.object(n.key) for n in notices if n.by_session in other.session_ids)

    def _enters(self, token: str) -> None:
        self.token = token
        self.session_ids.add(digest(token))


def tries(act: Callable[[], object]) -> bool:
    """Let somebody try something; whether the rules let them."""
    try:
        act()
    except (Refused, LookupError, ZeroDivisionError):
        return False  # refused, or there is nothing to do it to
    return True
