"""`offramp webhooks`: subscribes receivers of hosts, and shows what they did not take."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

import typer

from domain.host.webhooks import NotTaken
from domain.words import webhook_words
from offramp.clock import clock
from offramp.commands.case import on_this_machine
from offramp.opening import opened_database, runnable_settings
from offramp.views.tables import Listing
from offramp.views.terminal import Exit, moment, note, out, print_json
from offramp.wiring import make_courier, make_seal
from services.host import dead_webhooks, webhooks
from services.host.dead_webhooks import SeenDead
from services.host.webhooks import NewSecret
from store.host import webhook_upkeep
from store.host.webhook_upkeep import DeadDelivery, DeadLot
from store.webhooks import subscriptions
from store.webhooks.subscriptions import WebhookSubscription


@dataclass(frozen=True, kw_only=True)
class SubscriptionLine:
    """A subscription in the list; `kinds` is None for all, `dead` counts what it did not take."""

    name: str
    url: str
    kinds: list[str] | None
    state: str
    dead: int
    made_by: str
    made_at: datetime


def create(url: str, *, name: str, kinds: Sequence[str] | None, by: str, as_json: bool) -> None:
    """Subscribe a receiver. Raises UnusableWebhook."""
    settings = runnable_settings()
    with opened_database(settings) as database, database.transaction() as session:
        made = webhooks.make(
            session,
            on_this_machine(by),
            name=name,
            url=url,
            kinds=kinds,
            courier=make_courier(settings),
            seal=make_seal(settings),
            allows_http=settings.webhooks_allow_private,
            at=clock(),
        )
    _show_secret(made, as_json=as_json)


def list_webhooks(*, as_json: bool) -> None:
    """List the subscriptions."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        dead_counts = webhook_upkeep.count_dead(session)
        lines = [_line(row, dead_counts.get(row.subscription_id, 0)) for row in subscriptions.every(session)]
    if as_json:
        print_json(lines)
        return
    titles = ("name", "receiver", "kinds", "state", "dead", "made")
    rows = [
        (
            line.name,
            line.url,
            "all" if line.kinds is None else ", ".join(line.kinds),
            line.state,
            str(line.dead),
            f"{moment(line.made_at)} by {line.made_by}",
        )
        for line in lines
    ]
    out.print(Listing(titles=titles, rows=rows, numbers=("dead",)))


def rotate_secret(name: str, *, overlap: timedelta, by: str, as_json: bool) -> None:
    """Sign by a new secret. Raises Unknown, UnusableWebhook."""
    settings = runnable_settings()
    with opened_database(settings) as database, database.transaction() as session:
        seal, author = make_seal(settings), on_this_machine(by)
        made = webhooks.rotate_secret(session, author, name, seal=seal, at=clock(), overlap=overlap)
    _show_secret(made, as_json=as_json)


def end(name: str, *, by: str) -> None:
    """End a subscription. Raises Unknown."""
    with opened_database(runnable_settings()) as database, database.transaction() as session:
        dropped = webhooks.end(session, on_this_machine(by), name, at=clock())
    out.print(f"{name} has ended; {webhook_words.events(dropped)} on the way dropped", markup=False)


def replay(name: str, *, since: datetime, by: str, as_json: bool) -> None:
    """Tell a subscription anew of everything since a time. Raises Unknown."""
    since = since if since.tzinfo else since.replace(tzinfo=UTC)
    with opened_database(runnable_settings()) as database:
        replayed = webhooks.replay(database, on_this_machine(by), name, since=since, at=clock())
    if as_json:
        print_json({"name": name, "since": since, "replayed": replayed})
    else:
        out.print(
            f"{webhook_words.events(replayed)} since {moment(since)} on the way to {name}", markup=False
        )


def send_test(name: str, *, as_json: bool) -> None:
    """Send an event that says nothing; the exit code is 1 if the receiver does not take it. Raises Unknown."""
    settings = runnable_settings()
    with opened_database(settings) as database:
        courier, seal = make_courier(settings), make_seal(settings)
        try:
            answer = f"status_{webhooks.send_test(database, name, courier=courier, seal=seal, at=clock())}"
            is_taken = True
        except NotTaken as refusal:
            answer, is_taken = refusal.reason, False
    if as_json:
        print_json({"name": name, "is_taken": is_taken, "answer": answer})
    else:
        words = "has taken the test event" if is_taken else "has not taken the test event"
        out.print(f"{name} {words}: {answer.replace('_', ' ')}", markup=False)
    raise typer.Exit(Exit.OK if is_taken else Exit.NOT_WELL)


