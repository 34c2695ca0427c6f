"""The kinds of panels, each with what it shows and what to do when it is bad."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from grafana_foundation_sdk.builders import bargauge, common, prometheus, statetimeline, table, timeseries
from grafana_foundation_sdk.builders import stat as stats
from grafana_foundation_sdk.builders.dashboard import FieldColor, ThresholdsConfig
from grafana_foundation_sdk.models.common import (
    BarGaugeDisplayMode,
    GraphTresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue, FieldColorModeId
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from dashboards.styles import COLOURS, SOURCE, Unit, limits

P = TypeVar("P", stats.Panel, timeseries.Panel, bargauge.Panel, statetimeline.Panel, table.Panel)
C = TypeVar("C", timeseries.Panel, bargauge.Panel)

FULL, HALF, THIRD, QUARTER, SIXTH = 24, 12, 8, 6, 4
"""Widths, of 24 columns."""


@dataclass(frozen=True, kw_only=True)
class PanelDescription:
    """What a panel's description says: what it shows, and what to do when it is bad."""

    shows: str
    when_bad: str

    def __str__(self) -> str:
        return f"{self.shows}\n\n**When it is bad:** {self.when_bad}"


@dataclass(frozen=True)
class Query:
    """One question to Prometheus, and what its answers are called."""

    expression: str
    legend: str


def number(
    title: str,
    description: PanelDescription,
    query: str,
    unit: Unit,
    *,
    width: int = SIXTH,
    thresholds: ThresholdsConfig | None = None,
    decimals: int | None = None,
) -> stats.Panel:
    """One number now, with its course behind it."""
    panel = stats.Panel().thresholds(thresholds or limits()).with_target(_target(Query(query, title), 0))
    if decimals is not None:
        panel = panel.decimals(decimals)
    return _common(panel, title, description, unit, width=width, height=4)


def course(
    title: str,
    description: PanelDescription,
    *queries: Query,
    unit: Unit,
    width: int = HALF,
    stacked: bool = False,
    thresholds: ThresholdsConfig | None = None,
) -> timeseries.Panel:
    """How something went over time; thresholds are drawn as lines."""
    panel = (
        timeseries.Panel()
        .legend(
            common.VizLegendOptions()
            .display_mode(LegendDisplayMode.LIST)
            .placement(LegendPlacement.BOTTOM)
            .show_legend(True)
        )
        .tooltip(common.VizTooltipOptions().mode(TooltipDisplayMode.MULTI))
        .fill_opacity(25 if stacked else 5)
        .min(0)
    )
    if stacked:
        panel = panel.stacking(common.StackingConfig().mode(StackingMode.NORMAL))
    if thresholds:
        style = common.GraphThresholdsStyleConfig().mode(GraphTresholdsStyleMode.LINE)
        panel = panel.thresholds(thresholds).thresholds_style(style)
    for place, query in enumerate(queries):
        panel = panel.with_target(_target(query, place))
    return _coloured(_common(panel, title, description, unit, width=width, height=8), queries)


def bars(
    title: str,
    description: PanelDescription,
    *queries: Query,
    unit: Unit,
    width: int = HALF,
    thresholds: ThresholdsConfig | None = None,
) -> bargauge.Panel:
    """A bar for each series, as long as its value is now."""
    panel = (
        bargauge.Panel()
        .orientation(VizOrientation.HORIZONTAL)
        .display_mode(BarGaugeDisplayMode.BASIC)
        .thresholds(thresholds or limits())
        .min(0)
    )
    for place, query in enumerate(queries):
        panel = panel.with_target(_target(query, place, now=True))
    return _coloured(_common(panel, title, description, unit, width=width, height=8), queries)


def states(
    title: str, description: PanelDescription, *queries: Query, unit: Unit, width: int = FULL
) -> statetimeline.Panel:
    """Which of several states was true at which time; a true state has the value 1."""
    panel = statetimeline.Panel().thresholds(limits(doubtful=1)).show_value(VisibilityMode.NEVER)
    for place, query in enumerate(queries):
        panel = panel.with_target(_target(query, place))
    return _common(panel, title, description, unit, width=width, height=7)


def listing(
    title: str, description: PanelDescription, *queries: Query, unit: Unit, width: int = HALF
) -> table.Panel:
    """A table of the values that series have now."""
    panel = table.Panel()
    for place, query in enumerate(queries):
        panel = panel.with_target(_target(query, place, now=True).format(PromQueryFormat.TABLE))
    return _common(panel, title, description, unit, width=width, height=8)


def _common(panel: P, title: str, description: PanelDescription, unit: Unit, *, width: int, height: int) -> P:
    return (
        panel.title(title)
        .description(str(description))
        .datasource(SOURCE)
        .unit(unit.value)
        .span(width)
        .height(height)
    )


def _target(query: Query, place: int, *, now: bool = False) -> prometheus.Dataquery:
    target = prometheus.Dataquery().expr(query.expression).legend_format(query.legend).datasource(SOURCE)
    target = target.ref_id(chr(ord("A") + place))
    return target.instant() if now else target.range()


def _coloured(panel: C, queries: Sequence[Query]) -> C:
    """Series that mean the same look the same."""
    for label, colours in COLOURS.items():
        if any(query.legend == f"{{{{{label}}}}}" for query in queries):
            for name, colour in colours.items():
                fixed = FieldColor().mode(FieldColorModeId.FIXED).fixed_color(colour).build()
                panel = panel.override_by_name(name, [DynamicConfigValue(id_val="color", value=fixed)])
    return panel
