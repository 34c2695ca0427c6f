"""What to show a person who signs in at the host, and what the person answered."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.host.callers import AsksPrompts, require_now
from api.host.named_requests import HostRoute
from api.web.arguments import Use
from api.web.bounds import Moment
from domain.facts import Milestone, SmsState
from domain.host.keys import KeyScope
from domain.prompts import CannotReason, PromptAnswer
from services.host import prompts
from services.host.prompts import SigningIn, SignInPrompt, ToldAnswer

router = APIRouter(route_class=HostRoute, prefix="/prompts", tags=["prompts"])


class DeviceHints(BaseModel):
    """What the host knows of the device that signs in."""

    user_agent: Annotated[
        str,
        Field(
            max_length=2000,
            description="The browser's `User-Agent`. Of it are kept the kind of device, and browser and system by "
            "family and major version.",
        ),
    ] = ""
    can_passkey: bool | None = Field(
        default=None,
        description="Whether the device can make a passkey, if that is known. Only then does the prompt count as seen "
        "where it could be followed, and patience begins to run.",
    )


class PromptQuestion(BaseModel):
    """Who signs in, and on what."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "external_id": "user-4711",
                    "locale": "de-AT",
                    "device": {"user_agent": "Mozilla/5.0 (iPhone)", "can_passkey": True},
                }
            ]
        }
    )

    external_id: Annotated[str, Field(max_length=500, description="The host's own id of the account.")]
    locale: Annotated[
        str | None,
        Field(
            max_length=35, description="The language of this sign-in (BCP 47); else the account's own counts."
        ),
    ] = None
    device: DeviceHints = Field(default=DeviceHints(), description="What the host knows of the device.")


class WordsOfPrompt(BaseModel):
    """What the prompt says, in plain text."""

    title: str = Field(description="The heading.")
    body: str = Field(description="One paragraph below it.")
    action: str = Field(description="The button that leads to `go_to`.")
    later: str = Field(description="The button that puts the prompt off; show it while `skippable`.")
    cannot: str = Field(description="The way out that is always there; ask for the reason behind it.")


class PromptToShow(BaseModel):
    """What to show now. With `nothing`, the sign-in leads on as ever."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "prompt_id": "gAAAAABp…",
                    "show": "step",
                    "step": "passkey_enrolled",
                    "skippable": True,
                    "skips_left": 2,
                    "until": "2026-05-25T09:30:00Z",
                    "words": {
                        "title": "Sign in with your face, fingerprint or screen lock",
                        "body": "Instead of waiting for a code, you unlock this device as ever, and you're in.",
                        "action": "Set it up",
                        "later": "Remind me later",
                        "cannot": "I can't do this now",
                    },
                    "go_to": "https://accounts.example.com/oidc/authorize?acr_values=urn%3Aofframp%3Asetup",
                    "codes_end_at": "2027-02-01T00:00:00Z",
                    "only_enrols": False,
                    "sms": "on",
                }
            ]
        }
    )

    prompt_id: str | None = Field(description="Names the prompt when its answer is told; for a week.")
    show: Literal["nothing", "step"] = Field(description="Whether to show anything.")
    step: Milestone | None = Field(description="What the person is asked for.")
    skippable: bool = Field(
        description="Whether the person can put it off. “I can't do this now” stays in any case."
    )
    skips_left: int = Field(description="How often the person can still put it off.")
    until: datetime | None = Field(
        description="From when on it cannot be put off any more; null if that is never."
    )
    words: WordsOfPrompt | None = Field(description="What to say, in the person's language.")
    go_to: str | None = Field(
        description="Where the button leads. To Offramp, add your client's own parameters."
    )
    codes_end_at: datetime | None = Field(
        description="From when on a text-message code opens the set-up and nothing else; null without an end date."
    )
    only_enrols: bool = Field(
        description="Whether that moment has come: a sign-in by a text-message code leads to `go_to` alone."
    )
    sms: SmsState = Field(description="How far text-message codes are switched off for this account.")


class AnswerToPrompt(BaseModel):
    """What became of a prompt. Told twice, it counts once."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"answer": "cannot", "reason": "no_device", "at": "2026-05-04T09:30:00Z"}]
        }
    )

    answer: PromptAnswer = Field(
        description="`seen`: it was shown. `skipped`: “Remind me later”. `cannot`: “I can't do this now”. "
        "`went`: the person followed it. Each of the last three says that it was seen, too."
    )
    reason: CannotReason | None = Field(
        default=None, description="Why the person cannot; `other` if left out."
    )
    at: Moment | None = Field(
        default=None,
        description="When it happened, if not now. It counts by that time, though not before the question, nor later "
        "than now.",
    )
    can_passkey: bool | None = Field(
        default=None, description="Whether the device can make a passkey, if the page has found out."
    )


@router.post("", summary="What to show at a sign-in", response_model=PromptToShow)
def ask(request: Request, services: Use, question: PromptQuestion) -> Response:
    """Answers in one round trip, from the database alone. An unknown account is no error: nothing is shown."""
    require_now(request, services, KeyScope.PROMPTS_WRITE)
    signing_in = SigningIn(
        external_id=question.external_id,
        locale=question.locale,
        user_agent=question.device.user_agent,
        can_passkey=question.device.can_passkey,
    )
    shown = _to_show(prompts.ask(services, signing_in))
    # Written here, once: FastAPI would check it again, in a thread of its own, while a login waits.
    return Response(shown.model_dump_json(), media_type="application/json")


@router.post("/{prompt_id}/answer", status_code=204, summary="Tell what became of a prompt")
def answer(
    _key: AsksPrompts,
    services: Use,
    prompt_id: Annotated[str, Path(max_length=2000, description="`prompt_id` of the answered question.")],
    answered: AnswerToPrompt,
) -> None:
    """Writes down what Offramp's own pages would: seen, put off, or cannot, each once."""
    prompts.answer(services, prompt_id, ToldAnswer(**answered.model_dump()))


def _to_show(prompt: SignInPrompt) -> PromptToShow:
    words = prompt.words
    return PromptToShow(
        prompt_id=prompt.prompt_id,
        show="step" if prompt.step else "nothing",
        step=prompt.step,
        skippable=prompt.skips_left > 0,
        skips_left=prompt.skips_left,
        until=prompt.until,
        words=words and WordsOfPrompt(**vars(words)),
        go_to=prompt.go_to,
        codes_end_at=prompt.ends_at,
        only_enrols=prompt.is_over,
        sms=prompt.sms,
    )
