"""Drawings of risk levels."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from needs_assessment.narrative.phrases import missing_words, sentence_case
from needs_assessment.narrative.risk import at_level
from needs_assessment.plots.drawing import AREA_COLOUR, COMPARATOR_COLOUR, axes_for, is_small
from needs_assessment.plots.sheet import LETTER, count_words, points_of, room_of, wrapped
from needs_assessment.vocabulary import in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BETWEEN, MARGIN = 0.22, 0.06
"""The room between two panels and beside the outer ones, of the width of one."""
HEADROOM, LEAST_TOP = 1.08, 4
"""The height of the axis, of the highest number; and the least number at its top."""
HATCH_COLOUR = "#A9A9A9"
ENDS = ("lower", "expected", "upper")
LETTER_BOLD, LINE, WORD = 0.72, 1.4, 13
"""The width of a bold letter and the height of a line, of the size of letters; the letters of a line of upright words.
"""


def risk_change(changes: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Counts on the first and last date at each risk level, as joined dots with their numbers: a table of changes over
    all residences.
    """
    ax = axes_for(ax)
    for place, row in enumerate(changes.itertuples()):
        ax.plot([row.before, row.after], [place, place], color=COMPARATOR_COLOUR, linewidth=2)
        for count, filled, words in (
            (row.before, "white", f"{row.as_at_before:%b %Y}: "),
            (row.after, AREA_COLOUR, f"{row.as_at_after:%b %Y}: "),
        ):
            ax.plot(count, place, "o", markersize=10, markeredgecolor=AREA_COLOUR, markerfacecolor=filled)
            ax.annotate(f"{words}{count}", (count, place), xytext=(0, 11), textcoords="offset points", ha="center")
    ax.set_yticks(range(len(changes)), _levels(changes, "\n" if is_small(ax) else " "))
    ax.set_ylim(-0.6, len(changes) - 0.2)
    ax.set_xlim(left=0)
    ax.margins(x=0.15)
    ax.grid(visible=False, axis="y")
    ax.set_xlabel("Number assessed at this level")
    return ax


def _levels(changes: pd.DataFrame, joined: str) -> list[str]:
    return [
        f"{sentence_case(at_level(row.risk_level))}{joined}of {row.exploitation_type}" for row in changes.itertuples()
    ]


# The caseload over time


class _Panel(NamedTuple):
    """The part of the drawing that one level has: where it begins across, how wide it is in points, its rows, and the
    first, the last counted and the last day of all levels.
    """

    level: str
    start: float
    points: float
    past: pd.DataFrame
    later: pd.DataFrame
    first: pd.Timestamp
    known: pd.Timestamp
    last: pd.Timestamp

    def at(self, days: pd.Series) -> list[float]:
        """Where days stand across."""
        return list(self.start + (days - self.first) / max(self.last - self.first, pd.Timedelta(days=1)))

    def at_day(self, day: pd.Timestamp) -> float:
        """Where a day stands across."""
        return self.at(pd.Series([day]))[0]

    @property
    def last_count(self) -> pd.DataFrame:
        """The row of the last day counted, if there is one."""
        return self.past[self.past["as_at"].eq(self.known)]


def caseload_over_time(
    history: pd.DataFrame, forecast: pd.DataFrame, levels: Sequence[str], ax: Axes | None = None
) -> Axes:
    """Children under review at each level, panel beside panel on one scale: printed counts, joined where they follow
    one another, and after the last day what is expected, as a dotted line in a band of its limits; the last of each in
    words above.

    `history` has as_at, risk_level, count and missing, which stands at the axis where there is no count; `forecast`,
    which may be empty, has as_at, risk_level, expected, lower and upper; its rows without a number are left out. Panels
    are in the order of `levels`. Raises ValueError where `history` has no row of any of them.
    """
    ax = axes_for(ax)
    shown = history[history["risk_level"].isin(list(levels))].sort_values("as_at")
    ahead = forecast[forecast["risk_level"].isin(list(levels))].dropna(subset=list(ENDS)).sort_values("as_at")
    if shown.empty:
        raise ValueError(f"history: no row of the levels {list(levels)}")
    _scale(ax, shown, ahead)
    panels = _panels(ax, shown, ahead, levels)
    for panel in panels:
        ax.axvline(panel.at_day(panel.known), color="black", linewidth=1, zorder=1)
        _draw_gaps(ax, panel)
        _draw_expected(ax, panel)
        _draw_counts(ax, panel)
    _head(ax, panels, forecast_made=len(ahead) > 0)
    _name_days(ax, panels)
    return ax


def _scale(ax: Axes, shown: pd.DataFrame, ahead: pd.DataFrame) -> None:
    """One scale of whole numbers from 0, without numbers where there is none to read; and what the marks are."""
    printed = shown["count"].where(shown["missing"].isna()).dropna()
    ax.set_ylim(0, HEADROOM * max([LEAST_TOP, *printed, *ahead["upper"]]))
    ax.yaxis.set_major_locator(MaxNLocator("auto", integer=True))
    if printed.empty and ahead.empty:
        ax.set_yticks([])
    ax.set_ylabel("Children under review")
    ax.set_xlabel(textwrap.fill(" ".join(_key(shown, ahead)), 50 if is_small(ax) else 100), size="small")


def _key(shown: pd.DataFrame, ahead: pd.DataFrame) -> Iterator[str]:
    """What line, band and hatching are, as far as they occur."""
    yield f"Vertical line: last count, {in_words(shown['as_at'].max().date())}."
    if len(ahead):
        yield f"Dotted: expected to {in_words(ahead['as_at'].max().date())}. Band: 95% limits."
    for symbol in shown["missing"].dropna().unique():
        yield f"Hatched [{symbol}]: {missing_words(symbol)}."


