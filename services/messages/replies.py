"""Does as people answer to texts. A provider of texts obeys STOP by itself, so Offramp has to know of it."""

from dataclasses import replace

import structlog

from domain.messages.callbacks import TextReply
from providers.phone_readings import twin
from providers.retired_numbers import renumbered
from services.container import Services
from store.messages import stops

log = structlog.get_logger()


def hear(services: Services, reply: TextReply) -> None:
    """Note what a person has answered, however a carrier writes their number; the same answer twice does no harm."""
    forms = (reply.phone, twin(reply.phone), renumbered(reply.phone))
    with services.database.transaction() as session:
        changed = sum(stops.note(session, replace(reply, phone=phone)) for phone in forms if phone)
    if changed:
        log.info("text_answered", wish=reply.wish, accounts=changed)
