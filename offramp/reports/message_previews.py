"""Shows messages with sample values. Nothing is sent, and the database is not read."""

from dataclasses import dataclass

from domain.facts import Channel
from domain.messages.messages import Template
from domain.messages.samples import NOTICES, REMINDERS, SAMPLES
from domain.messages.segments import Segments, segments
from domain.ports import Wording
from offramp.config.settings import Settings
from providers.templates import Templates


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A template as one channel shows it; `locale` is the language that exists.

    Only a text message has `segments`. `ordinal` is each reminder's number, from 1.
    """

    template: Template
    channel: Channel
    locale: str
    ordinal: int
    subject: str
    text: str
    html: str
    segments: Segments | None


@dataclass(frozen=True, kw_only=True)
class TemplateLine:
    """A template in the list of all templates.

    `ordinals` are the numbers of the reminders that have words of their own; `overridden` are the languages in which
    the operator's own file is used.
    """

    template: Template
    channels: list[Channel]
    ordinals: list[int]
    locales: list[str]
    overridden: list[str]


def preview(
    settings: Settings, template: Template, *, channel: Channel, locale: str, ordinal: int
) -> Preview:
    """The words of a template for one of its channels."""
    from offramp.wiring import make_writer  # the list of messages does not need it

    wording = _sample(settings, template, channel=channel, locale=locale, ordinal=ordinal)
    words = make_writer(settings).render(wording)
    return Preview(
        template=template,
        channel=channel,
        locale=Templates(settings.messages).find(template, locale).locale,
        ordinal=ordinal,
        subject=words.subject,
        text=words.text,
        html=words.html,
        segments=segments(words.text) if channel is Channel.SMS else None,
    )


def channels(settings: Settings, template: Template, locale: str) -> list[Channel]:
    """The channels by which a template is sent."""
    return Templates(settings.messages).find(template, locale).channels


def entries(settings: Settings) -> list[TemplateLine]:
    """All templates, in the order in which a person meets them."""
    templates = Templates(settings.messages)
    return [_entry(templates, template) for template in Template]


def _entry(templates: Templates, template: Template) -> TemplateLine:
    pages = [templates.find(template, locale) for locale in templates.locales(template)]
    return TemplateLine(
        template=template,
        channels=pages[0].channels,
        ordinals=sorted({ordinal for page in pages for ordinal in page.ordinals}),
        locales=[page.locale for page in pages],
        overridden=templates.overridden(template),
    )


def _sample(
    settings: Settings, template: Template, *, channel: Channel, locale: str, ordinal: int
) -> Wording:
    return Wording(
        template=template,
        channel=channel,
        locale=locale,
        values=SAMPLES[template] | {"ordinal": str(ordinal)} | _gathered(settings, template, locale),
        objection_link=f"{settings.origin}/sample" if template in NOTICES else None,
        stop_link=f"{settings.origin}/sample" if template in REMINDERS else None,
    )


def _gathered(settings: Settings, template: Template, locale: str) -> dict[str, str]:
    """What a gathered message lists, which is in the language of the letter: the subjects of other letters."""
    if template is not Template.SEVERAL_CHANGES:
        return {}
    from offramp.wiring import make_writer  # the list of messages does not need it

    writer = make_writer(settings)
    changes = {"14:05 – 14:09: 3 × ": Template.RECOVERY_CODES_MADE, "14:10: ": Template.EMAIL_CHANGED}
    lines = [
        when + writer.render(Wording(template=change, channel=Channel.EMAIL, locale=locale)).subject
        for when, change in changes.items()
    ]
    return {"changes": "\n\n".join(lines)}
