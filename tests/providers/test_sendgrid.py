"""SendGrid: what it is told of an e-mail, and what its answers mean."""

from typing import Any

import pytest

from domain.messages.messages import Fate
from domain.ports import NeverDeliverable, NotHandedOver
from tests.providers.letters import STOP, a_letter, a_reminder, sendgrid_at
from tests.providers.standins import StandIn
from tests.providers.standins.troubles import status


def sent(stand_in: StandIn) -> dict[str, Any]:
    (taken,) = stand_in.taken.all
    return taken.fields


def test_an_e_mail_has_two_parts_its_key_and_no_tracking(stand_in: StandIn) -> None:
    assert sendgrid_at(stand_in.url).send(a_letter())
    mail = sent(stand_in)
    assert [part["type"] for part in mail["content"]] == ["text/plain", "text/html"]
    assert mail["from"] == {"email": "hello@bakery.example", "name": "The Bakery, Inc."}
    assert set(mail["categories"]) == {"notice", "passkey_bound"}
    assert mail["custom_args"] == {"message_key": "account:notice:1"}
    assert not any(tracking["enable"] for tracking in mail["tracking_settings"].values())


def test_notices_reach_those_who_want_no_reminders_and_spare_addresses_that_bounced(
    stand_in: StandIn,
) -> None:
    sendgrid_at(stand_in.url, unsubscribe_group=7).send(a_letter())
    settings = sent(stand_in)["mail_settings"]
    assert {name for name, setting in settings.items() if setting["enable"]} == {
        "bypass_unsubscribe_management",
        "bypass_spam_management",
    }
    assert "asm" not in sent(stand_in)
    assert "List-Unsubscribe" not in sent(stand_in)["headers"]


def test_reminders_end_with_one_click_and_bypass_nothing(stand_in: StandIn) -> None:
    sendgrid_at(stand_in.url, unsubscribe_group=7).send(a_reminder())
    mail = sent(stand_in)
    assert mail["headers"]["List-Unsubscribe"] == f"<{STOP}>"
    assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["asm"] == {"group_id": 7}
    assert [name for name, setting in mail["mail_settings"].items() if setting["enable"]] == []


def test_the_sandbox_checks_and_delivers_nothing(stand_in: StandIn) -> None:
    sendgrid_at(stand_in.url, sandbox=True).send(a_letter())
    assert stand_in.taken.all == []


def test_a_domain_in_another_script_is_sent_as_mail_servers_know_it(stand_in: StandIn) -> None:
    sendgrid_at(stand_in.url).send(a_letter(to="ann@bücher.example"))
    assert stand_in.taken.all[0].to == "ann@xn--bcher-kva.example"


@pytest.mark.parametrize("to", ["no address", "ann@", "änn@example.com", "an n@example.com"])
def test_an_address_that_is_none_is_to_blame(stand_in: StandIn, to: str) -> None:
    with pytest.raises(NeverDeliverable) as refused:
        sendgrid_at(stand_in.url).send(a_letter(to=to))
    assert refused.value.fate is Fate.UNDELIVERABLE
    assert to not in str(refused.value)


def test_a_sender_that_is_refused_is_the_operators_to_mend(stand_in: StandIn) -> None:
    stand_in.troubles.add(status(400, {"errors": [{"message": "no", "field": "from.email"}]}))
    with pytest.raises(NotHandedOver, match="sendgrid_sender_refused"):
        sendgrid_at(stand_in.url).send(a_letter())


def test_another_bad_request_blames_nobody(stand_in: StandIn) -> None:
    stand_in.troubles.add(status(400, {"errors": [{"message": "ann@example.com", "field": "content"}]}))
    with pytest.raises(NeverDeliverable) as refused:
        sendgrid_at(stand_in.url).send(a_letter())
    assert (refused.value.fate, str(refused.value)) == (None, "sendgrid_400")


@pytest.mark.parametrize("body", [None, [], "words", {"errors": "none"}, {"errors": ["x"]}])
def test_a_refusal_that_says_nothing_sensible_is_one_all_the_same(stand_in: StandIn, body: Any) -> None:
    stand_in.troubles.add(status(400, body))
    with pytest.raises(NeverDeliverable, match="sendgrid_400"):
        sendgrid_at(stand_in.url).send(a_letter())


def test_it_can_be_asked_whether_the_key_may_send(stand_in: StandIn) -> None:
    assert sendgrid_at(stand_in.url).check() is None
    stand_in.troubles.add(status(200, {"scopes": ["alerts.read"]}))
    assert "Mail Send" in str(sendgrid_at(stand_in.url).check())


def test_settings_do_not_show_the_key() -> None:
    assert "SG." not in repr(sendgrid_at("http://localhost")._account)
