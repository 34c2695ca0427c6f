"""`offramp secrets status`, `rotate` and `reseal`: the ring of secret keys, without ever showing one unasked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import typer

from domain.safety.secret_keys import Hanging, KeyPlace, KeyStanding, key_id
from offramp.clock import clock
from offramp.config.secret_ring import SecretRing, has_ring, new_key, own_file, put_in_front, write_new
from offramp.config.settings import Settings, key_problems
from offramp.opening import STANDARD_INPUT, opened_database, read_settings, runnable_settings
from offramp.views.hanging_words import hanging_words, words
from offramp.views.tables import Listing
from offramp.views.terminal import Exit, fail, moment, note, out, print_json
from offramp.wiring import make_seal, secret_ring
from services.secret_ring import Resealed, key_standings
from services.secret_ring import reseal as closing_again
from store import Database
from store.engine import heartbeats, secret_keys

STANDARD_OUTPUT = STANDARD_INPUT
"""The same dash stands for the standard output where a file to write is named."""

_NO_KEY = "there is no secret key yet: the first start makes one"


@dataclass(frozen=True, kw_only=True)
class SecretKeyLine:
    """One key; `hanging` counts the rows that hang on it by kind, and `unnamed` those that may hang on another one."""

    key_id: str
    place: KeyPlace
    hanging: dict[Hanging, int]
    unnamed: int
    links_until: datetime | None
    may_go: bool


def status(wanted: str | None, *, as_json: bool) -> None:
    """Say of each key what hangs on it. Exit code 1 if a key is missing, or the wanted one may not go."""
    settings, now = runnable_settings(), clock()
    if not has_ring(settings):
        fail(_NO_KEY, Exit.USAGE)
    ring, seal = secret_ring(settings), make_seal(settings)
    with opened_database(settings) as database:
        standings = key_standings(database, ring.ids, seal, now=now)
    lines = [_line(standing, now=now) for standing in standings]
    if as_json:
        print_json({"well": _is_well(lines), "keys": lines})
    else:
        out.print(_table(lines))
    if wanted is not None:
        _answer_for(wanted, lines)
    raise typer.Exit(Exit.OK if _is_well(lines) else Exit.NOT_WELL)


def rotate(*, to: str | None, behind: bool, as_json: bool) -> None:
    """Make a new key. Nothing that runs changes before it is started again with the new ring."""
    settings = read_settings()
    own = own_file(settings)
    if own is not None:
        _rotate_own(settings, own, to=to, behind=behind, as_json=as_json)
        return
    if to is None:
        fail("say where the new ring goes: --to FILE, or --to - for the standard output", Exit.USAGE)
    former = secret_ring(settings)
    _require_listable(former.keys)
    key = new_key()
    ring = SecretRing(keys=(*former.keys, key) if behind else (key, *former.keys))
    _hand_out(ring, to, as_json=as_json)
    _tell(key_id(key), ring, _next_steps(to, behind=behind), as_json=as_json)


def reseal(*, as_json: bool) -> None:
    """Close again by the newest key what lies sealed by a former one. Exit code 1 if a key is missing for something."""
    settings = runnable_settings()
    if not has_ring(settings):
        fail(_NO_KEY, Exit.USAGE)
    ring, seal, done = secret_ring(settings), make_seal(settings), []
    with opened_database(settings) as database:
        _require_started_anew(database, ring)
        for progress in closing_again(database, seal, now=clock()):
            if progress.is_done:
                done.append(progress)
            else:
                note(f"{progress.read} {words(progress.kind, progress.read)} …")
    is_well = not any(progress.unopened for progress in done)
    if as_json:
        print_json({"well": is_well, "kinds": done})
    else:
        out.print(_done_table(done))
    raise typer.Exit(Exit.OK if is_well else Exit.NOT_WELL)


def _rotate_own(settings: Settings, own: Path, *, to: str | None, behind: bool, as_json: bool) -> None:
    if to is not None or behind:
        fail(
            f"development keeps its keys in {own}; --to and --behind are for keys that are given", Exit.USAGE
        )
    if not has_ring(settings):
        fail(_NO_KEY, Exit.USAGE)
    key = new_key()
    ring = put_in_front(own, key)
    steps = ["start everything again, so that it has the new key", "run `offramp secrets reseal`"]
    _tell(key_id(key), ring, steps, as_json=as_json)


def _require_listable(keys: Sequence[str]) -> None:
    """End the command if a key would come out of a list as another one."""
    if any("," in key or "\n" in key or key != key.strip() for key in keys):
        fail(
            "the present key has a comma or a blank in it, so that it cannot stand in OFFRAMP_SECRET_KEYS",
            Exit.USAGE,
        )
    if problems := key_problems(keys, is_needed=True):
        fail("\n".join(problems), Exit.USAGE)


def _hand_out(ring: SecretRing, to: str, *, as_json: bool) -> None:
    """Give the whole ring away, as it is asked for: into a new private file, or to the standard output."""
    if to != STANDARD_OUTPUT:
        try:
            write_new(Path(to), "\n".join(ring.keys) + "\n")
        except OSError as error:
            fail(f"{to} cannot be written: {error.strerror}", Exit.USAGE)
    elif as_json:
        fail("--json does not show a key: name a file with --to", Exit.USAGE)
    else:
        out.print(",".join(ring.keys), markup=False, soft_wrap=True)


def _next_steps(to: str, *, behind: bool) -> list[str]:
    is_shown = to == STANDARD_OUTPUT
    give = "give it" if is_shown else f"name {to} as OFFRAMP_SECRET_KEYS_FILE, or give its content"
    steps = [
        f"{give} to every process as OFFRAMP_SECRET_KEYS, take OFFRAMP_SECRET_KEY out, and start all again"
    ]
    if behind:
        steps.append("move the new key to the front of the list, and start all again")
    return [
        *steps,
        "run `offramp secrets reseal`",
        "run `offramp secrets status`: it says when the former key may go",
    ]


def _tell(new_id: str, ring: SecretRing, steps: Sequence[str], *, as_json: bool) -> None:
    if as_json:
        print_json({"key_id": new_id, "ring": ring.ids, "next": steps})
        return
    note(f"New key {new_id}. The ring is {', '.join(ring.ids)}.")
    for number, step in enumerate(steps, start=1):
        note(f"{number}. {step[0].upper()}{step[1:]}.")


def _require_started_anew(database: Database, ring: SecretRing) -> None:
    """End the command while a worker runs that has not yet noted the newest key: it would open nothing of it."""
    with database.reading() as session:
        is_any_alive = bool(heartbeats.living(session, now=clock()))
        noted = {row.key_id for row in secret_keys.every(session)}
    if is_any_alive and ring.ids[0] not in noted:
        fail(
            f"processes run, and none has had key {ring.ids[0]} as the newest: start all again with this ring first, "
            "and let the worker run for a moment",
            Exit.NOT_WELL,
        )


def _answer_for(wanted: str, lines: Sequence[SecretKeyLine]) -> None:
    """End the command by whether one key may be taken out."""
    line = next((line for line in lines if line.key_id == wanted), None)
    if line is None:
        fail(f"no key {wanted} is in the ring, and nothing hangs on one", Exit.USAGE)
    raise typer.Exit(Exit.OK if line.may_go else Exit.NOT_WELL)


def _is_well(lines: Sequence[SecretKeyLine]) -> bool:
    return all(line.place is not KeyPlace.MISSING for line in lines)


def _line(standing: KeyStanding, *, now: datetime) -> SecretKeyLine:
    return SecretKeyLine(
        key_id=standing.key_id,
        place=standing.place,
        hanging=dict(standing.hanging),
        unnamed=standing.unnamed,
        links_until=standing.links_until,
        may_go=standing.may_go(now),
    )


def _table(lines: Sequence[SecretKeyLine]) -> Listing:
    titles = ("key", "place", "on it hang", "links in messages until", "may be taken out")
    return Listing(titles=titles, rows=[_cells(line) for line in lines])


def _cells(line: SecretKeyLine) -> tuple[str, ...]:
    counted = hanging_words(line.hanging)
    unsure = f" ({line.unnamed} of them, or on another)" if line.unnamed else ""
    may_leave = line.place in (KeyPlace.FORMER, KeyPlace.FOR_CODES)
    is_unknown = line.place is KeyPlace.FORMER and not line.links_until
    links = moment(line.links_until) if line.links_until else "not known" if is_unknown else ""
    return (
        line.key_id,
        line.place.replace("_", " "),
        counted + unsure,
        links,
        ("yes" if line.may_go else "no") if may_leave else "",
    )


def _done_table(done: Sequence[Resealed]) -> Listing:
    titles = ("what lies sealed", "read", "closed again", "opened by no key")
    rows = [
        (words(progress.kind), f"{progress.read}", f"{progress.closed_again}", f"{progress.unopened}")
        for progress in done
    ]
    return Listing(titles=titles, rows=rows, numbers=titles[1:])
