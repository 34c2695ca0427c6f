"""Lets a service's own login talk with Offramp."""

from offramp_client.accounts import (
    AccountFields,
    AccountStanding,
    AskedChange,
    Contact,
    Methods,
    NextAct,
    SmsStanding,
    SmsUse,
)
from offramp_client.async_client import AsyncOfframp
from offramp_client.calls import Retries
from offramp_client.client import Offramp
from offramp_client.errors import (
    KeyRefused,
    NotGenuine,
    NotThere,
    OfframpError,
    ProblemAnswer,
    RequestRefused,
    ServerTrouble,
    TooManyRequests,
    Unreachable,
    UnreadableAnswer,
)
from offramp_client.events import Event, EventAnswer, EventType
from offramp_client.imports import ImportProgress, LineRemark, RemarkKind
from offramp_client.login_hints import LoginHints
from offramp_client.prompts import Hindrance, Prompt, PromptAnswer, PromptWords
from offramp_client.webhooks import Message, WebhookReceiver

__all__ = [
    "AccountFields",
    "AccountStanding",
    "AskedChange",
    "AsyncOfframp",
    "Contact",
    "Event",
    "EventAnswer",
    "EventType",
    "Hindrance",
    "ImportProgress",
    "KeyRefused",
    "LineRemark",
    "LoginHints",
    "Message",
    "Methods",
    "NextAct",
    "NotGenuine",
    "NotThere",
    "Offramp",
    "OfframpError",
    "ProblemAnswer",
    "Prompt",
    "PromptAnswer",
    "PromptWords",
    "RemarkKind",
    "RequestRefused",
    "Retries",
    "ServerTrouble",
    "SmsStanding",
    "SmsUse",
    "TooManyRequests",
    "Unreachable",
    "UnreadableAnswer",
    "WebhookReceiver",
]
