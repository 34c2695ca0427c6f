"""The one place that sends: claims a message, hands it to its provider, and records what became of it."""

import json
from dataclasses import dataclass

import structlog
from temporalio import activity
from temporalio.exceptions import ApplicationError

from domain.errors import OfframpError
from domain.facts import Channel, Milestone
from domain.messages import MessageState, Purpose, Template
from domain.milestones import reached
from domain.ports import (
    Clock,
    Letter,
    Mailer,
    NeverDeliverable,
    NotHandedOver,
    Rendered,
    Seal,
    Texter,
    TextMessage,
    Wording,
    Writer,
)
from store import Database, Session, facts, journeys, messages
from store.messages import Claim, Message

log = structlog.get_logger()


class BeingSent(OfframpError):
    """Somebody else is sending this message right now, or died doing so; ask again in a moment."""


@dataclass(frozen=True, kw_only=True)
class Outside:
    """The providers, and what makes words of templates."""

    mailer: Mailer
    texter: Texter
    writer: Writer
    seal: Seal


class MessageActivities:
    """Sends messages by their keys. However often and by whomever it is asked, a key is handed over once."""

    def __init__(self, database: Database, clock: Clock, outside: Outside) -> None:
        self._database = database
        self._clock = clock
        self._outside = outside

    @activity.defn
    def send_message(self, key: str) -> None:
        """Send one message; raises what Temporal should retry, and nothing that it should not."""
        try:
            self.deliver(key)
        except (BeingSent, NotHandedOver) as error:
            raise ApplicationError(str(error), type=type(error).__name__) from error

    def deliver(self, key: str) -> None:
        """Claim, send and record one message.

        Raises NotHandedOver when the provider did not take it, so that it may be tried again, and BeingSent.
        """
        message = self._claim(key)
        if message is None:
            return
        try:
            provider_id = self._hand_over(message)
        except NotHandedOver:
            self._release(message)
            raise
        except NeverDeliverable as refusal:
            self._settle(message, MessageState.FAILED, reason=str(refusal))
        except Exception as error:  # whatever else happened, the provider may have taken it
            log.exception("message_unknown", key=key)
            self._settle(message, MessageState.UNKNOWN, reason=type(error).__name__)
        else:
            self._settle(message, MessageState.SENT, provider_id=provider_id)

    def _claim(self, key: str) -> Message | None:
        now = self._clock()
        with self._database.transaction() as session:
            claim, message = messages.claim(session, key, now=now)
            if claim is Claim.GRANTED and message and (reason := self._pointless(session, message)):
                messages.settle(session, message, MessageState.SKIPPED, at=now, reason=reason)
                return None
        if claim is Claim.TAKEN:
            raise BeingSent(f"{key} is being sent")
        return message if claim is Claim.GRANTED else None

    def _pointless(self, session: Session, message: Message) -> str | None:
        """Why a message need not be sent any more."""
        if message.expires_at and message.expires_at <= self._clock():
            return "expired"
        if message.purpose == Purpose.NUDGE and message.milestone and message.account_id:
            policy = journeys.policy_of(session, message.account_id)
            now_true = facts.read(session, message.account_id)
            if policy is None or reached(Milestone(message.milestone), now_true, policy):
                return "reached"
        return None

    def _hand_over(self, message: Message) -> str:
        words = self._words(message)
        if message.channel == Channel.EMAIL:
            letter = Letter(
                key=message.key,
                to=message.recipient,
                subject=words.subject,
                text=words.text,
                html=words.html,
            )
            return self._outside.mailer.send(letter)
        text = TextMessage(key=message.key, to=message.recipient, text=words.text)
        return self._outside.texter.send(text)

    def _words(self, message: Message) -> Rendered:
        try:
            secrets = json.loads(self._outside.seal.open(message.sealed)) if message.sealed else {}
            wording = Wording(
                template=Template(message.template),
                channel=Channel(message.channel),
                locale=message.locale,
                values=message.values | secrets,
            )
            return self._outside.writer.render(wording)
        except Exception as error:
            log.exception("message_not_rendered", key=message.key)
            raise NeverDeliverable(f"not_rendered: {type(error).__name__}") from error

    def _release(self, message: Message) -> None:
        with self._database.transaction() as session:
            messages.release(session, message)

    def _settle(self, message: Message, state: MessageState, **outcome: str | None) -> None:
        with self._database.transaction() as session:
            messages.settle(session, message, state, at=self._clock(), **outcome)
