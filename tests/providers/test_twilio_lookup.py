"""Twilio Lookup: what it is asked about a SIM, what its answers mean, and what is never asked twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.ports import NotHandedOver
from domain.safety.sim import SimReport
from providers.twilio import TwilioAccount
from providers.twilio_lookup import TwilioLookup
from tests.providers.letters import NUMBER, SOON
from tests.providers.standins import TWILIO_SID, TWILIO_TOKEN, StandIn
from tests.providers.standins.troubles import CLOSE, DROP, GARBLE, HANG, Trouble, status


def lookup_at(url: str, *, patience: timedelta = timedelta(seconds=10), **changes: Any) -> TwilioLookup:
    account: dict[str, Any] = {"account_sid": TWILIO_SID, "auth_token": TWILIO_TOKEN, "base_url": url}
    return TwilioLookup(TwilioAccount(**account | changes), patience=patience)


def swap(**told: Any) -> dict[str, Any]:
    """The package as Twilio documents it."""
    blank = {"last_sim_swap_date": None, "swapped_period": None, "swapped_in_period": None}
    return {"error_code": None, "last_sim_swap": blank | told}


def test_the_day_of_the_last_change_is_told(stand_in: StandIn) -> None:
    stand_in.twilio.sims[NUMBER] = swap(
        last_sim_swap_date="2026-02-27T10:18:50Z", swapped_period="PT240H", swapped_in_period=False
    )
    assert lookup_at(stand_in.url).ask(NUMBER) == SimReport(
        changed_at=datetime(2026, 2, 27, 10, 18, 50, tzinfo=UTC),
        changed_within=False,
        period=timedelta(days=10),
        reason="carrier_tells_nothing",
    )
    assert stand_in.twilio.looked_up == {NUMBER: 1}


@pytest.mark.parametrize(
    ("text", "period"),
    [("PT48H", timedelta(days=2)), ("P7D", timedelta(days=7)), ("P1DT30M", timedelta(days=1, minutes=30))],
)
def test_a_carrier_that_tells_no_day_tells_of_a_period(
    stand_in: StandIn, text: str, period: timedelta
) -> None:
    stand_in.twilio.sims[NUMBER] = swap(swapped_period=text, swapped_in_period=True)
    report = lookup_at(stand_in.url).ask(NUMBER)
    assert (report.changed_at, report.changed_within, report.period) == (None, True, period)


@pytest.mark.parametrize(
    "package",
    [
        swap(),
        swap(last_sim_swap_date="yesterday", swapped_period="a while", swapped_in_period="no"),
        swap(swapped_period="P", swapped_in_period=None),
        {"last_sim_swap": None},
    ],
)
def test_what_says_nothing_sensible_says_nothing(stand_in: StandIn, package: dict[str, Any]) -> None:
    stand_in.twilio.sims[NUMBER] = package
    assert lookup_at(stand_in.url).ask(NUMBER) == SimReport(reason="carrier_tells_nothing")


@pytest.mark.parametrize("code", [60607, 60612, 60620])
def test_a_carrier_that_cannot_say_has_said_so_and_is_not_asked_again(stand_in: StandIn, code: int) -> None:
    stand_in.twilio.sims[NUMBER] = {"error_code": code, "last_sim_swap": None}
    assert lookup_at(stand_in.url).ask(NUMBER) == SimReport(reason=f"twilio_{code}")


@pytest.mark.parametrize("trouble", [HANG, DROP, GARBLE, status(500), status(502), status(504)])
def test_what_may_have_been_billed_is_unknown(stand_in: StandIn, trouble: Trouble) -> None:
    stand_in.troubles.add(trouble)
    assert lookup_at(stand_in.url, patience=SOON).ask(NUMBER) == SimReport(reason="answer_lost")


@pytest.mark.parametrize("trouble", [status(429), status(503), status(401, {"code": 20003})])
def test_what_was_certainly_not_billed_may_be_asked_again(stand_in: StandIn, trouble: Trouble) -> None:
    stand_in.troubles.add(trouble)
    with pytest.raises(NotHandedOver):
        lookup_at(stand_in.url).ask(NUMBER)


def test_a_server_that_is_not_there_has_billed_nothing() -> None:
    with pytest.raises(NotHandedOver, match="not_reached"):
        lookup_at("http://127.0.0.1:1").ask(NUMBER)


def test_a_package_that_is_not_enabled_is_the_operators_to_mend(stand_in: StandIn) -> None:
    stand_in.twilio.sims[NUMBER] = {"error_code": 60606, "last_sim_swap": None}
    with pytest.raises(NotHandedOver, match="twilio_configuration_refused_60606"):
        lookup_at(stand_in.url).ask(NUMBER)


def test_a_number_that_is_none_is_refused_for_good(stand_in: StandIn) -> None:
    assert lookup_at(stand_in.url).ask("12") == SimReport(reason="twilio_60600")


def test_a_check_asks_nothing_that_costs(stand_in: StandIn) -> None:
    assert lookup_at(stand_in.url).check() is None
    stand_in.twilio.status = "suspended"
    assert lookup_at(stand_in.url).check() == "the account is suspended"
    assert not stand_in.twilio.looked_up


def test_a_connection_that_closes_unread_is_lost(stand_in: StandIn) -> None:
    stand_in.troubles.add(CLOSE)
    assert lookup_at(stand_in.url).ask(NUMBER) == SimReport(reason="answer_lost")
