"""Says at a host's sign-in what to show the person, and takes the answer. The question reads, and writes nothing."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime

import structlog

from domain import prompts as rules
from domain.attempts import Occasion, Scene
from domain.errors import Refused, Unknown
from domain.facts import Milestone, SmsState
from domain.messages.cadence import has_ended, own_day, own_end
from domain.ports import Seal
from domain.prompts import ANSWERABLE_FOR, CannotReason, PromptAnswer
from domain.rollouts.slices import Platform
from domain.software import UNKNOWN_SOFTWARE, BrowserFamily, Software
from domain.words.prompt_words import PROMPT_LOCALES, PromptWords, prompt_words
from providers.days import long_day
from providers.platforms import UNKNOWN, platform_name, software_of
from providers.templates import FALLBACK, fallbacks
from services.container import Services
from services.people import prompting, standing
from services.people.prompting import NoSkipsLeft
from store import Database, Session
from store.host import prompt_answers, prompts
from store.host.prompts import PromptCase
from store.journeys import retiring
from store.people import accounts, passkeys
from store.people.accounts import Account
from store.rollouts import slice_holds

log = structlog.get_logger()

_KIND = "prompt"


class PromptOver(Refused):
    """The prompt was asked for so long ago that an answer says nothing any more."""


@dataclass(frozen=True, kw_only=True)
class SigningIn:
    """Who signs in at the host, and on what. `can_passkey` is None if nobody knows whether the device can make one."""

    external_id: str
    locale: str | None = None
    user_agent: str = ""
    can_passkey: bool | None = None


@dataclass(frozen=True, kw_only=True)
class SignInPrompt:
    """What to show at a sign-in; without a `step`, nothing. `until` is the end of putting it off, if there is one.

    `ends_at` is the person's end date, if there is one; with `is_over` it has come, and a text-message code may open
    the set-up and nothing else.
    """

    sms: SmsState
    ends_at: datetime | None = None
    is_over: bool = False
    prompt_id: str | None = None
    step: Milestone | None = None
    skips_left: int = 0
    until: datetime | None = None
    words: PromptWords | None = None
    go_to: str | None = None


@dataclass(frozen=True, kw_only=True)
class ToldAnswer:
    """What a host tells of a prompt; `at` is by the host's clock. `can_passkey` is what the page found out."""

    answer: PromptAnswer
    reason: CannotReason | None = None
    at: datetime | None = None
    can_passkey: bool | None = None


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """What a prompt's id says: it is sealed, so that nobody but Offramp can make one, or read it."""

    name: str
    account_id: str
    asked_at: datetime
    skippable: bool
    can_passkey: bool
    platform: str
    software: Software = UNKNOWN_SOFTWARE

    @property
    def scene(self) -> Scene:
        """Where it was shown."""
        return Scene(occasion=Occasion.HOST, software=self.software)


def ask(services: Services, signing_in: SigningIn) -> SignInPrompt:
    """What to show; nothing for an unknown account, and for one that is on no journey, held out or done."""
    now = services.clock()
    with services.database.glance() as connection:
        case = prompts.find(connection, signing_in.external_id)
    if case is None or case.policy is None:
        return SignInPrompt(sms=case.facts.sms if case else SmsState.ON)
    end = _end(case)
    is_put_off = has_ended(case.facts, case.policy, now) and _is_retiring_stopped(services.database, case)
    is_over = end is not None and has_ended(case.facts, case.policy, now) and not is_put_off
    step = _step(services.database, case, signing_in.user_agent, now=now, is_end_put_off=is_put_off)
    if step is None:
        go_to = services.site.set_up_link(Milestone.PASSKEY_ENROLLED) if is_over else None
        return SignInPrompt(sms=case.facts.sms, ends_at=end, is_over=is_over, go_to=go_to)
    skips = rules.skips(case.facts, case.policy, now, promised=case.skips_told)
    skips_left = skips.left(case.skips_used, now)
    shown = _Shown(
        name=secrets.token_urlsafe(12),
        account_id=case.account_id,
        asked_at=now,
        skippable=skips_left > 0,
        can_passkey=signing_in.can_passkey is True,
        platform=platform_name(signing_in.user_agent) if signing_in.user_agent else UNKNOWN,
        software=software_of(signing_in.user_agent),
    )
    return SignInPrompt(
        sms=case.facts.sms,
        ends_at=end,
        is_over=is_over,
        prompt_id=_sealed(services.seal, shown),
        step=step,
        skips_left=skips_left,
        until=skips.until,
        words=_words(services, step, signing_in.locale or case.locale, case, now=now),
        go_to=services.site.set_up_link(step),
    )


def answer(services: Services, prompt_id: str, told_answer: ToldAnswer) -> None:
    """Write down what a person answered, once. Whoever answers has seen the prompt, so that is written down, too.

    Raises Unknown for an id that Offramp has not given, PromptOver a week later, and NoSkipsLeft for "Remind me later"
    to a prompt that did not offer it.
    """
    shown, now = _opened(services.seal, prompt_id), services.clock()
    if now - shown.asked_at > ANSWERABLE_FOR:
        raise PromptOver("this prompt was asked for too long ago")
    if told_answer.answer is PromptAnswer.SKIPPED and not shown.skippable:
        raise NoSkipsLeft("this prompt could not be put off")
    at = rules.answered_at(told_answer.at, asked_at=shown.asked_at, now=now)
    with services.database.transaction() as session:
        account = accounts.lock(session, shown.account_id)
        if _is_first(session, shown, PromptAnswer.SEEN):
            capable = shown.can_passkey if told_answer.can_passkey is None else told_answer.can_passkey
            prompting.keep_seen(
                session, account, shown.scene, capable=capable, platform=shown.platform, at=at
            )
        if told_answer.answer is not PromptAnswer.SEEN and _is_first(session, shown, told_answer.answer):
            _keep(session, account, told_answer, shown.scene, at=at)


