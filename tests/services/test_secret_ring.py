"""What hangs on which key is told as it is, before a key is taken out; what lies sealed is closed again."""

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import LargeBinary, update
from sqlmodel import col

from domain.facts import Channel
from domain.host.webhooks import new_webhook_secret
from domain.messages.messages import Purpose, Template
from domain.safety.secret_keys import LINKS_LAST, UNKNOWN, Hanging, KeyPlace, KeyStanding, key_id
from providers.sealing import FernetSeal
from services import secret_ring
from store import Database, hanging
from store.engine import secret_keys
from store.hanging import SEALED
from store.host import answered_requests
from store.messages import messages
from store.messages.messages import NewMessage
from store.people import door_notes, recovery_codes
from store.people.recovery_codes import RecoveryCode
from store.tables import METADATA
from store.webhooks import subscriptions
from store.webhooks.subscriptions import WebhookSubscription
from tests.clocks import START
from tests.factories import make_account, make_app, vouched
from tests.rings import NEW, OLD, STRANGE

OLD_ID, NEW_ID, STRANGE_ID = key_id(OLD), key_id(NEW), key_id(STRANGE)
DAY = timedelta(days=1)
BOTH = FernetSeal(NEW, OLD)

NOT_CLOSED_AGAIN = {
    "journal_day.leaves": "digests, and no secret",
    "challenge.challenge": "is random",
    "staff_challenge.challenge": "is random, or says for minutes what a member was about at the identity provider",
    "first_answer.sealed": "lives for a minute, and names its key",
    "passkey.public_key": "is public",
    "staff_passkey.public_key": "is public",
}


def told(
    database: Database, *keys: str, now: datetime = START, seal: FernetSeal | None = None
) -> dict[str, KeyStanding]:
    ids = [key_id(key) for key in keys]
    listed = secret_ring.key_standings(database, ids, seal or FernetSeal(*keys), now=now)
    return {standing.key_id: standing for standing in listed}


def fill(database: Database, key: str, number: int = 1) -> str:
    """Rows of every kind that is kept for longer, under one key; returns the account's id."""
    seal = FernetSeal(key)
    with database.transaction() as session:
        account_id = make_account(
            session, external_id=f"{number}", phone=f"+49151123456{number:02d}", email=f"{number}@example.org"
        ).account_id
        digests = [f"{account_id} {place}" for place in range(8)]
        recovery_codes.make(session, account_id, digests, vouched(), key_id=key_id(key))
        door_notes.code_asked(session, account_id, code_id="none", sealed=seal.close("code"), at=START)
        messages.add(session, _message(account_id, number, seal.close("code")), at=START)
        make_app(session, account_id, sealed=seal.close("secret"))
        subscriptions.add(
            session,
            WebhookSubscription(
                name=f"crm {number}",
                url="https://host.example/",
                sealed_secret=seal.close(new_webhook_secret()),
                former_secret=seal.close(new_webhook_secret()),
                former_until=START + DAY,
                made_by="olga",
                made_at=START,
            ),
        )
        answered_requests.begin(session, key_id=f"{number}", name_digest="named", fingerprint="", now=START)
        answered_requests.answer(
            session,
            key_id=f"{number}",
            name_digest="named",
            began_at=START,
            status=200,
            media_type="",
            headers={},
            sealed_body=seal.close("{}"),
        )
    return account_id


def _message(account_id: str, number: int, sealed: bytes) -> NewMessage:
    return NewMessage(
        key=f"message {number}",
        account_id=account_id,
        purpose=Purpose.CODE,
        template=Template.VERIFY_EMAIL,
        channel=Channel.EMAIL,
        recipient=f"{number}@example.org",
        locale="en",
        sealed=sealed,
    )


KEPT = {
    Hanging.RECOVERY_CODE: 8,
    Hanging.MESSAGE: 1,
    Hanging.DOOR_NOTE: 1,
    Hanging.HOST_ANSWER: 1,
    Hanging.WEBHOOK: 1,
    Hanging.FORMER_WEBHOOK: 1,
    Hanging.AUTHENTICATOR_APP: 1,
}


def test_every_column_that_lies_sealed_is_closed_again() -> None:
    binary = {
        f"{table.name}.{column.name}"
        for table in METADATA.tables.values()
        for column in table.columns
        if isinstance(column.type, LargeBinary)
    }
    closed_again = {f"{column.table.__tablename__}.{column.name}" for column in SEALED}
    assert binary - closed_again == set(NOT_CLOSED_AGAIN)


def test_every_table_with_a_key_id_of_the_ring_is_counted() -> None:
    named = {
        table.name
        for table in METADATA.tables.values()
        if "key_id" in table.columns and table.columns["key_id"].server_default is not None
    }
    assert named == {table.__tablename__ for _, table, _ in hanging._digests(START)}


def test_it_is_told_by_key_what_hangs_on_it(database: Database) -> None:
    fill(database, OLD, 1)
    fill(database, NEW, 2)
    standings = told(database, NEW, OLD)
    assert dict(standings[OLD_ID].hanging) == KEPT
    assert dict(standings[NEW_ID].hanging) == KEPT
    turned = told(database, OLD, NEW)
    assert turned[OLD_ID].place is KeyPlace.NEWEST
    assert dict(turned[NEW_ID].hanging) == KEPT


def test_taking_a_key_out_is_told_of_beforehand_and_afterwards(database: Database) -> None:
    fill(database, OLD)
    long_after = START + 3 * LINKS_LAST
    assert not told(database, NEW, OLD, now=long_after)[OLD_ID].may_go(long_after)
    standings = told(database, NEW)
    assert (standings[OLD_ID].place, standings[OLD_ID].count) == (KeyPlace.MISSING, 8)
    assert (standings[UNKNOWN].place, standings[UNKNOWN].count) == (KeyPlace.MISSING, 6)


