"""The timeline of contracts and extension options."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, combinations, product
from typing import TYPE_CHECKING, Any

import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

from needs_assessment.plots.drawing import AREA_COLOUR, OPTION_COLOUR, axes_for, is_small
from needs_assessment.plots.flow import Look
from needs_assessment.plots.rows import (
    MIDDLE,
    THICK,
    Segment,
    draw_segment,
    lay_out,
    size_for,
    write_above,
    write_below,
)
from needs_assessment.plots.sheet import room_of
from needs_assessment.vocabulary import in_words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Text

FIRM = Look(AREA_COLOUR, "", edge=AREA_COLOUR)
OPTION = Look("white", "///", edge=OPTION_COLOUR)
PAST_OPTION = Look("white", "/", edge="#A0A5AA")
MARKER_SIZE = 6.5
SIDES = ("left", "right", "center")
ROOM_BESIDE = 0.02
"""The room before the first term and after the last, of the years between."""


def contract_timeline(terms: pd.DataFrame, on: pd.Timestamp | None = None, ax: Axes | None = None) -> Axes:
    """A bar for each firm term and extension option, by service, with the day by which each option has to be decided,
    and a line at the day of `on`: the table of contract terms. An option whose day to decide is past is lighter, since
    no contract says whether it was taken up.

    The day stands in words where there is room; only its year where no more is published.
    """
    ax = axes_for(ax)
    services = terms["service_id" if "service_id" in terms else "service_name"]
    terms = terms.assign(past=_is_past(terms, on), place=pd.factorize(services)[0])
    names = terms.drop_duplicates("place")["service_name"]
    lay_out(ax, len(names))
    _scale_of_years(ax, terms, on)
    _legend(ax, terms)
    _mark_evidence(ax, on)
    write_above(ax, names)
    for row in terms.itertuples():
        _draw_term(ax, row)
    _write_decisions(ax, terms, on)
    return ax


def _is_past(terms: pd.DataFrame, on: pd.Timestamp | None) -> pd.Series:
    """Whether each term is an option that had to be decided before the day."""
    if on is None:
        return pd.Series(False, index=terms.index)
    return terms["term"].ne("firm") & (_days_to_decide(terms) < on)


def _days_to_decide(terms: pd.DataFrame) -> pd.Series:
    """The last day to decide on each term, which the table states; else the day before the term."""
    before = terms["starts"] - pd.Timedelta(days=1)
    return terms["decide_by"].fillna(before) if "decide_by" in terms else before


def _scale_of_years(ax: Axes, terms: pd.DataFrame, on: pd.Timestamp | None) -> None:
    days = [*terms["starts"], *(terms["ends"] + pd.Timedelta(days=1)), *([] if on is None else [on])]
    first, last = _year_of(min(days)), _year_of(max(days))
    beside = ROOM_BESIDE * (last - first)
    ax.set_xlim(first - beside, last + beside)
    ax.xaxis.set_major_locator(MaxNLocator(5 if is_small(ax) else "auto", integer=True))
    ax.xaxis.set_major_formatter("{x:.0f}")
    ax.set_xlabel("Year")


def _draw_term(ax: Axes, row: Any) -> None:
    firm = row.term == "firm"
    look = FIRM if firm else PAST_OPTION if row.past else OPTION
    draw_segment(ax, row.place, Segment(_year_of(row.starts), _year_of(row.ends + pd.Timedelta(days=1)), look))
    if not firm:
        fill = "white" if row.past else "black"
        at = _year_of(row.starts), row.place + MIDDLE - THICK / 2
        ax.plot(*at, "v", markeredgecolor="black", markerfacecolor=fill, markersize=MARKER_SIZE, zorder=4)


def _mark_evidence(ax: Axes, on: pd.Timestamp | None) -> None:
    """A line over the bars, edged in white so that it is seen on each, and its day above all of them."""
    if on is None:
        return
    ax.axvline(_year_of(on), color="black", linewidth=1.5, path_effects=[withStroke(linewidth=4, foreground="white")])
    first, last = ax.get_xlim()
    share = (_year_of(on) - first) / (last - first)
    side = "left" if share < 1 / 3 else "right" if share > 2 / 3 else "center"
    style: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "in_layout": False}
    words = f"evidence of {in_words(on.date())}"
    ax.annotate(words, (_year_of(on), 1), (0, 2), size="small", ha=side, va="bottom", **style)


# Decisions


def _write_decisions(ax: Axes, terms: pd.DataFrame, on: pd.Timestamp | None) -> None:
    """The day of each decision below its bar, as full as the options of a service leave room for one another; none
    where there is no room for any.
    """
    room_of(ax)  # only then is it known how much room words take
    taken = [text.get_window_extent() for text in ax.texts]
    taken += [] if on is None else [_line_of(ax, on)]
    options = terms.assign(decide=_days_to_decide(terms))[terms["term"].ne("firm")]
    for _, of_service in options.groupby("place"):
        rows = list(of_service.itertuples())
        for words in zip(*(_decision_words(row) for row in rows), strict=True):
            if _write_all(ax, [(_year_of(row.starts), row.place) for row in rows], words, taken):
                break


def _write_all(ax: Axes, places: list[tuple[float, int]], words: Sequence[str], taken: list[Bbox]) -> bool:
    """Writes all words, each on a side of its place where it is in the way of nothing; False, and nothing written,
    where there is none.
    """
    texts = [[write_below(ax, at, said, ha=side) for side in SIDES] for at, said in zip(places, words, strict=True)]
    free = [[text for text in sides if _has_room(ax, text.get_window_extent(), taken)] for sides in texts]
    chosen = next(filter(_apart, product(*free)), ())
    for text in {*chain(*texts)} - {*chosen}:
        text.remove()
    return len(chosen) > 0


def _apart(texts: Sequence[Text]) -> bool:
    boxes = [text.get_window_extent().padded(1) for text in texts]
    return not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def _decision_words(row: Any) -> list[str]:
    """The day in words, from the fullest to the shortest."""
    day = row.decide
    if getattr(row, "precision", "day") == "year":
        return [f"in {day.year}, day not published", f"in {day.year}", f"{day.year}"]
    return [f"by {in_words(day.date())}", f"by {day.day} {day:%b}\n{day.year}", f"{day:%b}\n{day.year}"]


def _line_of(ax: Axes, on: pd.Timestamp) -> Bbox:
    across = ax.transData.transform((_year_of(on), 0))[0]
    return Bbox.from_extents(across - 2, ax.bbox.y0, across + 2, ax.bbox.y1)


def _has_room(ax: Axes, box: Bbox, taken: list[Bbox]) -> bool:
    within = ax.bbox.x0 - 1 <= box.x0 and box.x1 <= ax.bbox.x1 + 1
    return within and not box.padded(1).count_overlaps(taken)


def _legend(ax: Axes, terms: pd.DataFrame) -> None:
    """What the bars are, as far as they occur, above the day of the evidence."""
    joined = "\n" if is_small(ax) else " "
    option = terms["term"].ne("firm")
    handles = {
        "firm term": (_patch(FIRM), True),
        "extension option": (_patch(OPTION), (option & ~terms["past"]).any()),
        f"option whose day is past:{joined}not known if taken up": (_patch(PAST_OPTION), terms["past"].any()),
        "day to decide by": (Line2D([], [], color="black", marker="v", linestyle=""), option.any()),
    }
    shown = {words: handle for words, (handle, occurs) in handles.items() if occurs}
    place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 1.9, "ncols": 2}
    ax.legend(list(shown.values()), list(shown), fontsize=size_for(ax), columnspacing=1, handletextpad=0.4, **place)


def _patch(look: Look) -> Patch:
    return Patch(facecolor=look.fill, edgecolor=look.edge, hatch=look.hatch)


def _year_of(day: pd.Timestamp) -> float:
    return day.year + (day.day_of_year - 1) / 365.25
