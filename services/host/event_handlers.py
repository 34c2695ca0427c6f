"""Who heeds which kind of event: one function for each, all with one signature."""

from collections.abc import Mapping

from domain.host.events import HostEventKind
from services.host import account_news, host_routes, host_word, sign_ins, verifications
from services.host.handlers import Handler

SMS_WORDS = (
    HostEventKind.SMS_SUSPENDED,
    HostEventKind.SMS_RESTORED,
    HostEventKind.SMS_REMOVED,
    HostEventKind.SMS_REFUSED,
)

HANDLERS: Mapping[HostEventKind, Handler] = {
    HostEventKind.USER_SIGNED_IN: sign_ins.take,
    HostEventKind.USER_UPDATED: account_news.take_update,
    HostEventKind.USER_DELETED: account_news.take_deletion,
    HostEventKind.SUPPORT_CONTACTED: account_news.take_contact,
    HostEventKind.TICKET_OPENED: account_news.take_ticket,
    HostEventKind.TICKET_CLOSED: account_news.take_ticket,
    HostEventKind.EMAIL_VERIFIED: verifications.email_verified,
    HostEventKind.PHONE_CHANGED: verifications.phone_changed,
    **dict.fromkeys(host_routes.ROUTE_HANDLERS, host_routes.take),
    **dict.fromkeys(SMS_WORDS, host_word.take),
}
"""A kind without a handler does not concern this way of working: it is ignored."""

CHANGES_ACCOUNTS = frozenset(
    {
        HostEventKind.USER_UPDATED,
        HostEventKind.PHONE_CHANGED,
        HostEventKind.EMAIL_VERIFIED,
        HostEventKind.USER_DELETED,
    }
)
"""Kinds that change what imports change: they take turns with imports."""
