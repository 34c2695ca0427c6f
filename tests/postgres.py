"""A throw-away PostgreSQL server from Debian's binaries, and databases in it that tests find migrated and empty."""

import gc
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg

from store import Database, schema
from tests.databases import KeptDatabase, room_in_memory

_TEMPLATE = "migrated"
_KEPT = "kept"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
    # A table that was vacuumed between two tests would be planned for, and filled, in another order than a new one.
    "autovacuum": "off",
}
_UNDER_WAY = b"""
FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""
# No triggers while this lasts: they keep foreign keys, and the audit from being shortened. To delete the few rows of a
# test takes a tenth of the time of TRUNCATE, which makes new files for every table.
_EMPTY = b"""
DO $$
DECLARE name text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('DELETE FROM %I', name);
    END LOOP;
    PERFORM setval(format('%I', sequencename)::regclass, start_value, false)
    FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
END $$
"""
_numbers = itertools.count(1)


class Unavailable(Exception):
    """No PostgreSQL server can be started here, and why."""


class PostgresServer:
    """A running server; everything in it is lost when it stops."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection = self._connect("postgres")
        self._kept: KeptDatabase | None = None
        self._emptying: psycopg.Connection | None = None

    @contextmanager
    def emptied(self) -> Iterator[Database]:
        """A migrated database without rows, the same one for all tests: making one takes longer than most tests."""
        if self._emptying is None:
            self._run(f"CREATE DATABASE {_KEPT} TEMPLATE {_TEMPLATE}")
            self._emptying = self._connect(_KEPT)
        self._end_what_is_under_way(self._emptying)
        self._emptying.execute(_EMPTY)
        if self._kept is None or self._kept.is_closed:
            self._kept = KeptDatabase(self.url(_KEPT))
        yield self._kept

    def _end_what_is_under_way(self, connection: psycopg.Connection) -> None:
        """End what the test before has left; what it has abandoned ends by itself, as long as it is connected."""
        if connection.execute(b"SELECT pid" + _UNDER_WAY).fetchall():
            gc.collect()
            connection.execute(b"SELECT pg_terminate_backend(pid, 5000)" + _UNDER_WAY)

    @contextmanager
    def unused(self) -> Iterator[Database]:
        """A migrated database of one test's own."""
        with self.fresh_database() as url, closing(Database(url)) as database:
            yield database

    @contextmanager
    def fresh_database(self, *, template: str = _TEMPLATE) -> Iterator[str]:
        """The URL of a database of one test's own."""
        name = f"test_{next(_numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self.url(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """The URL of a database without any tables."""
        with self.fresh_database(template="template0") as url:
            yield url

    def make_template(self) -> None:
        """Migrate the database that the others are copied from."""
        self._run(f"CREATE DATABASE {_TEMPLATE}")
        database = Database(self.url(_TEMPLATE))
        schema.migrate(database)
        database.close()

    def url(self, name: str) -> str:
        """The SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/{name}"

    def close(self) -> None:
        """Leave the server."""
        if self._kept:
            self._kept.close()
        if self._emptying:
            self._emptying.close()
        self._connection.close()

    def _connect(self, name: str) -> psycopg.Connection:
        address = f"host=127.0.0.1 port={self._port} user=postgres dbname={name}"
        return psycopg.connect(address, autocommit=True)

    def _run(self, statement: str) -> None:
        self._connection.execute(statement.encode())


@contextmanager
def running_server() -> Iterator[PostgresServer]:
    """A server on a free loopback port, for as long as the block lasts. Raises Unavailable."""
    binaries = server_binaries()
    user = server_user()
    home = Path(tempfile.mkdtemp(prefix="offramp-postgres-", dir=room_in_memory()))
    try:
        if user:
            shutil.chown(home, user)
        port = _free_port()
        start_server(binaries, home, user, port)
        try:
            with closing(PostgresServer(port)) as server:
                server.make_template()
                yield server
        finally:
            run_as_server([binaries / "pg_ctl", "stop", "-D", home / "data", "-m", "fast"], home, user)
    finally:
        shutil.rmtree(home)


class Cluster:
    """A directory for the servers of one test, which starts and stops them as it likes."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._binaries, self._user, self._port = server_binaries(), server_user(), _free_port()

    def directory(self, name: str) -> Path:
        """A directory that the server may write to."""
        path = self.home / name
        path.mkdir()
        if self._user:
            shutil.chown(path, self._user)
        return path

    @contextmanager
    def running(self, name: str, further: Mapping[str, str]) -> Iterator[str]:
        """A server on a data directory, made if it is not there; the URL of its database `postgres`."""
        if not (self.home / name).exists():
            _make(self._binaries, self.home, self._user, name)
        _set(self.home / name, {**further, "port": str(self._port)})
        run_as_server(
            [self._binaries / "pg_ctl", "start", "-w", "-D", self.home / name, "-l", self.home / "log"],
            self.home,
            self._user,
        )
        try:
            yield f"postgresql+psycopg://postgres@127.0.0.1:{self._port}/postgres"
        finally:
            run_as_server(
                [self._binaries / "pg_ctl", "stop", "-D", self.home / name, "-m", "fast"],
                self.home,
                self._user,
            )

    def base_backup(self, name: str) -> None:
        """A copy of the running server's data, from which it can be brought to a later moment."""
        address = f"host=127.0.0.1 port={self._port} user=postgres"
        tool = self._binaries / "pg_basebackup"
        run_as_server(
            [tool, "-d", address, "-D", self.home / name, "-c", "fast", "-X", "none"], self.home, self._user
        )


@contextmanager
def room_of_its_own() -> Iterator[Cluster]:
    """A place for a test's own servers, for as long as the block lasts. Raises Unavailable."""
    home = Path(tempfile.mkdtemp(prefix="offramp-postgres-", dir=room_in_memory()))
    try:
        if user := server_user():
            shutil.chown(home, user)
        yield Cluster(home)
    finally:
        shutil.rmtree(home)


def server_binaries() -> Path:
    """Where the newest PostgreSQL's programs are. Raises Unavailable."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not versions:
        raise Unavailable("PostgreSQL is not installed (no /usr/lib/postgresql/*/bin/initdb)")
    return versions[-1].parent


def server_user() -> str | None:
    """PostgreSQL refuses to run as root, so root lends it to the user that Debian made for it."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise Unavailable("PostgreSQL does not run as root, and there is no user postgres") from None


def start_server(binaries: Path, home: Path, user: str | None, port: int) -> None:
    """Make an empty server in a home, and start it. Raises Unavailable."""
    _make(binaries, home, user, "data")
    _set(home / "data", {"port": str(port)})
    run_as_server([binaries / "pg_ctl", "start", "-w", "-D", home / "data", "-l", home / "log"], home, user)


def _make(binaries: Path, home: Path, user: str | None, name: str) -> None:
    options: list[str | Path] = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
    run_as_server([binaries / "initdb", "-D", home / name, *options], home, user)
    _set(home / name, _SETTINGS)


def _set(cluster: Path, settings: Mapping[str, str]) -> None:
    """Add settings; the last word about one counts."""
    with (cluster / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())


def run_as_server(command: Sequence[str | Path], home: Path, user: str | None) -> None:
    """Run one of PostgreSQL's programs as the user that it runs as. Raises Unavailable."""
    # A file, not a pipe: the server inherits it, and a pipe would stay open until the server stops.
    with (home / "output").open("a+") as output:
        done = subprocess.run(command, cwd=home, user=user, stdout=output, stderr=output, check=False)
        if done.returncode:
            output.seek(0)
            raise Unavailable(f"PostgreSQL does not start: {output.read()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
