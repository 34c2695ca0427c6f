"""What a device may be told of its owner's passkeys, so that it offers what works here and nothing else."""

from domain.facts import Method
from domain.masking import account_hint, phone_hint
from providers.passkeys import Signals
from services.container import Services
from services.people.visits import Person
from store.people import accepted_passkeys, accounts, challenges
from store.people.accounts import Account


def label(services: Services, account: Account) -> str:
    """By which name devices list the account's passkeys."""
    return account.email or phone_hint(account.phone) or services.site.service_name


def hinted_label(services: Services, account: Account) -> str:
    """The same for somebody who is not shown the whole address; the first sign-in tells the device the rest."""
    return account_hint(email=account.email, phone=account.phone) or services.site.service_name


def signals(services: Services, person: Person) -> Signals | None:
    """The passkeys that the account accepts, for the browser of a person who is signed in.

    None while a new one may be under way: a device that has it already would delete what is not on record yet.
    """
    now = services.clock()
    with services.database.reading() as session:
        if challenges.is_registering(session, person.account_id, now=now):
            return None
        account = accounts.get(session, person.account_id)
        # A name may be an e-mail address, which somebody with a text-message code is not shown in full.
        name = label(services, account) if person.method is Method.PASSKEY else None
        return services.passkeys.signals(
            account_id=account.account_id,
            label=name,
            accepted=accepted_passkeys.credential_ids(session, account, remover=person.session_id, now=now),
        )
