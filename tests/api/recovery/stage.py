"""People who want to get back in, and the time that passes for them."""

from dataclasses import dataclass
from datetime import datetime

from activities.recoveries import RecoveryActivities, RecoveryStep
from domain.messages.links import recovery_token
from domain.messages.messages import Template
from domain.recovery import RecoveryAct, RecoveryStage, plan
from store.messages import messages
from store.messages.messages import Message
from store.people.accounts import Account
from store.safety import recoveries
from store.safety.recoveries import Recovery
from tests.api.world import Browser, World
from tests.factories import send_everything

REQUEST = "/recover/request"


@dataclass
class Recoverer:
    """One browser of somebody who says that an account is theirs."""

    world: World
    account: Account
    browser: Browser

    def prove_email(self) -> None:
        """Type back the code of an e-mail."""
        self._prove("email", self.account.email)

    def prove_sms(self) -> None:
        """Type back the code of a text."""
        self._prove("sms", self.account.phone)

    def prove_code(self, code: str) -> str:
        """Type a recovery code; returns where that leads."""
        answer = self.browser.post("/recover/code", identifier=self.account.email or "", code=code)
        return answer.headers.get("location", "")

    def page(self) -> str:
        """What the page of the request says."""
        return self.browser.get(REQUEST).text

    def link(self) -> str:
        """The path of the newest link."""
        newest = max(self.told(Template.RECOVERY_OPEN), key=lambda message: message.created_at)
        return f"/recover/open/{recovery_token(self.world.services.seal, newest.key)}"

    def told(self, template: Template) -> list[Message]:
        """The messages of a kind that the account got."""
        with self.world.database.reading() as session:
            return [
                m for m in messages.of_account(session, self.account.account_id) if m.template == template
            ]

    def _prove(self, channel: str, contact: str | None) -> None:
        self.browser.post(f"/recover/{channel}", identifier=contact or "")
        code = self.world.secret(self.account, Template.RECOVERY_PROOF)["code"]
        answer = self.browser.post(f"/recover/{channel}/code", code=code)
        assert answer.headers["location"] == REQUEST


def recoverer(world: World, account: Account, browser: Browser | None = None) -> Recoverer:
    """Somebody at a browser of their own."""
    return Recoverer(world=world, account=account, browser=browser or world.browser())


def of(world: World, account: Account) -> Recovery:
    """The account's newest request."""
    with world.database.reading() as session:
        return recoveries.of_account(session, account.account_id)[0]


def arrive(world: World, account: Account) -> None:
    """Let all messages that wait reach the account."""
    with world.database.transaction() as session:
        send_everything(session, account.account_id, at=world.clock())


def pass_time(
    world: World, account: Account, until: datetime | None = None, *, number: int | None = None
) -> list[RecoveryAct]:
    """Do what the workflow of the request under way does, or of the newest, until it opens, or an instant."""
    acts, done = RecoveryActivities(world.database), []
    act_of = {
        RecoveryAct.TELL_AGAIN: acts.tell_again,
        RecoveryAct.OPEN: acts.open_recovery,
        RecoveryAct.LAPSE: acts.lapse,
    }
    while True:
        with world.database.reading() as session:
            requests = recoveries.of_account(session, account.account_id)
            named = [row for row in requests if number in (None, row.number)]
            state = recoveries.state(session, named[0])
        step = plan(state)
        is_enough = until is None and state.stage is RecoveryStage.OPEN
        if step.act is None or step.at is None or is_enough or (until and step.at > until):
            break
        world.clock.now = max(world.clock.now, step.at)
        arrive(world, account)
        act_of[step.act](RecoveryStep(state=state, at=step.at))
        done.append(step.act)
    if until:
        world.clock.now = max(world.clock.now, until)
    return done
