"""Whatever the pages queue can be put into words."""

import json

from domain.facts import Channel
from domain.messages.messages import Template
from domain.ports import Wording
from providers.software_authenticator import Authenticator
from providers.wording import TemplateWriter
from store.messages import messages
from store.people import passkeys
from tests.api.world import Browser, World, shown_codes


def test_every_message_that_the_pages_send_has_its_words(
    world: World, browser: Browser, phone: Authenticator
) -> None:
    account = world.account()
    browser.sign_in_by_code(account)
    browser.verify_email(account)
    browser.make_passkey(phone)
    codes = shown_codes(browser.post("/setup/recovery-codes").text)
    browser.post("/sign-in/recovery", identifier=account.phone or "", code=codes[0])
    with world.database.reading() as session:
        (passkey,) = passkeys.active(session, account.account_id)
    browser.post(f"/account/passkeys/{passkey.passkey_id}/remove", is_sure="true")
    writer = TemplateWriter(service_name="Example", origin="https://accounts.example.test")
    with world.database.reading() as session:
        queued = list(messages.of_account(session, account.account_id))
    for message in queued:
        secret = json.loads(world.services.seal.open(message.sealed)) if message.sealed else {}
        wording = Wording(
            template=Template(message.template),
            channel=Channel(message.channel),
            locale="en",
            values={"short_code": message.short_code or ""} | message.values | secret,
        )
        assert writer.render(wording).text
        assert not any(value in repr(message.values) for value in secret.values())
    assert {message.template for message in queued} == {
        Template.SIGN_IN_CODE,
        Template.VERIFY_EMAIL,
        Template.PASSKEY_BOUND,
        Template.PASSKEY_REMOVED,
        Template.RECOVERY_CODES_MADE,
        Template.RECOVERY_CODE_USED,
    }
