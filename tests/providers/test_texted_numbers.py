"""Numbers that cost more, or that nobody reads, are never texted; nor are countries that are not served."""

import pytest

from domain.errors import NotTexted
from domain.messages.messages import Fate, Purpose, Template
from domain.messages.text_limits import ELSEWHERE
from domain.ports import NeverDeliverable, TextMessage
from providers.contacts import phone_number
from providers.texted_numbers import ChoosyTexter, require_textable, texted_country
from tests.fakes import FakeTexter

EVERYWHERE: frozenset[str] = frozenset()
MOBILE = "+4915112345602"


def text(to: str) -> TextMessage:
    return TextMessage(key="k", to=to, text="hello", purpose=Purpose.NOTICE, template=Template.SMS_REMOVED)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("+499001234567", "premium-rate"),
        ("+19002345678", "premium-rate"),
        ("+4918012345", "shared-cost"),
        ("+447640123456", "pager"),
        ("+447012345678", "personal number"),
        ("+445512345678", "company's number"),
        ("+49177991234567", "voicemail"),
    ],
)
def test_what_costs_more_or_reaches_no_phone_in_a_hand_is_not_texted(number: str, kind: str) -> None:
    assert phone_number(number) == number, "it may still name an account"
    with pytest.raises(NotTexted, match=kind) as refusal:
        require_textable(number, EVERYWHERE)
    assert number not in str(refusal.value)


@pytest.mark.parametrize("number", [MOBILE, "+442079460101", "+12025550104", "+818012345678"])
def test_mobiles_and_what_may_be_one_are_texted(number: str) -> None:
    require_textable(number, EVERYWHERE)


def test_with_a_list_of_countries_other_countries_are_not_texted() -> None:
    require_textable(MOBILE, frozenset({"DE", "AT"}))
    for number in ("+442079460101", "+18765551234", "+883510012345"):
        with pytest.raises(NotTexted, match="not served"):
            require_textable(number, frozenset({"DE", "US"}))


def test_texts_count_to_the_country_and_not_to_the_calling_code() -> None:
    numbers = ["+12025550104", "+18765551234", MOBILE, "+883510012345", "somewhere"]
    assert [texted_country(number) for number in numbers] == ["US", "JM", "DE", ELSEWHERE, ELSEWHERE]


def test_a_number_that_was_imported_long_ago_is_refused_when_it_is_about_to_be_texted() -> None:
    texter = FakeTexter()
    choosy = ChoosyTexter(texter, frozenset({"DE"}))
    assert choosy.provider == texter.provider
    with pytest.raises(NeverDeliverable, match="premium-rate") as refusal:
        choosy.send(text("+499001234567"))
    assert refusal.value.fate is Fate.UNDELIVERABLE
    assert texter.taken == []
    assert choosy.send(text(MOBILE)) == "text-1"
