"""The list of who is one loss away: what it shows, counts and saves, and what is written down of a look."""

import csv
import io

import pytest

from domain.facts import SmsState
from domain.staff.staff import AuditKind
from store.people.accounts import Account
from tests.api.console.operators import text
from tests.api.desk.test_desk import case_of, contacts_on
from tests.api.staff.staff import Desk, audited
from tests.api.world import World
from tests.factories import keep_cohort, make_account, make_member, make_passkey

LIST = "/console/desk/one-loss"
API = "/v1/support/one-loss"


def one_loss_away(world: World, *, platform: str = "Android phone") -> Account:
    """Somebody without text-message codes whose only passkey is on one device."""
    with world.database.transaction() as session:
        account = make_account(session, sms=SmsState.REMOVED, sms_since=world.clock())
        make_passkey(session, account.account_id, platform=platform, last_used_at=world.clock())
    return world.reload(account.account_id)


def test_the_desk_leads_to_the_list(sam: Desk) -> None:
    assert f'href="{LIST}"' in sam.browser.get("/console/desk").text
    assert "Nobody is one loss away" in text(sam.browser.get(LIST))


def test_the_list_says_who_and_on_what_the_account_hangs(sam: Desk) -> None:
    person = one_loss_away(sam.world)
    shown = sam.browser.get(LIST)
    assert f'href="{case_of(person)}"' in shown.text
    assert all(word in text(shown) for word in ("A phone 1", "Anything 1"))
    assert contacts_on(shown.text, person) == (False, False)
    entry = audited(sam.world)[-1]
    assert (entry.kind, entry.detail) == (AuditKind.LIST_SEEN, {"list": "one_loss", "filters": {}})


def test_the_list_narrows_by_thing_and_by_cohort(sam: Desk) -> None:
    phone, laptop = (one_loss_away(sam.world, platform=name) for name in ("Android phone", "Windows PC"))
    with sam.world.database.transaction() as session:
        cohort_id = keep_cohort(session)
        make_member(session, cohort_id, laptop.account_id)
    for query in ("thing=device", f"cohort={cohort_id}"):
        some = sam.browser.get(f"{LIST}?{query}").text
        assert (laptop.account_id in some, phone.account_id in some) == (True, False)
    assert audited(sam.world)[-1].detail["filters"] == {"cohort": cohort_id}
    assert "Nobody is one loss away like this" in text(sam.browser.get(f"{LIST}?thing=codes"))
    assert phone.account_id in sam.browser.get(f"{LIST}?thing=wallet&after=nonsense").text


def test_the_list_comes_on_pages_by_key(sam: Desk) -> None:
    people = {one_loss_away(sam.world).account_id for _ in range(53)}
    first = sam.browser.get(f"{LIST}?thing=phone").text
    further = first.split('" rel="next"')[0].rsplit('href="', 1)[1].replace("&amp;", "&")
    assert "thing=phone" in further
    second = sam.browser.get(further).text
    assert [account_id in first for account_id in people].count(True) == 50
    assert all((account_id in first) ^ (account_id in second) for account_id in people)
    assert 'rel="next"' not in second


def test_the_list_is_saved_without_contacts(sam: Desk) -> None:
    person = one_loss_away(sam.world)
    saved = sam.browser.get(f"{LIST}/export")
    header, line = csv.reader(io.StringIO(saved.text.removeprefix("\ufeff")))
    assert dict(zip(header, line, strict=True))["external_id"] == person.external_id
    assert dict(zip(header, line, strict=True))["hangs_on"] == "phone"
    assert contacts_on(saved.text, person) == (False, False)
    assert audited(sam.world)[-1].kind == AuditKind.LIST_EXPORTED


@pytest.mark.parametrize(("query", "listed"), [("", 2), ("?thing=phone", 1), ("?limit=1", 1)])
def test_the_api_has_the_same_list_and_its_counts(sam: Desk, query: str, listed: int) -> None:
    for platform in ("Android phone", "Windows PC"):
        one_loss_away(sam.world, platform=platform)
    answer = sam.browser.get(f"{API}{query}").json()
    assert len(answer["people"]) == listed
    assert (answer["after"] is not None) == (query == "?limit=1")
    counts = sam.browser.get(f"{API}/counts").json()["counts"]
    assert counts == {"phone": 1, "device": 1, "codes": 0, "nothing": 0}
