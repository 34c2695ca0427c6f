"""Migrations make exactly the tables that the models describe, and can be undone."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlmodel import SQLModel

from store import Database, schema
from tests.store.racing import at_once


def downgrade(database: Database) -> None:
    config = schema._config()
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")


def tables(database: Database) -> set[str]:
    return {*inspect(database.engine).get_table_names()} - {"alembic_version"}


def test_migrations_make_exactly_the_tables_of_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), schema.METADATA) == []
    assert tables(database) == {*schema.METADATA.tables}


def test_every_module_with_a_table_is_part_of_the_schema() -> None:
    modules = {mapper.class_.__module__ for mapper in SQLModel._sa_registry.mappers}
    assert modules == {module.__name__ for module in schema.TABLE_MODULES}


def test_a_database_goes_up_down_and_up_again(empty_url: str) -> None:
    database = Database(empty_url)
    assert schema.revision(database) is None
    schema.migrate(database)
    assert schema.revision(database) == schema.newest_revision()
    downgrade(database)
    assert tables(database) == set()
    schema.migrate(database)
    assert tables(database) == {*schema.METADATA.tables}
    database.close()


def test_migrating_again_changes_nothing(database: Database) -> None:
    schema.migrate(database)
    assert schema.revision(database) == schema.newest_revision()


def test_processes_that_start_together_migrate_once(empty_url: str) -> None:
    def start() -> str | None:
        database = Database(empty_url)
        schema.migrate(database)
        try:
            return schema.revision(database)
        finally:
            database.close()

    assert at_once(start, times=4) == [schema.newest_revision()] * 4
