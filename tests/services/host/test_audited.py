"""Whatever staff do to a host's keys, clients, transmitters and subscriptions stays on record with who did it."""

from datetime import timedelta

from sqlmodel import Session

from domain.host.clients import ClientProof
from domain.host.keys import KeyScope
from domain.host.security_events import Transmission
from domain.staff.staff import AuditKind, Author
from services.host import keys, transmitters, webhooks
from services.openid import clients, signing_keys
from store import Database
from store.staff import audit
from store.staff.audit import AuditEntry, Sought
from tests.clocks import START
from tests.fakes import FakeCourier
from tests.webhooks import SEAL

AUTHOR = Author(by="olga")
HOUR = timedelta(hours=1)


def entries(session: Session) -> list[AuditEntry]:
    return list(audit.latest(session, Sought(by="olga"), limit=10))[::-1]


def test_of_a_key_it_is_kept_who_made_rotated_and_ended_it(database: Database) -> None:
    with database.transaction() as session:
        made = keys.make(session, AUTHOR, name="login", scopes=[KeyScope.PROMPTS_WRITE], at=START)
        new = keys.rotate(session, AUTHOR, made.key_id, at=START + HOUR)
        keys.end(session, AUTHOR, new.key_id, at=START + 2 * HOUR)
        assert [(entry.kind, entry.detail["host_key_id"], entry.at) for entry in entries(session)] == [
            (AuditKind.HOST_KEY_MADE, made.key_id, START),
            (AuditKind.HOST_KEY_MADE, new.key_id, START + HOUR),
            (AuditKind.HOST_KEY_ROTATED, made.key_id, START + HOUR),
            (AuditKind.HOST_KEY_ENDED, new.key_id, START + 2 * HOUR),
        ]


def test_of_a_client_it_is_kept_who_made_it_gave_it_another_secret_and_ended_it(database: Database) -> None:
    with database.transaction() as session:
        made = clients.make(
            session,
            AUTHOR,
            name="shop",
            redirect_uris=["https://shop.example/back"],
            proof=ClientProof.SECRET,
            at=START,
        )
        clients.rotate_secret(session, AUTHOR, made.client_id, at=START)
        clients.end(session, AUTHOR, made.client_id, at=START)
        assert [(entry.kind, entry.detail["client_id"]) for entry in entries(session)] == [
            (AuditKind.CLIENT_MADE, made.client_id),
            (AuditKind.CLIENT_SECRET_ROTATED, made.client_id),
            (AuditKind.CLIENT_ENDED, made.client_id),
        ]


def test_of_a_transmitter_it_is_kept_who_added_and_ended_it(database: Database) -> None:
    issuer = "https://idp.example"
    transmission = Transmission(issuer=issuer, audience="us", keys={"keys": []}, keys_url=None)
    with database.transaction() as session:
        transmitters.add(session, AUTHOR, transmission, at=START)
        transmitters.end(session, AUTHOR, issuer, at=START)
        assert [(entry.kind, entry.detail["issuer"]) for entry in entries(session)] == [
            (AuditKind.TRANSMITTER_ADDED, issuer),
            (AuditKind.TRANSMITTER_ENDED, issuer),
        ]


def test_of_a_subscription_it_is_kept_who_made_rotated_replayed_and_ended_it(database: Database) -> None:
    with database.transaction() as session:
        made = webhooks.make(
            session,
            AUTHOR,
            name="crm",
            url="https://host.example/",
            kinds=None,
            courier=FakeCourier(),
            seal=SEAL,
            allows_http=False,
            at=START,
        )
        webhooks.rotate_secret(session, AUTHOR, "crm", seal=SEAL, at=START)
    assert webhooks.replay(database, AUTHOR, "crm", since=START, at=START) == 0
    with database.transaction() as session:
        webhooks.end(session, AUTHOR, "crm", at=START)
        assert [(entry.kind, entry.detail["subscription_id"]) for entry in entries(session)] == [
            (kind, made.subscription_id)
            for kind in (
                AuditKind.WEBHOOK_MADE,
                AuditKind.WEBHOOK_SECRET_ROTATED,
                AuditKind.WEBHOOK_REPLAYED,
                AuditKind.WEBHOOK_ENDED,
            )
        ]


def test_of_signing_keys_it_is_kept_who_rotated_them_and_whether_one_had_leaked(database: Database) -> None:
    for is_leaked in (False, True):
        signing_keys.rotate(database, SEAL, AUTHOR, at=START, is_leaked=is_leaked)
    with database.reading() as session:
        assert [(entry.kind, entry.detail["is_leaked"]) for entry in entries(session)] == [
            (AuditKind.SIGNING_KEYS_ROTATED, False),
            (AuditKind.SIGNING_KEYS_ROTATED, True),
        ]
