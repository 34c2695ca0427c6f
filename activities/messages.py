"""The one place that sends: claims a message, hands it to its provider, and records what became of it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities.gates import Skip, Wait, WaitsFor, gate
from activities.letters import Letters
from domain.errors import OfframpError
from domain.facts import Channel
from domain.journal import Actor, EventKind
from domain.messages.messages import MessageState, Purpose
from domain.ports import Clock, Letter, Mailer, NeverDeliverable, NotHandedOver, Seal, Texter, Writer
from store import Database, Session
from store.messages import fates, gathering, messages, outages
from store.messages.message_facts import HeldBack
from store.messages.messages import ClaimOutcome, Message
from store.people import journal

log = structlog.get_logger()

SPREAD = timedelta(seconds=10)
"""Messages that wait for one moment are spread over this time, so that they do not all go out at once."""


class BeingSent(OfframpError):
    """Somebody else is sending this message right now, or died doing so; ask again in a moment."""


class Later(OfframpError):
    """A message that is not to be sent before `until`."""

    def __init__(self, reason: str, *, until: datetime) -> None:
        super().__init__(reason)
        self.until = until


@dataclass(frozen=True, kw_only=True)
class Outside:
    """The providers, the writer of messages, the seal of their secrets, and the origin of their links."""

    mailer: Mailer
    texter: Texter
    writer: Writer
    seal: Seal
    origin: str


class MessageActivities:
    """Sends messages by their keys. However often a key is asked for, its message is handed over once."""

    def __init__(self, database: Database, clock: Clock, outside: Outside) -> None:
        self._database = database
        self._clock = clock
        self._mailer, self._texter = outside.mailer, outside.texter
        self._letters = Letters(outside.writer, outside.seal, origin=outside.origin)

    # An exception thrown into a thread that waits for a provider would make the message `unknown`.
    @activity.defn(no_thread_cancel_exception=True)
    def send_message(self, key: str) -> None:
        """Send one message. Raises only what Temporal should retry, and says when."""
        try:
            self.deliver(key)
        except Later as later:
            delay = later.until - self._clock() + _share_of_spread(key)
            # To wait is no failure, so it must not fill the log and the failure metrics.
            raise ApplicationError(
                str(later), type="Later", next_retry_delay=delay, category=ApplicationErrorCategory.BENIGN
            ) from later
        except BeingSent as race:
            raise ApplicationError(
                str(race), type="BeingSent", category=ApplicationErrorCategory.BENIGN
            ) from race
        except NotHandedOver as error:
            raise ApplicationError(str(error), type=type(error).__name__) from error

    def deliver(self, key: str) -> None:
        """Claim, send and record one message.

        Raises Later if its time has not come or the provider asks to wait, NotHandedOver if the provider did not take
        it, so that it may be tried again, and BeingSent.
        """
        message, parts = self._claim(key)
        if message is None:
            return
        structlog.contextvars.bind_contextvars(account_id=message.account_id)
        try:
            provider_id = self._hand_over(message, parts)
        except NotHandedOver as refusal:
            self._give_back(message, refusal)
            raise
        except NeverDeliverable as refusal:
            self._give_up(message, refusal)
        except Exception as error:  # after any other error, the provider may have the message
            log.exception("message_unknown", key=key)
            self._leave_open(message, type(error).__name__)
        else:
            self._record_sent(message, provider_id)

    def _claim(self, key: str) -> tuple[Message | None, Sequence[Message]]:
        """The message, if this call may send it now, and the notices gathered in it. Raises Later and BeingSent."""
        now = self._clock()
        with self._database.transaction() as session:
            claim, message = messages.claim(session, key, now=now)
            if claim is not ClaimOutcome.GRANTED or message is None:
                verdict = None
            else:
                verdict = gate(session, message, provider=self._provider(message), now=now)
                _heed(session, message, verdict, now=now)
            parts = gathering.parts(session, key)
        if isinstance(verdict, Wait):
            raise Later(f"{key} waits for {verdict.waits_for}", until=verdict.until)
        if claim is ClaimOutcome.TAKEN:
            raise BeingSent(f"{key} is being sent")
        return (message if claim is ClaimOutcome.GRANTED and verdict is None else None), parts

    def _hand_over(self, message: Message, parts: Sequence[Message]) -> str:
        outgoing_message = self._letters.write(message, parts)
        if isinstance(outgoing_message, Letter):
            return self._mailer.send(outgoing_message)
        return self._texter.send(outgoing_message)

    def _give_back(self, message: Message, refusal: NotHandedOver) -> None:
        """Release a message that the provider did not take, and note a provider in trouble.

        Codes ignore the hold of a provider in trouble, but wait as long as the provider itself has asked.
        """
        now = self._clock()
        until = now + refusal.retry_after if refusal.retry_after else None
        with self._database.transaction() as session:
            if refusal.is_outage:
                held_until = outages.note_failure(
                    session,
                    self._provider(message),
                    reason=str(refusal),
                    now=now,
                    retry_after=refusal.retry_after,
                )
                if held_until and message.purpose != Purpose.CODE:
                    until = max(held_until, until or held_until)
            waits_for = WaitsFor.PROVIDER if until else None
            messages.release(session, message, until=until, waits_for=waits_for)
        log.warning("message_not_taken", key=message.key, reason=str(refusal), until=until)
        if until and until > now:
            raise Later(str(refusal), until=until) from refusal

    def _leave_open(self, message: Message, reason: str) -> None:
        """Record that the provider may have the message. A provider that does not answer is in trouble."""
        now = self._clock()
        with self._database.transaction() as session:
            outages.note_failure(session, self._provider(message), reason=reason, now=now)
            messages.settle(session, message, MessageState.UNKNOWN, at=now, reason=reason)

    def _give_up(self, message: Message, refusal: NeverDeliverable) -> None:
        now = self._clock()
        with self._database.transaction() as session:
            outages.note_success(session, self._provider(message))  # it answers, so it is there
            messages.settle(session, message, MessageState.FAILED, at=now, reason=str(refusal))
            if refusal.fate:
                fates.note(session, message.sent_as, refusal.fate, reason=str(refusal), at=now)

    def _record_sent(self, message: Message, provider_id: str) -> None:
        with self._database.transaction() as session:
            outages.note_success(session, self._provider(message))
            messages.settle(session, message, MessageState.SENT, at=self._clock(), provider_id=provider_id)

    def _provider(self, message: Message) -> str:
        return self._mailer.provider if message.channel == Channel.EMAIL else self._texter.provider


def _heed(session: Session, message: Message, verdict: Skip | Wait | None, *, now: datetime) -> None:
    """Do as the gate says with a message that was just claimed."""
    if isinstance(verdict, Wait):
        messages.release(session, message, until=verdict.until, waits_for=verdict.waits_for)
    if not isinstance(verdict, Skip):
        return
    messages.settle(session, message, MessageState.SKIPPED, at=now, reason=verdict.reason)
    if isinstance(verdict.reason, HeldBack) and message.account_id:
        # The reminder does not count as sent: the journey hears of it, and sends it when it may.
        kind = EventKind.NUDGE_HELD_BACK
        journal.append(
            session,
            message.account_id,
            kind,
            at=now,
            actor=Actor.SYSTEM,
            key=message.key,
            reason=verdict.reason,
        )


def _share_of_spread(key: str) -> timedelta:
    """This message's own share of the spread, always the same."""
    share = int.from_bytes(hashlib.blake2s(key.encode(), digest_size=4).digest())
    return SPREAD * (share / 2**32)
