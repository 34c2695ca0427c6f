"""The host's signed word of who somebody is (`login_hint_token`): it spares the person a second sign-in, once."""

from dataclasses import replace

import structlog

from domain.facts import SmsState
from domain.host.vouching import StatementRejected, Vouched, read_statement, vouched
from domain.trust import Assurance, Root
from providers.openid_provider import verified_claims
from services.container import Services
from store import Session
from store.host import spent_statements
from store.host.clients import HostClient
from store.people import accounts, contacts, passkeys
from store.people.accounts import Account

log = structlog.get_logger()


def take(
    session: Session, services: Services, client: HostClient, token: str
) -> tuple[Account, Vouched] | None:
    """Use a client's statement up; returns whom it names, with the account locked, and how far the word goes.

    None if the statement does not hold, was used before, or names nobody: then the person signs in as always.
    """
    try:
        return _take(session, services, client, token)
    except StatementRejected as rejected:
        log.info("login_hint_refused", client_id=client.client_id, reason=rejected.reason)
        return None


def _take(session: Session, services: Services, client: HostClient, token: str) -> tuple[Account, Vouched]:
    now = services.clock()
    claims = verified_claims(token, client.keys)
    statement = read_statement(claims, issuer=client.client_id, audiences={services.site.origin}, now=now)
    is_new = spent_statements.spend(
        session, client_id=client.client_id, jti=statement.jti, expires_at=statement.expires_at
    )
    if not is_new:
        raise StatementRejected("used_before")
    account = accounts.by_external_id(session, statement.subject)
    if account is None:
        raise StatementRejected("unknown_subject")
    account = accounts.lock(session, account.account_id)
    word = vouched(statement, most=Assurance(client.most_assurance), now=now)
    if word.is_strong and passkeys.has_less_trusted(session, account.account_id, now=now):
        # The passkey that the host has heard of, from us perhaps, may be one that goes back to a text message here.
        word = replace(word, assurance=Assurance.LOW, root=Root.SMS)
    if word.root is Root.SMS and account.sms in (SmsState.SUSPENDED, SmsState.REMOVED):
        # What text-message codes open no more, they do not open by way of the host either.
        raise StatementRejected("sms_is_off")
    if word.root is Root.SMS and contacts.has_lost_phone(session, account):
        raise StatementRejected("number_is_anothers")
    return account, word