def _panels(ax: Axes, shown: pd.DataFrame, ahead: pd.DataFrame, levels: Sequence[str]) -> list[_Panel]:
    starts = np.arange(len(levels)) * (1 + BETWEEN)
    ax.set_xlim(-MARGIN, starts[-1] + 1 + MARGIN)
    ax.set_xticks([])
    points = room_of(ax)[0] / float(np.ptp(ax.get_xlim()))
    days = shown["as_at"].min(), shown["as_at"].max(), pd.concat([shown["as_at"], ahead["as_at"]]).max()
    of_level = [[rows[rows["risk_level"].eq(level)] for rows in (shown, ahead)] for level in levels]
    return [
        _Panel(level, start, points, past, later, *days)
        for level, start, (past, later) in zip(levels, starts, of_level, strict=True)
    ]


def _draw_gaps(ax: Axes, panel: _Panel) -> None:
    """Hatches the days without a count from top to bottom, with their symbol once at the axis for each stretch."""
    symbols = panel.past["missing"].astype("object").fillna("")
    half = min((panel.at_day(panel.known) - panel.start) / max(2 * len(symbols) - 2, 1), MARGIN)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.5}
    for (symbol, _), gap in panel.past.groupby([symbols, symbols.ne(symbols.shift()).cumsum()]):
        first, *_, last = [*panel.at(gap["as_at"])] * 2
        if symbol:
            ax.axvspan(first - half, last + half, facecolor="none", hatch="///", edgecolor=HATCH_COLOUR, linewidth=0)
            _write(ax, f"[{symbol}]", ((first + last) / 2, 0), 4, ha="center", bbox=box)


def _draw_expected(ax: Axes, panel: _Panel) -> None:
    """The band of what is expected, from the last count on where it is printed."""
    if len(panel.later):
        last = panel.last_count[panel.last_count["missing"].isna()]
        low, middle, high = ([*last["count"], *panel.later[end]] for end in ENDS)
        at = [*panel.at(last["as_at"]), *panel.at(panel.later["as_at"])]
        ax.fill_between(at, low, high, color=AREA_COLOUR, alpha=0.15, linewidth=0)
        ax.plot(at, middle, color=AREA_COLOUR, linestyle=":", linewidth=1.5)


def _draw_counts(ax: Axes, panel: _Panel) -> None:
    """Printed counts, joined where none is left out between them."""
    months = panel.past["as_at"].dt.year * 12 + panel.past["as_at"].dt.month
    withheld, left_out = panel.past["missing"].notna(), months.diff() > months.diff().min()
    for _, joined in panel.past[~withheld].groupby((withheld | left_out).cumsum()):
        at, counts = panel.at(joined["as_at"]), joined["count"].astype(float)
        ax.plot(at, counts, color=AREA_COLOUR, marker="o", markersize=3.5, linewidth=1.5, clip_on=False)


def _head(ax: Axes, panels: list[_Panel], forecast_made: bool) -> None:
    """Writes each level, and below it the last count and what is expected in the end; upright where a word of a name
    has no room across.
    """
    room = panels[0].points * (1 + BETWEEN) / points_of("small")
    letters, bold = int(room / LETTER) - 1, int(room / LETTER_BOLD) - 1
    figures = [_figures(panel, letters, forecast_made) for panel in panels]
    height = 4 + LINE * points_of("small") * max(words.count("\n") + 1 for words in figures)
    upright = max(len(word) for panel in panels for word in panel.level.split()) > bold
    for panel, words in zip(panels, figures, strict=True):
        name = wrapped(panel.level, WORD if upright else bold)
        _write(ax, name, (panel.start, 1), height, weight="bold", rotation=90 if upright else 0)
        _write(ax, words, (panel.start, 1), height, va="top")


def _figures(panel: _Panel, letters: int, forecast_made: bool) -> str:
    """`counted 44` and `expected 52 (41 to 64)`, on as many lines as there are letters for."""
    counted = [f"counted {words}" for words in count_words(panel.last_count)] or ["no count"]
    if panel.later.empty:
        return "\n".join([*counted, "no forecast"] if forecast_made else counted)
    low, middle, high = (f"{panel.later[end].iloc[-1]:,.0f}" for end in ENDS)
    spellings = [f"expected {middle} ({low} to {high})", f"expected {middle}\n({low} to {high})"]
    shortest = f"expected\n{middle}\n({low} to\n{high})"
    fitting = (words for words in spellings if max(map(len, words.split("\n"))) <= letters)
    return "\n".join([*counted, next(fitting, shortest)])


def _write(ax: Axes, words: str, at: tuple[float, float], above: float, **style: Any) -> None:
    """Small words, so many points above a place: across by the data, up by the share of the Axes' height."""
    style = {"size": "small", "va": "bottom", "annotation_clip": False, **style}
    ax.annotate(words, at, (0, above), xycoords=("data", "axes fraction"), textcoords="offset points", **style)


def _name_days(ax: Axes, panels: list[_Panel]) -> None:
    """Names the days of the last count, then the first and the last days as far as there is room."""
    room = 5 * LETTER * points_of("small")
    shown: dict[float, str] = {}
    for which in ("known", "first", "last"):
        for panel in panels:
            day: pd.Timestamp = getattr(panel, which)
            at = panel.at_day(day)
            if all(abs(at - other) * panel.points > room for other in shown):
                shown[at] = f"{day:%b\n%Y}"
    ax.set_xticks(list(shown), list(shown.values()), size="small")
