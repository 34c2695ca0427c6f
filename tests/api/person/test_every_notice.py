"""Every notice, in every language: it can be read, opened, objected to, and seen on the account page afterwards."""

import re
from html import unescape

import pytest

from domain.facts import Channel
from domain.messages.links import objection_token
from domain.messages.messages import Template
from domain.messages.samples import NOTICES, SAMPLES, WITHOUT_CODE
from domain.ports import Wording
from domain.trust import Change
from domain.words import change_words
from domain.words.change_words import CHANGES, WAITING
from providers.templates import Templates
from providers.wording import TemplateWriter
from store.messages import messages, notices
from store.messages.messages import Message
from store.people import accounts
from store.people.accounts import Account
from tests.api.world import Browser, World

WRITER = TemplateWriter(service_name="Example", origin="https://accounts.example.test")
LOCALES = sorted(set(Templates().locales(Template.PASSKEY_BOUND)))


def tell(world: World, account: Account, template: Template) -> dict[str, Message]:
    """The owner is told of something; the notices by their channels."""
    values = {name: value for name, value in SAMPLES[template].items() if name != "short_code"}
    with world.database.transaction() as session:
        whom = accounts.get(session, account.account_id)
        notices.tell(session, whom, template, event="1", at=world.clock(), values=values)
        sent = messages.of_account(session, account.account_id)
        return {message.channel: message for message in sent if message.template == template}


def page_text(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page)))


def test_every_notice_has_the_words_of_its_change() -> None:
    assert set(CHANGES) == NOTICES


@pytest.mark.parametrize("change", WAITING)
def test_every_change_that_waits_is_named(change: Change) -> None:
    said = change_words.change(Template.CHANGE_WAITS, {"change": change, "device": "iPhone"})
    assert said == f"{WAITING[change].format(device='iPhone')} was asked for"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("template", sorted(NOTICES))
def test_a_notice_can_be_read_opened_and_objected_to(
    world: World, browser: Browser, template: Template, locale: str
) -> None:
    account = world.account(locale=locale)
    told = tell(world, account, template)
    for channel, message in told.items():
        link = f"/not-me/{objection_token(world.services.seal, message.key)}"
        short_code = {"short_code": message.short_code} if message.short_code else {}
        wording = Wording(
            template=template,
            channel=Channel(channel),
            locale=message.locale,
            values=message.values | short_code,
            objection_link=link,
            stop_link=None,
        )
        rendered = WRITER.render(wording)
        assert rendered.text
        has_code = channel == Channel.SMS and template not in WITHOUT_CODE
        assert bool(message.short_code) is has_code
        assert (message.short_code or (link if channel == Channel.EMAIL else "")) in rendered.text
    said = change_words.change(template, told[Channel.EMAIL].values)
    path = f"/not-me/{objection_token(world.services.seal, told[Channel.EMAIL].key)}"
    before = world.browser().get(path)
    assert (before.status_code, said in page_text(before.text)) == (200, True)
    assert world.browser().post(path).status_code == 303
    after = world.browser().get(path)
    assert (after.status_code, "We have stopped it" in after.text) == (200, True)
    browser.sign_in_by_code(account)
    shown = browser.get("/account")
    assert (shown.status_code, said in page_text(shown.text)) == (200, True)


@pytest.mark.parametrize("template", sorted(NOTICES - WITHOUT_CODE))
def test_the_code_of_a_text_leads_to_the_same_page(world: World, template: Template) -> None:
    account = world.account()
    text = tell(world, account, template)[Channel.SMS]
    answer = world.browser().post("/not-me", code=text.short_code or "")
    page = world.browser().get(answer.headers["location"])
    assert page.status_code == 200
    assert change_words.change(template, text.values) in page_text(page.text)


@pytest.mark.parametrize("template", sorted(NOTICES))
def test_the_account_page_shows_every_change_of_late(
    world: World, browser: Browser, template: Template
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    tell(world, account, template)
    assert browser.get("/account").status_code == 200
