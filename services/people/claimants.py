"""Who a typed contact stands for: an account or nobody, at the same cost."""

from dataclasses import dataclass

from domain.safety.contact_keys import contact_key
from services.container import Services
from services.people.contacts import Contact
from store.people import accounts


@dataclass(frozen=True, kw_only=True)
class Claimant:
    """Somebody who says that a contact is theirs. `account_id` is empty if no account, or more than one, has it.

    `subject` is what attempts are counted by: one for all contacts of an account, and one for each unknown contact.
    It hangs on the newest secret key, `key_id`; what was counted under a former key goes by `former_subjects`.
    `value` is the contact, in the reading that counts.
    """

    account_id: str
    subject: str
    key_id: str
    former_subjects: tuple[str, ...] = ()
    value: str = ""

    @property
    def subjects(self) -> tuple[str, ...]:
        """All names under which attempts may be counted."""
        return (self.subject, *self.former_subjects)


def of_contact(services: Services, contact: Contact) -> Claimant:
    """Who a contact stands for: of several readings, the first that an account has.

    Raises nothing, and takes as long for nobody: every reading is looked up. Where no account has one, the pepper draws
    the reading that counts. So it tells little that two spellings of a number are counted together.
    """
    with services.database.reading() as session:
        holders = [accounts.id_by_contact(session, phone=phone) for phone in contact.phones] or [
            accounts.id_by_contact(session, email=contact.email)
        ]
    nobodys = min(contact.values, key=lambda value: _subjects(services, value)[0])
    matches = [match for match in zip(holders, contact.values, strict=True) if match[0]]
    account_id, value = matches[0] if matches else ("", nobodys)
    return _claimant(services, account_id, account_id or value, value=value)


def of_account(services: Services, account_id: str) -> Claimant:
    """The same for an account that is known already."""
    return _claimant(services, account_id, account_id)


def _claimant(services: Services, account_id: str, named: str, *, value: str = "") -> Claimant:
    subject, *former_subjects = _subjects(services, named)
    return Claimant(
        account_id=account_id,
        subject=subject,
        key_id=services.peppers.key_id,
        former_subjects=tuple(former_subjects),
        value=value,
    )


def _subjects(services: Services, value: str) -> tuple[str, ...]:
    # An account's id and a contact never look alike, so one context is enough for both.
    return services.peppers.candidates(context="claimant", code=contact_key(value))
