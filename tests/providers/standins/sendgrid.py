"""What SendGrid's v3 API checks and answers."""

import json
import re
import uuid
from collections.abc import Iterator
from typing import Any

from tests.providers.standins.exchange import Answered, Asked
from tests.providers.standins.taken import Taken

SENDGRID_KEY = "SG.a-key-of-the-tests"
LARGEST = 30 * 1024 * 1024
MOST_CUSTOM_ARGS = 10_000
RESERVED = {"to", "from", "subject", "reply-to", "cc", "bcc", "content-type", "received", "dkim-signature"}
ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")

Problem = tuple[str, str]


def answer(request: Asked) -> Answered:
    """The answer of `api.sendgrid.com`."""
    if request.headers.get("authorization") != f"Bearer {SENDGRID_KEY}":
        return _errors(401, [("", "The provided authorization grant is invalid, expired, or revoked")])
    if (request.method, request.path) == ("GET", "/v3/scopes"):
        return Answered(status=200, body={"scopes": ["mail.send"]})
    if (request.method, request.path) != ("POST", "/v3/mail/send"):
        return _errors(404, [("", "not found")])
    return _send(request)


def _send(request: Asked) -> Answered:
    if request.headers.get("content-type") != "application/json":
        return _errors(415, [("", "Content-Type should be application/json.")])
    if len(request.body) > LARGEST:
        return _errors(413, [("", "Payload too large")])
    try:
        mail = json.loads(request.body)
    except ValueError:
        return _errors(400, [("", "Bad Request")])
    if problems := list(_problems(mail)):
        return _errors(400, problems)
    if mail.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"):
        return Answered(status=200)
    taken = Taken(
        provider="sendgrid",
        key=mail.get("custom_args", {}).get("message_key", ""),
        to=mail["personalizations"][0]["to"][0]["email"],
        fields=mail,
    )
    return Answered(status=202, headers={"X-Message-Id": uuid.uuid4().hex}, taken=taken)


def _problems(mail: dict[str, Any]) -> Iterator[Problem]:
    yield from _recipient_problems(mail.get("personalizations"))
    if not ADDRESS.fullmatch(mail.get("from", {}).get("email", "")):
        yield "from.email", "The from email does not contain a valid address."
    if not mail.get("subject"):
        yield "subject", "The subject is required."
    yield from _content_problems(mail.get("content"))
    yield from _label_problems(mail)
    yield from _bypass_problems(mail.get("mail_settings", {}))


def _recipient_problems(personalizations: Any) -> Iterator[Problem]:
    if not isinstance(personalizations, list) or not 1 <= len(personalizations) <= 1000:
        yield "personalizations", "The personalizations field is required and must have at least one."
        return
    for number, personalization in enumerate(personalizations):
        for place, to in enumerate(personalization.get("to") or [{}]):
            if not ADDRESS.fullmatch(to.get("email", "")) or not to["email"].isascii():
                yield f"personalizations.{number}.to.{place}.email", "Does not contain a valid address."


def _content_problems(content: Any) -> Iterator[Problem]:
    if not isinstance(content, list) or not content:
        yield "content", "Unless a valid template_id is provided, the content parameter is required."
        return
    types = [part.get("type") for part in content]
    if types != sorted(types, key=["text/plain", "text/html"].index):
        yield "content", "If present, text/plain must come first, followed by text/html."
    if not all(part.get("value") for part in content):
        yield "content.0.value", "The content value must be a string at least one character in length."


def _label_problems(mail: dict[str, Any]) -> Iterator[Problem]:
    categories = mail.get("categories", [])
    if len(categories) > 10 or any(len(category) > 255 for category in categories):
        yield "categories", "There are more than 10 categories, or one is too long."
    if len(set(categories)) < len(categories):
        yield "categories", "Categories must be unique."
    args = mail.get("custom_args", {})
    if not all(isinstance(value, str) for value in args.values()):
        yield "custom_args", "The values must be strings."
    if len(json.dumps(args)) > MOST_CUSTOM_ARGS:
        yield "custom_args", "The custom_args may not exceed 10000 bytes."
    if reserved := {name.lower() for name in mail.get("headers", {})} & RESERVED:
        yield "headers", f"Reserved: {', '.join(reserved)}"


def _bypass_problems(settings: dict[str, Any]) -> Iterator[Problem]:
    bypasses = [name for name in settings if name.startswith("bypass_")]
    if "bypass_list_management" in bypasses and len(bypasses) > 1:
        yield "mail_settings", "bypass_list_management cannot be combined with other bypass filters."


def _errors(status: int, problems: list[Problem]) -> Answered:
    errors = [{"message": words, "field": field or None, "help": None} for field, words in problems]
    return Answered(status=status, body={"errors": errors})