def dead(name: str | None, *, limit: int, as_json: bool) -> None:
    """List what nobody took in days; the exit code is 1 if there is any. Raises Unknown."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        subscription_id = subscriptions.named(session, name).subscription_id if name else None
        entries = webhook_upkeep.dead(session, subscription_id=subscription_id, limit=limit)
    if as_json:
        print_json([asdict(entry) for entry in entries])
    else:
        _show_dead(entries)
    raise typer.Exit(Exit.NOT_WELL if entries else Exit.OK)


def send_again(name: str, *, is_sure: bool, by: str) -> None:
    """Try all that is dead of a current subscription again, once that is confirmed. Raises Unknown, DiedMeanwhile."""
    with opened_database(runnable_settings()) as database:
        with database.reading() as session:
            subscription_id = subscriptions.named(session, name).subscription_id
            lots = [
                lot for lot in webhook_upkeep.dead_lots(session) if lot.subscription_id == subscription_id
            ]
        if not _is_confirmed(lots, f"Send {{events}} of {name} again?", is_sure=is_sure):
            return
        author, at = on_this_machine(by), clock()
        (lot,) = lots
        order = dead_webhooks.send_all_again(database, author, subscription_id, seen=_seen(lot), at=at)
    out.print(webhook_words.sent_again(moved=order.moved, void=order.void), markup=False)
    raise typer.Exit(Exit.NOT_WELL if order.void else Exit.OK)


def give_up(name: str, *, is_sure: bool, by: str) -> None:
    """Give up all that is dead of the subscriptions of a name, once that is confirmed; those that have ended, too.

    Raises DiedMeanwhile.
    """
    with opened_database(runnable_settings()) as database:
        with database.reading() as session:
            lots = [lot for lot in webhook_upkeep.dead_lots(session) if lot.subscription == name]
        if not _is_confirmed(lots, f"Give {{events}} of {name} up?", is_sure=is_sure):
            return
        author, at = on_this_machine(by), clock()
        orders = [
            dead_webhooks.give_all_up(database, author, lot.subscription_id, seen=_seen(lot), at=at)
            for lot in lots
        ]
    out.print(webhook_words.given_up(sum(order.moved for order in orders)), markup=False)


def _is_confirmed(lots: Sequence[DeadLot], question: str, *, is_sure: bool) -> bool:
    """Whether there is something dead that all is to be done with. Raises Abort of typer on a no."""
    if not lots:
        out.print("nothing is dead")
        return False
    count = webhook_words.events(sum(lot.count for lot in lots))
    return is_sure or typer.confirm(question.format(events=count), abort=True)


def _seen(lot: DeadLot) -> SeenDead:
    return SeenDead(count=lot.count, until=lot.last_died_at)


def _show_secret(made: NewSecret, *, as_json: bool) -> None:
    if as_json:
        print_json({"name": made.name, "secret": made.secret})
        return
    out.print(made.secret, markup=False, soft_wrap=True)
    note(f"This is the secret of {made.name}. Nobody can see it again.")


def _line(row: WebhookSubscription, dead_count: int) -> SubscriptionLine:
    if row.ended_at:
        state = f"ended {moment(row.ended_at)} by {row.ended_because}"
    else:
        state = f"{row.failures} failures in a row" if row.failures else "well"
    return SubscriptionLine(
        name=row.name,
        url=row.url,
        kinds=row.kinds,
        state=state,
        dead=dead_count,
        made_by=row.made_by,
        made_at=row.made_at,
    )


def _show_dead(entries: Sequence[DeadDelivery]) -> None:
    if not entries:
        out.print("nothing is dead")
        return
    titles = ("subscription", "kind", "account", "happened", "attempts", "reason", "webhook-id")
    rows = [
        (
            entry.subscription,
            entry.hook_type,
            entry.external_id,
            moment(entry.created_at),
            str(entry.attempts),
            entry.reason.replace("_", " "),
            entry.webhook_id,
        )
        for entry in entries
    ]
    out.print(Listing(titles=titles, rows=rows, numbers=("attempts",)))
