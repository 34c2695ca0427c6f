"""Does as people answer to texts. A provider of texts obeys STOP by itself, so Offramp has to know of it."""

import structlog

from domain.messages.callbacks import TextReply
from services.container import Services
from store.messages import stops

log = structlog.get_logger()


def hear(services: Services, reply: TextReply) -> None:
    """Note what a person has answered; the same answer twice does no harm."""
    with services.database.transaction() as session:
        changed = stops.note(session, reply)
    if changed:
        log.info("text_answered", wish=reply.wish, accounts=changed)
