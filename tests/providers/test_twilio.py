"""Twilio: what it is told of a text message, and what its answers mean."""

import pytest

from domain.messages.messages import Fate
from domain.ports import NeverDeliverable, NotHandedOver
from tests.providers.letters import NUMBER, a_code, a_text, twilio_at
from tests.providers.standins import MESSAGING_SERVICE, VERIFY_SERVICE, StandIn
from tests.providers.standins.troubles import status


def test_a_text_message_says_where_to_tell_what_became_of_it(stand_in: StandIn) -> None:
    assert twilio_at(stand_in.url).send(a_text()).startswith("SM")
    (taken,) = stand_in.taken.all
    assert taken.key == "account:sms_notice:1/2"
    assert taken.fields == {
        "To": NUMBER,
        "From": "+15005550006",
        "Body": "Text-message codes end on Friday.",
        "StatusCallback": "https://login.example.com/callbacks/twilio?message=account%3Asms_notice%3A1%2F2",
    }


def test_a_messaging_service_chooses_the_number(stand_in: StandIn) -> None:
    twilio_at(stand_in.url, messaging_service=MESSAGING_SERVICE).send(a_text())
    fields = stand_in.taken.all[0].fields
    assert fields["MessagingServiceSid"] == MESSAGING_SERVICE
    assert "From" not in fields


def test_a_code_does_not_wait_at_twilio_longer_than_it_is_valid(stand_in: StandIn) -> None:
    twilio_at(stand_in.url).send(a_code())
    assert stand_in.taken.all[0].fields["ValidityPeriod"] == "600"


def test_nobody_is_called_back_who_cannot_be_reached(stand_in: StandIn) -> None:
    twilio_at(stand_in.url, callback_origin=None).send(a_text())
    assert "StatusCallback" not in stand_in.taken.all[0].fields


def test_codes_go_out_by_verify_and_are_ours(stand_in: StandIn) -> None:
    texter = twilio_at(stand_in.url, verify_service=VERIFY_SERVICE)
    assert texter.send(a_code(locale="pt-BR")).startswith("VE")
    assert stand_in.taken.all[0].fields == {
        "To": NUMBER,
        "Channel": "sms",
        "CustomCode": "123456",
        "Locale": "pt",
    }
    texter.send(a_text())
    assert stand_in.taken.all[1].provider == "twilio"


@pytest.mark.parametrize(
    ("code", "fate"),
    [
        (21211, Fate.UNDELIVERABLE),
        (21614, Fate.UNDELIVERABLE),
        (21610, Fate.STOPPED),
        (21408, Fate.WITHHELD),
        (21612, Fate.WITHHELD),
        (21635, Fate.UNDELIVERABLE),
        (21617, None),
    ],
)
def test_a_number_that_will_not_do_is_told_from_a_message_that_will_not(
    stand_in: StandIn, code: int, fate: Fate | None
) -> None:
    stand_in.twilio.refused[NUMBER] = code
    with pytest.raises(NeverDeliverable) as refused:
        twilio_at(stand_in.url).send(a_text())
    assert (refused.value.fate, str(refused.value)) == (fate, f"twilio_{code}")


def test_stop_leaves_codes_alone_that_go_by_verify(stand_in: StandIn) -> None:
    stand_in.twilio.refused[NUMBER] = 21610
    texter = twilio_at(stand_in.url, verify_service=VERIFY_SERVICE)
    with pytest.raises(NeverDeliverable) as reminder:
        texter.send(a_text())
    assert reminder.value.fate is Fate.UNSUBSCRIBED
    with pytest.raises(NeverDeliverable) as code:
        texter.send(a_code())
    assert code.value.fate is Fate.STOPPED


def test_a_number_that_is_none_is_undeliverable(stand_in: StandIn) -> None:
    with pytest.raises(NeverDeliverable) as refused:
        twilio_at(stand_in.url).send(a_text(to="12"))
    assert refused.value.fate is Fate.UNDELIVERABLE


@pytest.mark.parametrize("from_number", ["", "not a sender!"])
def test_a_sender_that_is_none_is_the_operators_to_mend(stand_in: StandIn, from_number: str) -> None:
    with pytest.raises(NotHandedOver, match="twilio_configuration_refused_") as refused:
        twilio_at(stand_in.url, from_number=from_number).send(a_text())
    assert refused.value.is_outage


def test_too_many_codes_to_one_number_are_no_outage(stand_in: StandIn) -> None:
    texter = twilio_at(stand_in.url, verify_service=VERIFY_SERVICE)
    for _ in range(5):
        texter.send(a_code())
    with pytest.raises(NotHandedOver, match="twilio_60203") as refused:
        texter.send(a_code())
    assert not refused.value.is_outage


def test_numbers_that_verify_will_not_write_to_are_no_outage_either(stand_in: StandIn) -> None:
    stand_in.twilio.refused[NUMBER] = 60410
    with pytest.raises(NeverDeliverable) as refused:
        twilio_at(stand_in.url, verify_service=VERIFY_SERVICE).send(a_code())
    assert refused.value.fate is Fate.WITHHELD


def test_a_verify_service_without_custom_codes_is_the_operators_to_mend(stand_in: StandIn) -> None:
    texter = twilio_at(stand_in.url, verify_service=VERIFY_SERVICE)
    assert texter.check() is None
    stand_in.twilio.takes_custom_codes = False
    assert "custom verification codes" in str(texter.check())
    with pytest.raises(NotHandedOver, match="60204"):
        texter.send(a_code())


def test_an_account_that_is_suspended_is_found(stand_in: StandIn) -> None:
    stand_in.twilio.status = "suspended"
    assert twilio_at(stand_in.url).check() == "the account is suspended"


def test_a_refusal_that_says_nothing_sensible_is_one_all_the_same(stand_in: StandIn) -> None:
    stand_in.troubles.add(status(400, ["words"]), status(400, {"code": "many"}))
    for _ in range(2):
        with pytest.raises(NeverDeliverable, match="twilio_400"):
            twilio_at(stand_in.url).send(a_text())


def test_settings_do_not_show_the_token() -> None:
    assert "token" not in repr(twilio_at("http://localhost")._account).replace("auth_token", "")
