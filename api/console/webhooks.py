"""The page of webhooks: who hears of what, and what nobody took in days, to be sent again or given up."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Query, Request
from fastapi.responses import Response

from api.staff.rights import Staff, TendsWebhooks
from api.web import remarks
from api.web.arguments import Use
from api.web.bounds import Count, Moment
from domain.errors import Refused
from domain.host.webhooks import DiedMeanwhile
from domain.words import webhook_words
from services.container import Services
from services.host import dead_webhooks, webhooks
from services.host.dead_webhooks import DeadOrder, SeenDead
from store.host import webhook_sending, webhook_upkeep
from store.webhooks import subscriptions

_PATH = "/console/webhooks"
_PAGE = 50

_CONFIRM = "Confirm that all of them are meant."

router = APIRouter(prefix=_PATH)

SubscriptionId = Annotated[str, Path(max_length=64)]
Sure = Annotated[str, Form(max_length=10)]


def _shown(seen: Annotated[Count, Form()], until: Annotated[Moment, Form()]) -> SeenDead:
    """What the form says that its page has shown."""
    return SeenDead(count=seen, until=until)


Shown = Annotated[SeenDead, Depends(_shown)]


@router.get("")
def show(
    request: Request, services: Use, staff: TendsWebhooks, after: Annotated[int, Query(ge=0, lt=2**63)] = 0
) -> Response:
    """The subscriptions, and the next of the dead deliveries."""
    with services.database.reading() as session:
        rows = subscriptions.current(session)
        dead_counts = webhook_upkeep.count_dead(session)
        entries = webhook_upkeep.dead(session, after=after, limit=_PAGE + 1)
        lots = webhook_upkeep.dead_lots(session)
        oldest = webhook_sending.oldest_open(session)
    return remarks.page(
        request,
        "console/webhooks.html",
        session_id=staff.session_id,
        staff=staff,
        subscriptions=rows,
        dead_counts=dead_counts,
        dead_total=sum(dead_counts.values()),
        lots=lots,
        entries=entries[:_PAGE],
        following=entries[_PAGE - 1].delivery_id if len(entries) > _PAGE else 0,
        after=after,
        oldest=oldest,
        problem="",
        done="",
    )


@router.post("/{delivery_id}/again")
def send_again(services: Use, staff: TendsWebhooks, delivery_id: Count) -> Response:
    """Try a dead delivery for some more days."""
    try:
        with services.database.transaction() as session:
            webhooks.send_again(session, staff.author, delivery_id, at=services.clock())
    except Refused as refusal:
        return _back(services, staff, status=409, problem=str(refusal))
    return _back(services, staff, done="It is on its way again.")


@router.post("/{delivery_id}/give-up")
def give_up(services: Use, staff: TendsWebhooks, delivery_id: Count) -> Response:
    """Take a dead delivery off the list."""
    try:
        with services.database.transaction() as session:
            webhooks.give_up(session, staff.author, delivery_id, at=services.clock())
    except Refused as refusal:
        return _back(services, staff, status=409, problem=str(refusal))
    return _back(services, staff, done="It is given up.")


@router.post("/of/{subscription_id}/again")
def send_all_again(
    services: Use, staff: TendsWebhooks, subscription_id: SubscriptionId, shown: Shown, sure: Sure = ""
) -> Response:
    """Try all dead deliveries of a subscription that the page has shown for some more days."""
    order = _order(services, staff, dead_webhooks.send_all_again, subscription_id, shown, sure)
    if isinstance(order, Response):
        return order
    words = webhook_words.sent_again(moved=order.moved, void=order.void)
    if order.moved:
        return _back(services, staff, done=words)
    return _back(services, staff, status=409, problem=words)


@router.post("/of/{subscription_id}/give-up")
def give_all_up(
    services: Use, staff: TendsWebhooks, subscription_id: SubscriptionId, shown: Shown, sure: Sure = ""
) -> Response:
    """Take all dead deliveries of a subscription that the page has shown off the list."""
    order = _order(services, staff, dead_webhooks.give_all_up, subscription_id, shown, sure)
    if isinstance(order, Response):
        return order
    return _back(services, staff, done=webhook_words.given_up(order.moved))


def _order(
    services: Services,
    staff: Staff,
    act: Callable[..., DeadOrder],
    subscription_id: str,
    shown: SeenDead,
    sure: str,
) -> DeadOrder | Response:
    """What came of an order about all that the page has shown; the page with the reason if it is not carried out."""
    if not sure:
        return _back(services, staff, status=400, problem=_CONFIRM)
    try:
        return act(services.database, staff.author, subscription_id, seen=shown, at=services.clock())
    except DiedMeanwhile as refusal:
        return _back(services, staff, status=409, problem=str(refusal))


def _back(
    services: Services, staff: Staff, *, status: int = 200, problem: str = "", done: str = ""
) -> Response:
    session_id = staff.session_id
    return remarks.back_to(services, _PATH, session_id=session_id, status=status, problem=problem, done=done)
