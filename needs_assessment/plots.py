"""Drawings. Each takes protected figures and an Axes, computes nothing, and returns the Axes it drew on."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import matplotlib
import pandas as pd
from matplotlib import style
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from needs_assessment.components import Drawing
from needs_assessment.vocabulary import Verdict, in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

AREA_COLOUR = "#12436D"
COMPARATOR_COLOUR = "#6B6B6B"
OPTION_COLOUR = "#28A197"
PIXELS_PER_INCH = 96
SMALL_PIXELS = 500
"""Below this width a drawing is for a phone: fewer ticks, shorter words."""

VERDICT_FILLS = {
    Verdict.LOWER: ("#D6E4EE", ""),
    Verdict.SIMILAR: ("#FFFFFF", ""),
    Verdict.HIGHER: ("#7FA3BF", ""),
    Verdict.CANNOT_TELL: ("#F3F3F3", "////"),
}


@contextmanager
def report_style(points: float = 11) -> Iterator[None]:
    """The Government Analysis Function's chart style, with a font that matplotlib carries, so that every machine draws alike."""
    with matplotlib.rc_context():
        style.use("afcharts.afcharts")
        # Tick labels and axis titles follow the base size, which the style sets for slides.
        matplotlib.rcParams.update(
            {"font.family": "DejaVu Sans", "font.size": points, "svg.fonttype": "path", "hatch.linewidth": 0.5}
        )
        yield


def drawing(
    draw: Callable[..., Axes], anchor: str, wide: tuple[int, int] = (740, 400), narrow: tuple[int, int] = (340, 340)
) -> Drawing:
    """A plot as SVG for wide screens and again for phones; `anchor` makes the bytes the same in each run. Sizes in CSS pixels."""
    return Drawing(
        wide=_svg(draw, wide, f"{anchor}-wide", 11),
        wide_size=wide,
        narrow=_svg(draw, narrow, f"{anchor}-narrow", 8.5),
        narrow_size=narrow,
    )


def _svg(draw: Callable[..., Axes], size: tuple[int, int], salt: str, points: float) -> str:
    with report_style(points):
        matplotlib.rcParams["svg.hashsalt"] = salt
        figure = Figure(figsize=(size[0] / PIXELS_PER_INCH, size[1] / PIXELS_PER_INCH), layout="constrained")
        draw(ax=figure.subplots())
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()[text.getvalue().index("<svg") :]


def _axes(ax: Axes | None) -> Axes:
    if ax is not None:
        return ax
    from matplotlib import pyplot  # only an analyst's own drawing needs the window machinery

    return pyplot.figure(layout="constrained").subplots()


def _is_small(ax: Axes) -> bool:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure.get_figwidth() * PIXELS_PER_INCH < SMALL_PIXELS


