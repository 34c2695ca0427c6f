"""What all dashboards have around their panels: variables, links, time range and refresh interval."""

from collections.abc import Mapping, Sequence
from typing import Any

from grafana_foundation_sdk.builders.dashboard import (
    AnnotationQuery,
    Dashboard,
    DashboardLink,
    QueryVariable,
    Row,
    TextBoxVariable,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardLinkType,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from dashboards.links import link
from dashboards.styles import SOURCE

Rows = Mapping[str, Sequence[Any]]
"""Panels by the title of their row."""


def framed(uid: str, title: str, description: str, rows: Rows, *, since: str = "now-7d") -> Dashboard:
    """A dashboard of these rows."""
    board = (
        Dashboard(f"Offramp · {title}")
        .uid(f"offramp-{uid}")
        .description(description)
        .tags(["offramp"])
        .refresh("30s")
        .time(since, "now")
        .timezone("browser")
        .readonly()
        .with_variable(_variable("cohort", "Cohort", "label_values(offramp_accounts, cohort)"))
        .with_variable(_variable("wave", "Wave", 'label_values(offramp_accounts{cohort=~"$cohort"}, wave)'))
        .with_variable(_console())
        .link(link("Console"))
        .link(_other_dashboards())
    )
    for name, panels in rows.items():
        board = board.with_row(Row(name))
        for panel in panels:
            board = board.with_panel(panel)
    return board


def marked(board: Dashboard, marks: Mapping[str, tuple[str, str]]) -> Dashboard:
    """A dashboard that shows events. Each event's name has the query that is true when it happens, and a colour."""
    for name, (expression, colour) in marks.items():
        note = (
            AnnotationQuery().name(name).datasource(SOURCE).enable(True).expr(expression).icon_color(colour)
        )
        board = board.annotation(note)
    return board


def _variable(name: str, label: str, query: str) -> QueryVariable:
    return (
        QueryVariable(name)
        .label(label)
        .datasource(SOURCE)
        .query(query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(VariableOption(selected=True, text="All", value="$__all"))
    )


def _console() -> TextBoxVariable:
    return TextBoxVariable("console").label("Console's origin").default_value("http://localhost:8400")


def _other_dashboards() -> DashboardLink:
    menu = DashboardLink("Offramp").type(DashboardLinkType.DASHBOARDS).tags(["offramp"])
    return menu.as_dropdown(True).include_vars(True).keep_time(True)