def test_a_key_may_go_when_its_rows_are_closed_again_used_up_or_over(database: Database) -> None:
    with database.transaction() as session:
        secret_keys.note(session, [OLD_ID], at=START)
    account_id = fill(database, OLD)
    list(secret_ring.reseal(database, BOTH, now=START))
    assert dict(told(database, NEW, OLD)[OLD_ID].hanging) == {Hanging.RECOVERY_CODE: 8}
    with database.transaction() as session:
        session.execute(
            update(RecoveryCode).where(col(RecoveryCode.account_id) == account_id).values(used_at=START)
        )
        secret_keys.note(session, [NEW_ID, OLD_ID], at=START + DAY)
    former = told(database, NEW, OLD)[OLD_ID]
    assert former.count == 0
    assert not former.may_go(START + LINKS_LAST - DAY)
    assert former.may_go(START + LINKS_LAST)


def test_codes_of_a_void_set_hang_on_their_key_while_an_objection_may_bring_them_back(
    database: Database,
) -> None:
    account_id = fill(database, OLD)
    with database.transaction() as session:
        (code,) = recovery_codes.other_sets(session, account_id, "another set")
        recovery_codes.void_set(session, account_id, code.set_id, at=START)
    assert told(database, NEW, OLD)[OLD_ID].hanging[Hanging.RECOVERY_CODE] == 8
    later = START + timedelta(days=365)
    assert Hanging.RECOVERY_CODE not in told(database, NEW, OLD, now=later)[OLD_ID].hanging


def test_a_hosts_own_codes_hang_on_no_key(database: Database) -> None:
    with database.transaction() as session:
        account_id = make_account(session).account_id
        recovery_codes.make(session, account_id, ["host:1"], vouched(), host_id="set of the host")
    assert told(database, NEW)[NEW_ID].count == 0


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_everything_is_closed_again_and_opens_without_the_former_key(
    database: Database, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    monkeypatch.setattr(hanging, "BATCH", batch)
    for number in range(1, 4):
        fill(database, OLD, number)
    fill(database, NEW, 4)
    done = {
        progress.kind: progress
        for progress in secret_ring.reseal(database, BOTH, now=START)
        if progress.is_done
    }
    assert (done[Hanging.MESSAGE].read, done[Hanging.MESSAGE].closed_again) == (4, 3)
    assert sum(progress.unopened for progress in done.values()) == 0
    with database.reading() as session:
        kept = messages.find(session, "message 1")
        assert kept
        assert FernetSeal(NEW).open(kept.sealed or b"") == "code"
    assert UNKNOWN not in told(database, NEW)


def test_what_was_broken_off_goes_on_and_what_is_done_stays(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hanging, "BATCH", 1)
    for number in range(1, 4):
        fill(database, OLD, number)
    running = secret_ring.reseal(database, BOTH, now=START)
    next(running)
    del running
    assert told(database, NEW, OLD)[NEW_ID].hanging == {Hanging.MESSAGE: 1}
    again = [progress for progress in secret_ring.reseal(database, BOTH, now=START) if progress.is_done]
    assert sum(progress.closed_again for progress in again) == 3 * 6 - 1
    third = [progress for progress in secret_ring.reseal(database, BOTH, now=START) if progress.is_done]
    assert sum(progress.closed_again for progress in third) == 0


def test_what_no_key_opens_stays_as_it_is(database: Database) -> None:
    fill(database, STRANGE)
    done = [progress for progress in secret_ring.reseal(database, BOTH, now=START) if progress.is_done]
    assert sum(progress.unopened for progress in done) == 6
    assert sum(progress.closed_again for progress in done) == 0
    with database.reading() as session:
        kept = messages.find(session, "message 1")
        assert kept
        assert FernetSeal(STRANGE).open(kept.sealed or b"") == "code"


def test_what_changes_while_it_is_closed_again_is_not_overwritten(database: Database) -> None:
    fill(database, OLD)
    (column,) = [column for column in SEALED if column.kind is Hanging.WEBHOOK]
    with database.reading() as session:
        (value,) = hanging.sealed(session, column, after=None, now=START)
    fresh = FernetSeal(NEW).close("a secret that was rotated meanwhile")
    with database.transaction() as session:
        subscription = subscriptions.named(session, "crm 1")
        subscriptions.rotate(session, subscription, fresh, former_until=START + DAY)
    with database.transaction() as session:
        assert not hanging.put(session, column, value, sealed_again=b"something else")
    with database.reading() as session:
        assert subscriptions.named(session, "crm 1").sealed_secret == fresh


def test_the_newest_key_is_noted_from_when_until_when(database: Database) -> None:
    with database.transaction() as session:
        secret_keys.note(session, [OLD_ID], at=START)
        secret_keys.note(session, [OLD_ID], at=START + DAY)
        secret_keys.note(session, [NEW_ID, OLD_ID], at=START + 2 * DAY)
    with database.reading() as session:
        rows = [
            (row.key_id, row.newest_since, row.newest_until, row.was_alone)
            for row in secret_keys.every(session)
        ]
    assert rows == [
        (OLD_ID, START, START + DAY, True),
        (NEW_ID, START + 2 * DAY, START + 2 * DAY, False),
    ]


def test_nothing_that_is_told_holds_a_key(database: Database) -> None:
    fill(database, OLD)
    words = json.dumps([repr(standing) for standing in told(database, NEW, OLD).values()])
    assert OLD not in words
    assert NEW not in words
