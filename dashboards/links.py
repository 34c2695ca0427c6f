"""Where panels and their series lead to: pages of Offramp's own console."""

from grafana_foundation_sdk.builders.dashboard import DashboardLink
from grafana_foundation_sdk.models.dashboard import DashboardLinkType

CONSOLE = "${console:raw}/console"
"""Where the console is; the variable says at which origin."""


def link(title: str, path: str = "") -> DashboardLink:
    """A link to a page of the console, in a window of its own."""
    page = DashboardLink(title).type(DashboardLinkType.LINK).url(f"{CONSOLE}{path}").icon("external link")
    return page.tooltip(title).target_blank(True)


def cohort() -> DashboardLink:
    """The page of the cohort that a series is about."""
    return link("This cohort", "/cohorts/named/${__field.labels.cohort:percentencode}")


def cohorts() -> DashboardLink:
    """All cohorts: where they stand."""
    return link("All cohorts")


def stuck(reason: str = "") -> DashboardLink:
    """The list of stuck people, for all reasons or for one."""
    if reason:
        return link("Those whom this stops", f"/stuck?reason={reason}")
    return link("Who is stuck, the longest first", "/stuck")


def stuck_for_reason() -> DashboardLink:
    """The list of people who are stuck for the reason of a series."""
    return stuck("${__field.labels.reason:percentencode}")


def stuck_for(days: int, words: str) -> DashboardLink:
    """The list of people who have been stuck for more than so many days."""
    return link(f"Stuck for more than {words}", f"/stuck?older={days}")


def one_loss() -> DashboardLink:
    """The list of people who are one loss away from being locked out."""
    return link("Who is one loss away", "/desk/one-loss")
