"""The PromQL that dashboards share."""

from collections.abc import Mapping

CHOSEN = 'cohort=~"$cohort",wave=~"$wave"'
"""The cohorts and waves that the variables choose."""

LAUNCHED = 'wave!~"holdout|none"'

GET_NO_FURTHER = 'reason!~"held|cooling_off"'
"""The reasons for which people are stuck, without the reasons that only time or an operator ends."""


def once(expression: str) -> str:
    """A figure of the database, counted once, however many processes serve it."""
    return f"max without (instance, job) ({expression})"


def total(expression: str, *by: str) -> str:
    """The sum of a figure of the database."""
    grouped = f" by ({', '.join(by)})" if by else ""
    return f"sum{grouped} ({once(expression)})"


def rate(series: str, *by: str, over: str = "$__rate_interval") -> str:
    """How often something in the database happens a second."""
    return total(f"rate({series}[{over}])", *by)


def per_minute(series: str, *by: str) -> str:
    """How often something in the database happens a minute."""
    return f"{rate(series, *by)} * 60"


def per_hour(series: str, *by: str) -> str:
    """How often something in the database happens an hour, as the average of the last hour."""
    return f"{rate(series, *by, over='1h')} * 3600"


def increase(series: str, *by: str, over: str = "$__range") -> str:
    """How often something in the database has happened within a time."""
    return total(f"increase({series}[{over}])", *by)


def quantile(share: float, buckets: str, *by: str, over: str = "$__rate_interval") -> str:
    """The duration that this share of the durations in the database did not exceed."""
    return f"histogram_quantile({share}, {rate(buckets, 'le', *by, over=over)})"


def own_quantile(share: float, buckets: str, *by: str, over: str = "$__rate_interval") -> str:
    """The duration that this share of the durations of all processes, which each measures by itself, did not exceed."""
    return f"histogram_quantile({share}, sum by ({', '.join(('le', *by))}) (rate({buckets}[{over}])))"


def or_zero(expression: str) -> str:
    """The expression, or 0 while it has no series: what has not happened yet has happened zero times."""
    return f"({expression} or vector(0))"


def worded(expression: str, label: str, words: Mapping[str, str]) -> str:
    """The expression with words for a label's values, where people shall not read what programs call them."""
    for value, text in words.items():
        expression = f'label_replace({expression}, "{label}", "{text}", "{label}", "{value}")'
    return expression


def share(part: str, whole: str) -> str:
    """A part divided by its whole; without a value if the whole is 0."""
    return f"{or_zero(part)} / ({whole} > 0)"
