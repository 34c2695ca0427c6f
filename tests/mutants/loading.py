"""What the processes of mutants have in common: other people's packages, and the project where it may be loaded."""

import gc
import importlib
import pkgutil
from pathlib import Path

ROOMS = ("domain", "store", "providers", "services", "activities", "workflows", "api", "offramp")

PYTEST = (
    *(f"-pno:{plugin}" for plugin in ("cacheprovider", "xdist", "xdist.looponfail", "schemathesis", "anyio")),
    "-pno:unraisableexception",
    "-Wignore::pytest.PytestAssertRewriteWarning",
)
"""How pytest runs in these processes: without what takes long to load, and not minding what is loaded already."""

_PACKAGES = (
    *("pytest", "hypothesis.stateful", "_hypothesis_pytestplugin", "pytest_asyncio.plugin", "pytest_timeout"),
    *("sqlmodel", "sqlalchemy.dialects.sqlite", "alembic.command", "pydantic_settings", "fastapi.testclient"),
    *("temporalio.worker", "temporalio.testing", "webauthn", "twilio.rest", "sendgrid", "phonenumbers"),
    *("email_validator", "jinja2", "joserfc.jwt", "structlog", "cryptography.x509", "segno"),
    *("scim2_models", "cloudevents.core.v1.event", "prometheus_client", "ua_parser", "httpx", "httpx2"),
)


class Examples:
    """Lets Hypothesis make so many examples, and not look for the smallest that fails: one is enough."""

    def __init__(self, most: int | None = None) -> None:
        self._most = most

    def pytest_collection_finish(self) -> None:
        from hypothesis import Phase, settings

        usual = settings()
        most = self._most or usual.max_examples
        settings.register_profile(
            "mutants", usual, max_examples=most, phases=(Phase.explicit, Phase.generate)
        )
        settings.load_profile("mutants")


def load_packages() -> None:
    """Import what no mutant changes."""
    for name in _PACKAGES:
        try:
            importlib.import_module(name)
        except ImportError:
            continue  # a part that another version has elsewhere is imported by whoever needs it
    gc.collect()
    gc.freeze()


def load_project() -> None:
    """Import every module of the project that can be imported alone."""
    for room in ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            if "__main__" not in module.name and ".migrations." not in module.name:
                importlib.import_module(module.name)


def make_template(template: Path) -> None:
    """Keep a migrated database in a file, which the tests of every mutant copy."""
    from store import Database, schema

    template.unlink(missing_ok=True)
    database = Database(f"sqlite:///{template}")
    schema.migrate(database)
    database.close()


def use_template(template: Path) -> None:
    """Let the tests of this process find a migrated database there."""
    from tests.databases import SqliteDatabases

    SqliteDatabases.migrated = template
