"""`offramp clients`: makes, lists and ends clients of OpenID Connect, and rotates secrets and signing keys."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from domain.host.clients import ClientProof, UnusableClient
from domain.staff.staff import Author
from domain.trust import Assurance
from offramp.clock import clock
from offramp.opening import opened_database, runnable_settings
from offramp.views.tables import Listing
from offramp.views.terminal import moment, out, print_json
from store.host import clients as kept_clients
from store.host.clients import HostClient


@dataclass(frozen=True, kw_only=True)
class ClientLine:
    """One client in the list."""

    client_id: str
    name: str
    proof: str
    most_assurance: str
    keys: int
    redirect_uris: list[str]
    made_at: datetime
    ended_at: datetime | None


def create(
    name: str,
    *,
    redirect_uris: list[str],
    proof: ClientProof,
    keys: str,
    most_assurance: Assurance,
    by: str,
    as_json: bool,
) -> None:
    """Make a client and print what it needs. Its secret cannot be printed again."""
    from services.openid import clients

    with opened_database(runnable_settings()) as database, database.transaction() as session:
        made = clients.make(
            session,
            _author(by),
            name=name,
            redirect_uris=redirect_uris,
            proof=proof,
            keys=_read_keys(keys),
            most_assurance=most_assurance,
            at=clock(),
        )
    _print(made.client_id, made.secret, as_json=as_json)


def list_(*, as_json: bool) -> None:
    """List the clients."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        lines = [_line(client) for client in kept_clients.every(session)]
    if as_json:
        print_json([asdict(line) for line in lines])
    elif lines:
        out.print(_table(lines))
    else:
        out.print("there is no client; `offramp clients create` makes one")


def rotate_secret(client_id: str, *, overlap: timedelta, by: str, as_json: bool) -> None:
    """Give a client another secret and print it. It cannot be printed again."""
    from services.openid import clients

    with opened_database(runnable_settings()) as database, database.transaction() as session:
        made = clients.rotate_secret(session, _author(by), client_id, at=clock(), overlap=overlap)
    _print(made.client_id, made.secret, as_json=as_json)


def rotate_keys(*, is_leaked: bool, by: str) -> None:
    """Make the next signing key."""
    from offramp.wiring import make_seal
    from services.openid import signing_keys

    settings = runnable_settings()
    with opened_database(settings) as database:
        signing_keys.rotate(database, make_seal(settings), _author(by), at=clock(), is_leaked=is_leaked)
    out.print("a new key signs from now on" if is_leaked else "a new key signs in an hour")


def end(client_id: str, *, by: str) -> None:
    """End a client at once."""
    from services.openid import clients

    with opened_database(runnable_settings()) as database, database.transaction() as session:
        clients.end(session, _author(by), client_id, at=clock())
    out.print("the client is ended", markup=False)


def _author(by: str) -> Author:
    return Author(by=by, came_from="this machine")


def _read_keys(keys: str) -> str:
    """The JSON of the keys: what was given, or what stands in the file that was given. Raises UnusableClient."""
    if not keys or keys.lstrip().startswith("{"):
        return keys
    try:
        return Path(keys).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableClient(f"{keys} cannot be read: {error}") from None


def _print(client_id: str, secret: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"client_id": client_id, "client_secret": secret})
        return
    out.print(f"client_id      {client_id}", markup=False, soft_wrap=True)
    if secret:
        out.print(f"client_secret  {secret}", markup=False, soft_wrap=True)


def _line(client: HostClient) -> ClientLine:
    return ClientLine(
        client_id=client.client_id,
        name=client.name,
        proof=client.proof,
        most_assurance=client.most_assurance,
        keys=len(client.keys),
        redirect_uris=client.redirect_uris,
        made_at=client.made_at,
        ended_at=client.ended_at,
    )


def _table(lines: list[ClientLine]) -> Listing:
    titles = ("client", "name", "proof", "word", "made", "ended")
    return Listing(titles=titles, rows=[_cells(line) for line in lines])


def _cells(line: ClientLine) -> tuple[str, ...]:
    ended = moment(line.ended_at) if line.ended_at else ""
    return (line.client_id, line.name, line.proof, line.most_assurance, moment(line.made_at), ended)
