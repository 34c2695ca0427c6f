"""What to show at a sign-in, and what the person answered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from urllib.parse import quote

from offramp_client.calls import Call, as_json
from offramp_client.moments import read_moment, written


class PromptAnswer(StrEnum):
    """What became of a prompt."""

    SEEN = "seen"
    SKIPPED = "skipped"
    CANNOT = "cannot"
    WENT = "went"


class Hindrance(StrEnum):
    """Why somebody cannot do it now."""

    NO_DEVICE = "no_device"
    SHARED_DEVICE = "shared_device"
    DID_NOT_WORK = "did_not_work"
    NO_EMAIL = "no_email"
    NO_TIME = "no_time"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class PromptWords:
    """The words of a prompt, in the person's language; the last three are buttons."""

    title: str
    body: str
    action: str
    later: str
    cannot: str


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """What to show. `words` and `go_to` are there if and only if there is something to show.

    From `codes_end_at` on, if there is an end date, a text-message code opens the set-up and nothing else: then
    `only_enrols` is true. `is_fallback`: Offramp did not answer in time, so there is nothing to show and the sign-in
    goes on.
    """

    prompt_id: str | None = None
    step: str | None = None
    skippable: bool = True
    skips_left: int = 0
    until: datetime | None = None
    words: PromptWords | None = None
    go_to: str | None = None
    sms: str | None = None
    codes_end_at: datetime | None = None
    only_enrols: bool = False
    is_fallback: bool = False

    @property
    def is_to_show(self) -> bool:
        """Whether there is a step to show."""
        return self.step is not None and self.words is not None

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """A prompt as the API answers. A kind of prompt that this client does not know is nothing to show."""
        if said["show"] != "step":
            return cls(**_about_codes(said))
        words = said["words"]
        return cls(
            prompt_id=said["prompt_id"],
            step=said["step"],
            skippable=said["skippable"],
            skips_left=said["skips_left"],
            until=read_moment(said.get("until")),
            words=PromptWords(**{name: words[name] for name in PromptWords.__dataclass_fields__}),
            go_to=said["go_to"],
            **_about_codes(said),
        )


def _about_codes(said: Mapping[str, Any]) -> dict[str, Any]:
    """What an answer says of text-message codes; an older Offramp says less."""
    return {
        "sms": said.get("sms"),
        "codes_end_at": read_moment(said.get("codes_end_at")),
        "only_enrols": said.get("only_enrols", False),
    }


FALLBACK = Prompt(is_fallback=True)


def asking(
    external_id: str, *, locale: str | None, user_agent: str | None, can_passkey: bool | None
) -> Call[Prompt]:
    """Ask what to show."""
    device = {"user_agent": user_agent, "can_passkey": can_passkey}
    body = {
        "external_id": external_id,
        "locale": locale,
        "device": {name: value for name, value in device.items() if value is not None},
    }
    return Call(
        method="POST",
        path="/v1/prompts",
        body=as_json({name: value for name, value in body.items() if value not in (None, {})}),
        read=lambda response: Prompt.read(json.loads(response.content)),
    )


def answering(
    prompt_id: str,
    answer: PromptAnswer,
    *,
    reason: Hindrance | None,
    can_passkey: bool | None,
    at: datetime | None,
) -> Call[None]:
    """Tell what became of a prompt."""
    body: dict[str, str | bool] = {"answer": PromptAnswer(answer)}
    if reason is not None:
        body["reason"] = Hindrance(reason)
    if can_passkey is not None:
        body["can_passkey"] = can_passkey
    if at is not None:
        body["at"] = written(at)
    path = f"/v1/prompts/{quote(prompt_id, safe='')}/answer"
    return Call(method="POST", path=path, body=as_json(body), read=lambda _response: None, is_named=True)
