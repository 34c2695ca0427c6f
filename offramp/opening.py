"""Opens what a command needs: the settings, and the database at the revision that this code needs."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from domain.messages.text_limits import TextLimits
from offramp.clock import clock
from offramp.config.secret_files import UnusableSecretFile
from offramp.config.settings import NotConfigured, Settings
from offramp.config.text_settings import read_ceilings
from offramp.views.terminal import Exit, fail, note
from store import Database, revisions
from store.engine.database import UNUSABLE
from store.engine.database_clock import CLOCK
from store.engine.engines import Pool, require_url
from store.messages.text_counts import LIMITS
from store.people.host_routes import CEREMONIES
from store.people.told_accounts import COUNTRIES

STANDARD_INPUT = "-"
"""What stands for the standard input where a file is named."""


class NotMigrated(Exception):
    """The database is not at the revision that this code needs."""


def read_settings() -> Settings:
    """The settings. Raises NotConfigured, which names every variable with an impossible value."""
    try:
        return Settings()
    except UnusableSecretFile as error:
        raise NotConfigured(str(error)) from None
    except ValidationError as error:
        raise NotConfigured(
            "\n".join(_problem(detail["loc"], detail["msg"]) for detail in error.errors())
        ) from None


def runnable_settings() -> Settings:
    """The settings of an Offramp that is about to run. Raises NotConfigured if Offramp would not run safely."""
    settings = read_settings()
    if problems := settings.problems():
        raise NotConfigured("\n".join(problems))
    return settings


def make_database(settings: Settings) -> Database:
    """The database that the settings name. Raises NotConfigured if the URL cannot be used."""
    try:
        require_url(settings.database_url)
        return Database(settings.database_url, notes=_notes(settings), pool=_pool(settings))
    except UNUSABLE as error:
        raise NotConfigured(f"OFFRAMP_DATABASE_URL cannot be used: {error}") from error


@contextmanager
def opened_database(settings: Settings) -> Iterator[Database]:
    """The database, ready for use; this process goes by its clock from now on.

    Development migrates it to the newest revision; production raises NotMigrated.
    Raises NotConfigured if the URL cannot be used.
    """
    database = make_database(settings)
    try:
        _require_newest_revision(database, settings)
        clock.follow(database)
        yield database
    finally:
        database.close()


def _pool(settings: Settings) -> Pool:
    wait = timedelta(seconds=settings.database_wait_seconds)
    return Pool(most=settings.database_connections, wait=wait)


def _notes(settings: Settings) -> dict[str, object]:
    """What every session of the database knows of the settings."""
    countries = frozenset(settings.sms_countries)
    return {
        LIMITS: _text_limits(settings),
        CEREMONIES: settings.ceremonies,
        COUNTRIES: countries,
        CLOCK: clock,
    }


def _text_limits(settings: Settings) -> TextLimits:
    ceilings = read_ceilings(settings.sms_per_day_by_country)
    return TextLimits(per_day=settings.sms_per_day, by_country=ceilings, country_of=_country_of)


def _country_of(phone: str) -> str:
    from providers.texted_numbers import texted_country  # most commands text nobody

    return texted_country(phone)


def _require_newest_revision(database: Database, settings: Settings) -> None:
    current, needed = revisions.current(database), revisions.newest()
    if current == needed:
        return
    if not settings.is_development:
        raise NotMigrated(
            f"the database is at revision {current}, and this Offramp needs {needed}: run `offramp migrate`"
        )
    from store import schema  # it imports Alembic, which takes long

    for remark in schema.migrate(database):
        note(remark)


def _problem(location: tuple[int | str, ...], message: str) -> str:
    name = f"OFFRAMP_{str(location[0]).upper()}" if location else "settings"
    return f"{name}: {message.removeprefix('Value error, ')}"


def opened_file(file: str) -> AbstractContextManager[BinaryIO]:
    """The bytes of a file, or of the standard input. Ends the command as wrong usage if it cannot be read."""
    if file == STANDARD_INPUT:
        return nullcontext(sys.stdin.buffer)
    try:
        return Path(file).open("rb")
    except OSError as error:
        fail(f"{file} cannot be read: {error.strerror}", Exit.USAGE)
