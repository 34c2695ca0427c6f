"""A sample host's page of its customers: whom a crowd can play there, and what its database says of their codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from urllib.parse import urlsplit

import httpx2 as httpx
from pydantic import TypeAdapter, ValidationError

from domain.host.ceremonies import Ceremonies
from domain.journal import EventKind
from offramp.config.settings import NotConfigured
from offramp.crowd.counting import End, HostTally, LifeReport
from offramp.crowd.instance_checks import is_loopback
from offramp.crowd.kinds import PersonKind
from offramp.crowd.plan import Character, draw
from services.container import NobodyThere
from store import Database
from store.journeys import journeys
from store.people import accounts

CUSTOMERS = "/dev/customers"
PREFIX = "customer-"
"""What the ids of customers begin with who are there for a crowd."""

TELLS_WITHIN = 60.0
"""For how many seconds a host may have to tell Offramp still what its customers have just done."""

_PATIENCE = 10.0
# Of five customers, three take the offer at once; of three, there is one of each.
_KINDS = (PersonKind.SWIFT, PersonKind.LAZY, PersonKind.UNABLE, PersonKind.SWIFT, PersonKind.SWIFT)


@dataclass(frozen=True, kw_only=True)
class HostCustomer:
    """One customer by the host's own database; `sms_enabled`: codes by text message are on."""

    customer_id: str
    email: str
    phone: str
    sms_enabled: bool


_CUSTOMERS = TypeAdapter(list[HostCustomer])


def read_customers(host: str) -> list[HostCustomer]:
    """Everybody whom a sample host on this machine knows. Raises NotConfigured or NobodyThere."""
    if not is_loopback(urlsplit(host).hostname or ""):
        raise NotConfigured(f"a crowd plays on this machine only, and the host is {host}")
    try:
        answer = httpx.get(f"{host}{CUSTOMERS}", timeout=_PATIENCE)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        words = f"nothing answers at {host} ({type(error).__name__}); start the sample host first"
        raise NobodyThere(words, is_taken=False) from error
    try:
        return _CUSTOMERS.validate_json(answer.content)
    except ValidationError as error:
        raise NotConfigured(f"what answers at {host} has no {CUSTOMERS}, so it is no sample host") from error


def cast_customers(
    database: Database, host: str, people: int, *, way: Ceremonies, seed: int, pace: float
) -> list[Character]:
    """This many customers of a host without a journey yet, as the people of a crowd. Raises NotConfigured."""
    customers = [customer for customer in read_customers(host) if customer.customer_id.startswith(PREFIX)]
    with database.reading() as session:
        new = [
            customer
            for customer in customers
            if (account := accounts.by_external_id(session, customer.customer_id))
            and not journeys.find(session, account.account_id)
        ]
    if len(new) < people:
        raise NotConfigured(
            f"{len(new)} customers of the host are new to Offramp's journeys, and {people} are to play; "
            f"run `python -m examples.{way}.populate --customers {len(customers) - len(new) + people}`"
        )
    drawn = draw(people, seed=seed, pace=pace)
    return [
        replace(
            character,
            customer_id=customer.customer_id,
            kind=kind,
            email=customer.email,
            is_email_known=True,
            phone=customer.phone,
        )
        for character, customer, kind in zip(drawn, new, cycle(_KINDS), strict=False)
    ]


def tally(reports: Sequence[LifeReport], customers: Sequence[HostCustomer]) -> HostTally:
    """Compare whose codes are off by the people themselves with the host's own database.

    Only people whose story has come to its end can differ.
    """
    are_on: Mapping[str, bool] = {customer.customer_id: customer.sms_enabled for customer in customers}
    ended = [report for report in reports if report.end is End.DONE]
    off_by_people = {report.external_id for report in ended if report.event_counts[EventKind.SMS_REMOVED]}
    off_by_host = {report.external_id for report in ended if are_on.get(report.external_id) is False}
    return HostTally(
        people=len(ended),
        off_by_people=len(off_by_people),
        off_by_host=len(off_by_host),
        differing=sorted(off_by_people ^ off_by_host),
    )
