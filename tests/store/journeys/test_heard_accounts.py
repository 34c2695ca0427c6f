"""Of what a host tells, the newest word on each matter counts, whenever it comes."""

from datetime import timedelta

from domain.host.words import Word
from store import Database
from store.journeys import heard_accounts
from store.people import accounts
from tests.clocks import START
from tests.factories import make_account

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)


def test_a_word_is_news_when_nothing_as_new_was_heard_on_its_matter(
    database: Database, account_id: str
) -> None:
    word = Word(at=START, event_id="b")
    with database.transaction() as session:
        assert heard_accounts.newest(session, account_id, "sms") is None
        assert heard_accounts.is_news(session, account_id, "sms", word)
        heard_accounts.heed(session, account_id, ["sms", "email"], word, now=START + SECOND)
    with database.transaction() as session:
        for matter in ("sms", "email"):
            heard = heard_accounts.newest(session, account_id, matter)
            assert heard is not None
            assert (heard.word, heard.heeded_at) == (word, START + SECOND)
        assert heard_accounts.is_news(session, account_id, "phone", word)
        assert not heard_accounts.is_news(session, account_id, "sms", word)
        assert not heard_accounts.is_news(session, account_id, "sms", Word(at=START, event_id="a"))
        assert not heard_accounts.is_news(session, account_id, "sms", Word(at=START - SECOND, event_id="c"))
        assert heard_accounts.is_news(session, account_id, "sms", Word(at=START, event_id="c"))


def test_a_newer_word_on_one_matter_leaves_the_others(database: Database, account_id: str) -> None:
    older, newer = Word(at=START, event_id="a"), Word(at=START + DAY, event_id="b")
    with database.transaction() as session:
        heard_accounts.heed(session, account_id, ["sms", "email"], older, now=START)
        heard_accounts.heed(session, account_id, ["sms"], newer, now=START)
    with database.transaction() as session:
        told = {matter: heard_accounts.newest(session, account_id, matter) for matter in ("sms", "email")}
    assert {matter: heard and heard.word for matter, heard in told.items()} == {"sms": newer, "email": older}


def test_sign_ins_at_the_host_are_counted_by_their_kind_and_the_latest_is_kept(
    database: Database, account_id: str
) -> None:
    with database.transaction() as session:
        account = accounts.lock(session, account_id)
        for by_sms, at in ((True, START), (True, START - DAY), (False, START + DAY), (False, START)):
            heard_accounts.note_sign_in(session, account, by_sms=by_sms, at=at)
    with database.reading() as session:
        row = heard_accounts.find(session, account_id)
        assert row is not None
        assert (row.sms_sign_ins, row.other_sign_ins, row.last_sms_sign_in_at) == (2, 2, START)
        assert accounts.get(session, account_id).last_sign_in_at == START + DAY


def test_the_latest_sight_of_a_device_that_makes_passkeys_is_kept_and_the_last_risk(
    database: Database, account_id: str
) -> None:
    with database.transaction() as session:
        for at in (START, START - DAY):
            heard_accounts.note_passkey_device(session, account_id, at=at)
        heard_accounts.note_risk(session, account_id, "high", at=START)
        heard_accounts.note_risk(session, account_id, "low", at=START + DAY)
    with database.reading() as session:
        row = heard_accounts.find(session, account_id)
    assert row is not None
    assert (row.passkey_device_at, row.risk, row.risk_at) == (START, "low", START + DAY)


def test_what_was_heard_of_several_accounts_is_gathered_changed_and_forgotten(
    database: Database, account_id: str
) -> None:
    with database.transaction() as session:
        others = [make_account(session).account_id for _ in range(2)]
        heard_accounts.note_risk(session, account_id, "high", at=START)
    with database.transaction() as session:
        rows = heard_accounts.gather(session, [account_id, others[0], others[0]])
        assert rows.keys() == {account_id, others[0]}
        assert rows[account_id].risk == "high"
        rows[others[0]].sms_sign_ins = 3
        heard_accounts.write(session, rows.values())
        assert heard_accounts.gather(session, []) == {}
    with database.transaction() as session:
        kept = [heard_accounts.find(session, each) for each in (account_id, *others)]
        assert [row and (row.risk, row.sms_sign_ins) for row in kept] == [("high", 0), (None, 3), None]
        heard_accounts.forget(session, account_id)
        heard_accounts.forget(session, others[1])
    with database.reading() as session:
        assert heard_accounts.find(session, account_id) is None
        assert heard_accounts.find(session, others[0]) is not None
