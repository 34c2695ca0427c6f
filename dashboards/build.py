"""Writes the dashboards as the JSON that Grafana reads: `python -m dashboards.build`."""

from collections.abc import Callable
from pathlib import Path

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards import adoption, cohort, delivery, engine, support

DIRECTORY = Path(__file__).parent / "json"

DASHBOARDS: dict[str, Callable[[], Dashboard]] = {
    "adoption": adoption.build,
    "cohort": cohort.build,
    "support": support.build,
    "delivery": delivery.build,
    "engine": engine.build,
}


def rendered(name: str) -> str:
    """The JSON of one dashboard."""
    return JSONEncoder(sort_keys=True, indent=2).encode(DASHBOARDS[name]().build()) + "\n"


def main() -> None:
    """Write all dashboards."""
    DIRECTORY.mkdir(exist_ok=True)
    for name in DASHBOARDS:
        (DIRECTORY / f"{name}.json").write_text(rendered(name))


if __name__ == "__main__":
    main()
