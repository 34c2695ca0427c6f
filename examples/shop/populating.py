"""A few people for the shop, whom Offramp is told of as well."""

from argparse import ArgumentParser
from collections.abc import Iterator

from examples.shop.customers import Customer, ShopDatabase
from offramp_client import AccountFields, Contact, Methods, Offramp, SmsUse

PASSWORD = "correct horse"  # noqa: S105 (everybody's, in a sample)

PEOPLE = (
    Customer(customer_id="c-1", name="Ada", email="ada@shop.example", phone="+4915112345601"),
    Customer(customer_id="c-2", name="Ben", email="ben@shop.example", phone="+4915112345602"),
    Customer(customer_id="c-3", name="Cleo", email="cleo@shop.example", phone="+4915112345603"),
    Customer(
        customer_id="c-4", name="Dora", email="dora@shop.example", phone="+4915112345604", needs_sms=True
    ),
)
"""Dora has a contract by which codes stay on, so the shop refuses to switch hers off."""


def asked_for() -> tuple[Customer, ...]:
    """The few people, or as many for a crowd as `--customers` says, with numbers that are reserved for fiction."""
    parser = ArgumentParser()
    parser.add_argument("--customers", type=int, help="how many for a crowd, at most 999", default=0)
    wanted = min(parser.parse_args().customers, 999)
    crowd = (
        Customer(
            customer_id=f"customer-{number:03}",
            name=f"Customer {number}",
            email=f"customer-{number:03}@example.com",
            phone=f"+442920180{number:03}",
        )
        for number in range(1, wanted + 1)
    )
    return tuple(crowd) or PEOPLE


def populate(database: ShopDatabase, offramp: Offramp, people: tuple[Customer, ...] = PEOPLE) -> None:
    """Let these people be customers, and tell Offramp of them. May be repeated. Raises OfframpError."""
    for person in people:
        database.add_customer(person, password=PASSWORD)
    for progress in offramp.import_accounts(_told(people)):
        print(f"Offramp knows {progress.lines - progress.refused} people")
        for remark in progress.remarks:
            print(f"line {remark.line}: {remark.kind}: {remark.words}")


def _told(people: tuple[Customer, ...]) -> Iterator[tuple[str, AccountFields]]:
    for person in people:
        yield (
            person.customer_id,
            AccountFields(
                email=Contact(value=person.email, verified=True),
                phone=Contact(value=person.phone, verified=True),
                locale="en",
                methods=Methods(sms=SmsUse.ONLY, others=("password",)),
            ),
        )
