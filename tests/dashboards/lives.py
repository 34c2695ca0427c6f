"""Makes everything happen that figures tell of: accounts in every state, and every kind of event, again and again."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from domain.attempts import AttemptEnd
from domain.facts import Channel, Method, SmsState
from domain.host.comparing import Comparison, SmsDifference
from domain.host.events import EventOutcome, HostEventKind
from domain.journal import Actor, EventKind
from domain.journal_details import DetailValue
from domain.journey import StuckReason
from domain.messages.messages import CODE_LIFETIME, Fate, MessageState, Purpose, Template
from domain.presets import FAST
from domain.rollouts.guardrails import Against, Metric, Sample, assess
from domain.rollouts.rollout import Stage, Standing
from domain.rollouts.slices import Dimension, Slice
from store import Database, Session
from store.host import comparisons, event_counts
from store.messages import callback_counts, fates, inserts, messages, outages
from store.messages.messages import NewMessage
from store.people import accounts, journal
from store.people.accounts import Account
from store.rollouts import cohorts, draws, slice_holds, tallies
from store.safety.objections import Objection
from tests import attempts as attempts_made
from tests import factories
from tests.attempts import CHROME

QUIET = replace(FAST, name="quiet", cadence=())


@dataclass
class Lives:
    """A cohort with launched people and a holdout in a database that a running Offramp serves as well."""

    database: Database
    cohort_id: str = ""
    launched: str = ""
    held_out: str = ""
    turns: int = 0

    def begin(self) -> None:
        """Let there be a cohort, and people in every state."""
        now = datetime.now(UTC)
        with self.database.transaction() as session:
            described = factories.make_cohort(guardrails=(factories.make_guardrail(),), policy=QUIET)
            self.cohort_id = cohorts.add(session, described, at=now, by="olga", reason="spring").cohort_id
            held, metric = Slice(by=Dimension.BROWSER, value="Chrome 131"), Metric.PROMPT_FAILURES
            slice_holds.begin(session, self.cohort_id, held, metric, low=0.5, size=30, at=now)
            self.launched = factories.make_member(
                session, self.cohort_id, launched_at=now - timedelta(days=1)
            )
            self.held_out = factories.make_member(session, self.cohort_id, held_out=True)
            factories.make_journey(session, self.launched, QUIET, at=now - timedelta(days=1))
            factories.make_passkey(session, self.launched, used_on=[now.date()])
            factories.make_recovery_codes(session, self.launched)
            self._people_in_every_state(session, now)
            _objection(session, now)
            self._host_that_says_too_little(session, now)

    def go_on(self) -> None:
        """Let everything happen once more."""
        self.turns += 1
        now = datetime.now(UTC)
        with self.database.transaction() as session:
            for account_id in (self.launched, self.held_out):
                _events(session, account_id, now)
                _messages(session, account_id, self.turns, now)
            newcomer = factories.make_member(session, self.cohort_id, launched_at=now)
            factories.make_journey(session, newcomer, QUIET, at=now)
            journal.append(session, newcomer, EventKind.EMAIL_VERIFIED, at=now, actor=Actor.PERSON)
            for _ in range(6):
                outages.note_failure(session, "smtp", reason="away", now=now)
            for provider in (
                "twilio",
                "inbox",
            ):  # alerts ask for providers that take messages, as the inbox does
                callback_counts.count(session, provider, "news", times=1, at=now)
            _judge(session, self.cohort_id, now)
            self._stand(session, now)

    def _people_in_every_state(self, session: Session, now: datetime) -> None:
        for number, state in enumerate(SmsState):
            account_id = factories.make_member(session, self.cohort_id, launched_at=now)
            account = session.get_one(Account, account_id)
            account.email_verified_at = now
            factories.put_sms(session, account, state, at=now)
            if number == 0:
                account.disputed_since = now - timedelta(days=2)
            session.add(account)
        factories.make_account(session)

    def _host_that_says_too_little(self, session: Session, now: datetime) -> None:
        """A host that tells an event, does not answer what it was asked, and whose list differs."""
        silent = factories.make_member(session, self.cohort_id, launched_at=now)
        factories.make_journey(session, silent, QUIET, at=now)
        accounts.note_stuck(session, accounts.get(session, silent), StuckReason.HOST_SILENT, at=now)
        comparisons.keep(session, Comparison(differences={SmsDifference.ON_THERE: 2}), at=now)
        told = Counter({(HostEventKind.USER_SIGNED_IN.value, EventOutcome.HEEDED.value): 1})
        event_counts.add(session, told, at=now)

    def _stand(self, session: Session, now: datetime) -> None:
        """The stages in turn, so that each begins again and again."""
        stages = [Stage.BAKING, Stage.PAUSED, Stage.BAKING, Stage.ABORTED, Stage.BAKING, Stage.ROLLED_BACK]
        stage = stages[self.turns // 3 % len(stages)]
        standing = Standing(stage=stage, version=self.turns + 1, since=now)
        cohorts.stand(session, self.cohort_id, standing)


def _events(session: Session, account_id: str, now: datetime) -> None:
    person, actor = Actor.PERSON, Actor.SYSTEM

    def happen(kind: EventKind, **detail: DetailValue) -> None:
        by = person if kind in (EventKind.SIGNED_IN, EventKind.PASSKEY_SIGNED_IN) else actor
        journal.append(session, account_id, kind, at=now, actor=by, **detail)

    happen(EventKind.SIGNED_IN, method=Method.SMS, milliseconds=25_000)
    happen(EventKind.PASSKEY_SIGNED_IN, milliseconds=3_000)
    for _ in range(2):
        happen(EventKind.SIGN_IN_FAILED, method=Method.PASSKEY, reason="credential_unknown")
        happen(EventKind.SIGN_IN_FAILED, method=Method.SMS, reason="wrong_code")
    happen(EventKind.CEREMONY_FAILED, ceremony="authentication", name="NotAllowedError")
    attempts_made.try_ceremony(session, account_id, CHROME, AttemptEnd.SUCCEEDED, at=now, milliseconds=3_000)
    attempts_made.sign_in(session, account_id, CHROME, Method.SMS, at=now)
    for kind in (
        EventKind.PROMPT_SKIPPED,
        EventKind.CANNOT_NOW,
        EventKind.EMAIL_VERIFIED,
        EventKind.PASSKEY_BOUND,
        EventKind.JOURNEY_STARTED,
        EventKind.SUPPORT_CASE,
        EventKind.SMS_RESTORED,
        EventKind.RECOVERY_CODE_USED,
        EventKind.PASSKEY_WATCHED,
        EventKind.PASSKEY_HELD,
    ):
        happen(kind)


def _messages(session: Session, account_id: str, turn: int, now: datetime) -> None:
    fates_told = {
        "sent": None,
        "bounced": Fate.BOUNCED,
        "delivered": Fate.DELIVERED,
        "withheld": Fate.WITHHELD,
    }
    for channel in Channel:
        for name, fate in fates_told.items():
            key = say(session, account_id, f"{turn}:{name}:{channel}", channel, MessageState.SENT, now)
            if fate:
                fates.note(session, key, fate, reason="told", at=now)
    say(session, account_id, f"{turn}:failed", Channel.EMAIL, MessageState.FAILED, now)
    say(session, account_id, f"{turn}:unknown", Channel.EMAIL, MessageState.UNKNOWN, now)


def say(
    session: Session, account_id: str, name: str, channel: Channel, state: MessageState, now: datetime
) -> str:
    key = f"{account_id}:{name}"
    new = NewMessage(
        key=key,
        account_id=account_id,
        purpose=Purpose.CODE,
        template=Template.SIGN_IN_CODE,
        channel=channel,
        recipient="somewhere",
        locale="en",
        expires_at=now + CODE_LIFETIME,
    )
    inserts.insert_row(session, new, at=now - timedelta(seconds=1))  # no one person gets so many
    _, claimed = messages.claim(session, key, now=now)
    assert claimed
    messages.settle(session, claimed, state, at=now)
    return key


def _judge(session: Session, cohort_id: str, now: datetime) -> None:
    failed = assess(factories.make_guardrail(), Sample(hits=9, size=20))
    against = factories.make_guardrail(Metric.SIGN_IN_FAILURES, against=Against.HOLDOUT)
    compared = assess(against, Sample(hits=1, size=100), Sample(hits=1, size=90))
    tallies.record(
        session, cohort_id, at=now, assessments=(failed, compared), draw=draws.read(session, cohort_id)
    )


def _objection(session: Session, now: datetime) -> None:
    account_id = factories.make_account(session).account_id
    key = say(session, account_id, "notice", Channel.EMAIL, MessageState.SENT, now)
    session.add(
        Objection(account_id=account_id, message_key=key, template=Template.PASSKEY_BOUND, made_at=now)
    )