def rate_over_time(series: pd.DataFrame, names: tuple[str, str], breaks: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Rates per 10,000 by year with their limits, beside the comparator's; a gap where a rate is missing, and no line across a break.

    `series` is a measure table of one area in order of time, `names` the area's and the comparator's, `breaks` the area's declared breaks.
    """
    ax = _axes(ax)
    years = series["period_end"].dt.year
    ax.plot(years, series["comparator_value"], color=COMPARATOR_COLOUR, linestyle="--")
    for _, part in series.groupby(_stretches(series, breaks)):
        at = part["period_end"].dt.year
        ax.fill_between(at, part["lower"], part["upper"], color=AREA_COLOUR, alpha=0.15, linewidth=0)
        ax.vlines(at, part["lower"], part["upper"], color=AREA_COLOUR, alpha=0.35, linewidth=1.5)
        ax.plot(at, part["value"], color=AREA_COLOUR, marker="o")
    _mark_missing(ax, series)
    _mark_breaks(ax, breaks)
    _label_ends(ax, series, names)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("Per 10,000 children")
    ax.set_xlabel("Year ending 31 March")
    shown = sorted(set(years))[:: 2 if _is_small(ax) else 1]
    ax.set_xticks(shown, [str(year) for year in shown])
    return ax


def _stretches(series: pd.DataFrame, breaks: pd.DataFrame) -> pd.Series:
    """A number for each row that grows at a break and at a missing rate, so that no line joins what cannot be compared."""
    stretch = series["value"].isna().cumsum()
    for changed_on in breaks["changed_on"]:
        stretch = stretch + (series["period_end"] >= changed_on) * 1000
    return stretch


def _mark_missing(ax: Axes, series: pd.DataFrame) -> None:
    for row in series[series["value"].isna()].itertuples():
        ax.annotate(
            f"[{row.missing}]",
            (row.period_end.year, 0),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            color=AREA_COLOUR,
        )


def _mark_breaks(ax: Axes, breaks: pd.DataFrame) -> None:
    for changed_on in breaks["changed_on"]:
        # A year ending in March is drawn at its end, so the year that begins at the break lies to the right.
        at = changed_on.year + 0.5
        ax.axvline(at, color="black", linestyle=":", linewidth=1.2)
        label = "recording\nchanged"
        ax.annotate(
            label,
            (at, 1),
            xycoords=("data", "axes fraction"),
            xytext=(-3, -2),
            textcoords="offset points",
            ha="right",
            va="top",
            size="small",
        )


def _label_ends(ax: Axes, series: pd.DataFrame, names: tuple[str, str]) -> None:
    ends = [(series, "value", names[0], AREA_COLOUR), (series, "comparator_value", names[1], COMPARATOR_COLOUR)]
    heights = [rows[column].dropna().iloc[-1] for rows, column, _, _ in ends if rows[column].notna().any()]
    for rows, column, name, colour in ends:
        rated = rows.dropna(subset=[column])
        if rated.empty:
            continue
        last = rated.iloc[-1]
        above = last[column] >= max(heights)
        words = name.replace(" and ", " and\n") if _is_small(ax) else name
        ax.annotate(
            words,
            (last["period_end"].year, last[column]),
            xytext=(6, 7 if above else -7),
            textcoords="offset points",
            color=colour,
            va="bottom" if above else "top",
            ha="right" if _is_small(ax) else "left",
            weight="bold",
            annotation_clip=False,
        )


def rates_beside(rows: pd.DataFrame, names: tuple[str, str], ax: Axes | None = None) -> Axes:
    """A dot with its interval for each row, and the comparator as a bar: rows with `indicator`, value, lower, upper, comparator_value, missing."""
    ax = _axes(ax)
    places = range(len(rows) - 1, -1, -1)
    for place, row in zip(places, rows.itertuples(), strict=True):
        if pd.isna(row.value):
            ax.annotate(f"[{row.missing}]", (0, place), color=AREA_COLOUR, va="center")
        else:
            ax.plot(
                [row.lower, row.upper], [place, place], color=AREA_COLOUR, linewidth=3, alpha=0.4, solid_capstyle="butt"
            )
            ax.plot(row.value, place, "o", color=AREA_COLOUR, markersize=8)
        ax.plot([row.comparator_value] * 2, [place - 0.28, place + 0.28], color=COMPARATOR_COLOUR, linewidth=3)
    ax.set_yticks(list(places), list(rows["indicator"]))
    ax.set_xlim(left=0)
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    ax.set_xlabel("Per 10,000 children")
    handles = [
        Line2D([], [], color=AREA_COLOUR, marker="o", label=names[0]),
        Line2D([], [], color=COMPARATOR_COLOUR, linewidth=3, label=names[1]),
    ]
    ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, borderaxespad=0)
    return ax


def risk_change(changes: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Counts on the first and last date at each risk level, as joined dots with their numbers: a table of changes over all residences."""
    ax = _axes(ax)
    for place, row in enumerate(changes.itertuples()):
        ax.plot([row.before, row.after], [place, place], color=COMPARATOR_COLOUR, linewidth=2)
        for count, filled, words in (
            (row.before, "white", f"{row.as_at_before:%b %Y}: "),
            (row.after, AREA_COLOUR, f"{row.as_at_after:%b %Y}: "),
        ):
            ax.plot(count, place, "o", markersize=10, markeredgecolor=AREA_COLOUR, markerfacecolor=filled)
            ax.annotate(f"{words}{count}", (count, place), xytext=(0, 11), textcoords="offset points", ha="center")
    ax.set_yticks(range(len(changes)), [f"{level.capitalize()} risk" for level in changes["risk_level"]])
    ax.set_ylim(-0.6, len(changes) - 0.2)
    ax.set_xlim(left=0)
    ax.margins(x=0.15)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("Number assessed at this level")
    return ax


def contract_timeline(terms: pd.DataFrame, on: pd.Timestamp | None = None, ax: Axes | None = None) -> Axes:
    """A bar for each firm term and extension option, by service, and a line at the day of `on`: the table of contract terms."""
    ax = _axes(ax)
    terms = terms.assign(
        service_name=[textwrap.fill(name, 14 if _is_small(ax) else 26) for name in terms["service_name"]]
    )
    services = list(dict.fromkeys(terms["service_name"]))
    for row in terms.itertuples():
        firm = row.term == "firm"
        start, length = _year_of(row.starts), _year_of(row.ends) - _year_of(row.starts)
        ax.barh(
            services[::-1].index(row.service_name),
            length,
            left=start,
            height=0.45,
            color=AREA_COLOUR if firm else "white",
            edgecolor=AREA_COLOUR if firm else OPTION_COLOUR,
            hatch="" if firm else "///",
            linewidth=1.5,
        )
        if not firm:
            ax.plot(start, services[::-1].index(row.service_name) + 0.36, "v", color="black", markersize=7)
    if on is not None:
        ax.axvline(_year_of(on), color=COMPARATOR_COLOUR, linestyle="--")
        ax.annotate(
            f"evidence of\n{in_words(on.date())}",
            (_year_of(on), -0.7),
            color=COMPARATOR_COLOUR,
            ha="right",
            va="bottom",
            size="small",
            xytext=(-3, 0),
            textcoords="offset points",
        )
    ax.set_yticks(range(len(services)), services[::-1])
    ax.set_ylim(-0.8, len(services) - 0.3)
    ax.xaxis.set_major_locator(matplotlib.ticker.MaxNLocator(integer=True))
    ax.xaxis.set_major_formatter("{x:.0f}")
    ax.grid(visible=False, axis="y")
    ax.grid(visible=True, axis="x")
    _contract_legend(ax)
    return ax


def _contract_legend(ax: Axes) -> None:
    handles = [
        Patch(facecolor=AREA_COLOUR, label="firm term"),
        Patch(facecolor="white", edgecolor=OPTION_COLOUR, hatch="///", label="extension option"),
        Line2D([], [], color="black", marker="v", linestyle="", label="decide by"),
    ]
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=3,
        borderaxespad=0,
        columnspacing=1,
        handletextpad=0.4,
    )


