"""Does as people answer to texts. A provider of texts obeys STOP by itself, so Offramp has to know of it."""

from dataclasses import replace

import structlog

from domain.messages.callbacks import TextReply
from providers.phone_readings import on_record
from services.container import Services
from store.messages import stops

log = structlog.get_logger()


def hear(services: Services, reply: TextReply) -> None:
    """Note what a person has answered; the same answer twice does no harm."""
    # A carrier may tell a number by a former plan of its country, where the account has the one of today.
    numbers = dict.fromkeys((reply.phone, *on_record(reply.phone)))
    with services.database.transaction() as session:
        changed = sum(stops.note(session, replace(reply, phone=number)) for number in numbers)
    if changed:
        log.info("text_answered", wish=reply.wish, accounts=changed)