def _step(
    database: Database, case: PromptCase, user_agent: str, *, now: datetime, is_end_put_off: bool
) -> Milestone | None:
    if case.policy is None or case.facts.deactivated_at:
        return None
    return rules.step_to_ask(
        case.facts,
        case.policy,
        on_journey=True,
        is_frozen=case.is_frozen,
        proven_today=_is_proven_today(database, case, now=now),
        now=now,
        is_spared=case.is_any_slice_held and _is_spared(database, case, user_agent),
        is_end_put_off=is_end_put_off,
    )


def _is_retiring_stopped(database: Database, case: PromptCase) -> bool:
    with database.reading() as session:
        return retiring.is_stopped_for(session, case.account_id)


def _end(case: PromptCase) -> datetime | None:
    is_open = case.facts.sms in (SmsState.ON, SmsState.NOTICE) and not case.is_frozen
    if case.facts.deactivated_at:
        return None
    return own_end(case.facts, case.policy) if case.policy and is_open else None


def _is_spared(database: Database, case: PromptCase, user_agent: str) -> bool:
    """A second look, for the few whose cohort holds any slice, and while prompts are stopped for anybody."""
    software = software_of(user_agent)
    with database.reading() as session:
        return slice_holds.spares(session, case.account_id, Scene(occasion=Occasion.HOST, software=software))


def _is_proven_today(database: Database, case: PromptCase, *, now: datetime) -> bool:
    """Only whoever has travelled west may have days that are still to come, and then takes a second look."""
    today = standing.today(case.time_zone, now)
    if case.last_day is None or case.last_day <= today:
        return case.last_day == today
    with database.reading() as session:
        return today in passkeys.days_used(session, case.account_id)


def _words(
    services: Services, step: Milestone, locale: str, case: PromptCase, *, now: datetime
) -> PromptWords:
    nearest = next((tag for tag in fallbacks(locale) if tag in PROMPT_LOCALES), FALLBACK)
    day = own_day(case.facts, case.policy) if case.policy and _end(case) else None
    ends_on = long_day(day, locale if nearest in fallbacks(locale)[:-1] else nearest) if day else None
    ended = case.policy is not None and has_ended(case.facts, case.policy, now)
    service_name = services.site.service_name
    return prompt_words(step, nearest, service_name=service_name, ends_on=ends_on, has_ended=ended)


def _is_first(session: Session, shown: _Shown, kind: PromptAnswer) -> bool:
    return prompt_answers.claim(session, shown.name, kind, asked_at=shown.asked_at)


def _keep(session: Session, account: Account, told_answer: ToldAnswer, scene: Scene, *, at: datetime) -> None:
    match told_answer.answer:
        case PromptAnswer.SKIPPED:
            person_standing = standing.read(session, account.account_id, now=at)
            prompting.keep_skip(session, account, person_standing, scene, at=at)
        case PromptAnswer.CANNOT:
            since, progress_at = account.cannot_since, account.progress_at
            if rules.is_overtaken(at, progress_at=progress_at, cannot_since=since):
                log.info("cannot_overtaken", account_id=account.account_id)
                return
            reason = told_answer.reason or CannotReason.OTHER
            prompting.keep_cannot(session, account, reason, scene, at=at)


def _sealed(seal: Seal, shown: _Shown) -> str:
    software = shown.software
    parts = [
        *(_KIND, shown.name, shown.account_id, shown.asked_at.isoformat()),
        *(shown.skippable, shown.can_passkey, shown.platform),
        *(software.browser, software.browser_major, software.system, software.system_major),
    ]
    return seal.close(json.dumps(parts)).decode().rstrip("=")


def _opened(seal: Seal, prompt_id: str) -> _Shown:
    """What an id says. Raises Unknown for anything that was not sealed as a prompt here."""
    try:
        parts = json.loads(seal.open(prompt_id.encode() + b"=" * (-len(prompt_id) % 4)))
        kind, name, account_id, asked_at, skippable, can_passkey, platform, *software = parts
    except (ValueError, TypeError):
        raise Unknown("no such prompt") from None
    if kind != _KIND:
        raise Unknown("no such prompt")
    return _Shown(
        name=name,
        account_id=account_id,
        asked_at=datetime.fromisoformat(asked_at),
        skippable=skippable,
        can_passkey=can_passkey,
        platform=platform,
        software=_software(*software) if software else UNKNOWN_SOFTWARE,  # an older release left it out
    )


def _software(
    browser: str, browser_major: int | None, system: str | None, system_major: int | None
) -> Software:
    return Software(
        browser=BrowserFamily(browser),
        browser_major=browser_major,
        system=Platform(system) if system else None,
        system_major=system_major,
    )
