"""What units, thresholds and colours mean, the same on every dashboard."""

from enum import StrEnum

from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
from grafana_foundation_sdk.models.dashboard import DataSourceRef, Threshold, ThresholdsMode

SOURCE = DataSourceRef(type_val="prometheus", uid="offramp")
"""The data source that `provisioning/datasources` sets up."""


class Unit(StrEnum):
    """Grafana's names of the units that are used."""

    COUNT = "short"
    SHARE = "percentunit"
    SECONDS = "s"
    PER_MINUTE = "cpm"
    BYTES = "bytes"
    MONEY = "none"


GOOD, DOUBTFUL, BAD, NEUTRAL = "green", "yellow", "red", "blue"

COLOURS: dict[str, dict[str, str]] = {
    "method": {
        "passkey": GOOD,
        "sms": "orange",
        "recovery_code": "purple",
        "authenticator_app": "dark-blue",
        "device_link": "super-light-blue",
        "host": "light-purple",
    },
    "channel": {"email": NEUTRAL, "sms": "orange"},
    "group": {"launched": GOOD, "holdout": "text"},
    "state": {"on": "orange", "notice": DOUBTFUL, "suspended": "light-green", "removed": GOOD},
    "milestone": {"migrated": GOOD, "no_journey": "text"},
    "outcome": {"completed": GOOD, "delivered": GOOD, "failed": BAD, "bounced": BAD, "unknown": DOUBTFUL},
}
"""The colour of a series on every dashboard, by the label that names it and that label's value."""


def limits(*, doubtful: float | None = None, bad: float | None = None) -> ThresholdsConfig:
    """Green at first, yellow from `doubtful` on and red from `bad` on; without a limit everything is blue."""
    steps = [Threshold(value=None, color=GOOD if doubtful is not None or bad is not None else NEUTRAL)]
    if doubtful is not None:
        steps.append(Threshold(value=doubtful, color=DOUBTFUL))
    if bad is not None:
        steps.append(Threshold(value=bad, color=BAD))
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def at_least(*, doubtful: float, good: float) -> ThresholdsConfig:
    """Red at first, yellow from `doubtful` on and green from `good` on: more is better."""
    steps = [
        Threshold(value=None, color=BAD),
        Threshold(value=doubtful, color=DOUBTFUL),
        Threshold(value=good, color=GOOD),
    ]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
