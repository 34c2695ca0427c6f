"""Who a typed contact stands for: an account or nobody, at the same cost."""

from dataclasses import dataclass

from domain.codes import keyed_digest
from domain.safety.contact_keys import contact_key
from services.container import Services
from services.people.contacts import Contact
from store.people import accounts


@dataclass(frozen=True, kw_only=True)
class Claimant:
    """Somebody who says that a contact is theirs. `account_id` is empty if no account, or more than one, has it.

    `subject` is what attempts are counted by: one for all contacts of an account, and one for each unknown contact.
    `value` is the contact, in the reading that counts.
    """

    account_id: str
    subject: str
    value: str = ""


def of_contact(services: Services, contact: Contact) -> Claimant:
    """Who a contact stands for: of several readings, the first that an account has.

    Raises nothing, and takes as long for nobody: every reading is looked up. Where no account has one, the pepper draws
    the reading that counts. So it tells little that two spellings of a number are counted together.
    """
    with services.database.reading() as session:
        holders = [accounts.id_by_contact(session, phone=phone) for phone in contact.phones] or [
            accounts.id_by_contact(session, email=contact.email)
        ]
    nobodys = min(contact.values, key=lambda value: _subject(services, value))
    matches = [match for match in zip(holders, contact.values, strict=True) if match[0]]
    account_id, value = matches[0] if matches else ("", nobodys)
    return Claimant(account_id=account_id, subject=_subject(services, account_id or value), value=value)


def of_account(services: Services, account_id: str) -> Claimant:
    """The same for an account that is known already."""
    return Claimant(account_id=account_id, subject=_subject(services, account_id))


def _subject(services: Services, value: str) -> str:
    # An account's id and a contact never look alike, so one context is enough for both.
    return keyed_digest(services.pepper, context="claimant", code=contact_key(value))