def _year_of(day: pd.Timestamp) -> float:
    return day.year + (day.dayofyear - 1) / 365.25


def tile_map(tiles: pd.DataFrame, chosen: str = "", ax: Axes | None = None) -> Axes:
    """A square for each area in about its place, filled by the verdict: rows with area_code, area_name, column, row and verdict.

    `chosen` is the code of an area to outline. The words for the fills stand in the legend.
    """
    import geopandas
    from shapely.geometry import box

    ax = _axes(ax)
    squares = [
        box(column, row, column + 0.96, row + 0.96) for column, row in zip(tiles["column"], tiles["row"], strict=True)
    ]
    places = geopandas.GeoDataFrame(tiles.reset_index(drop=True), geometry=squares)
    for verdict, group in places.groupby("verdict"):
        fill, hatch = VERDICT_FILLS[Verdict(verdict)]
        group.plot(ax=ax, color=fill, edgecolor="#5F6368", hatch=hatch, linewidth=0.8)
    if chosen:
        places[places["area_code"] == chosen].plot(ax=ax, facecolor="none", edgecolor="black", linewidth=3)
    for place in places.itertuples():
        ax.annotate(
            _wrapped(place.area_name),
            (place.column + 0.48, place.row + 0.48),
            ha="center",
            va="center",
            size=5.4 if _is_small(ax) else 8.5,
        )
    ax.set_axis_off()
    ax.set_aspect("equal")
    shown = [verdict for verdict in Verdict if verdict in set(tiles["verdict"])]
    handles = [
        Patch(
            facecolor=VERDICT_FILLS[verdict][0],
            edgecolor="#5F6368",
            hatch=VERDICT_FILLS[verdict][1],
            label=str(verdict),
        )
        for verdict in shown
    ]
    ax.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0, 0), ncols=2 if _is_small(ax) else 4, borderaxespad=0
    )
    return ax


def _wrapped(name: str) -> str:
    return name.replace(" and ", " & ").replace(" ", "\n").replace("\n&\n", " &\n").replace("North\nEast", "North East")
