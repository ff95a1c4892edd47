"""Whether everything that a reader sees is explained by figures: the cells of tables, the words around them, and the
marks of drawings.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType

from needs_assessment import vocabulary, wording
from needs_assessment.disclosure.audit.areas import Areas
from needs_assessment.disclosure.audit.contents import Contents, Displayed, Drawn, Tidy, TidyRow
from needs_assessment.disclosure.audit.coverage import OF_NEED
from needs_assessment.disclosure.audit.faults import UNKNOWN_NUMBER, Fault
from needs_assessment.disclosure.audit.figures import WITHHELD, table_of
from needs_assessment.disclosure.audit.numbers import SYMBOL, Figures, Quotations, as_number, numbers, unexplained
from needs_assessment.vocabulary import AreaType

OF_COVERAGE = (
    "need",
    *OF_NEED,
    "gap_before",
    "gap_after",
    "difference",
    "places",
    "places_before",
    "places_after",
    "places_with_vacancies_filled",
    "places_needed",
    "places_to_clear_waiting_in_a_year",
    "workers_needed",
    "children_a_year",
    "referrals_a_year",
)
"""Columns of need and coverage, which are displayed without decimals: parts of a count by ages are not whole."""
OF_SERVICES = (
    "services_counted",
    "services_without_places",
    "staff",
    "posts",
    "vacancies",
    "children",
    "children_per_worker",
    "years_in_service",
    "annual_value_gbp",
    "contract_value_gbp",
    "value_gbp",
    "value_so_far_gbp",
    "cost_gbp",
    "unspent_gbp",
    "stated_gbp",
    "recipients",
    "waiting",
    "weeks_waiting",
    "weeks_target",
    "quarter_before",
    "year_before",
    "target",
    "base",
    "nearest_minutes",
    "places_per_thousand_children",
)
"""Columns of the register, of money and of providers' returns."""
RATES = frozenset(
    [
        "comparator_value",
        "rate_ratio",
        "p_value",
        "share",
        "limit_lower",
        "limit_upper",
        "dispersion",
        "between_sd",
        "neighbours_value",
        "pooled_value",
        "pooled_lower",
        "pooled_upper",
        "own_weight",
        "detectable_rise",
        "detectable_fall",
        "usual_lower",
        "usual_upper",
        "ratio_per_year",
        "dispersion_p",
        "value_lower",
        "value_upper",
        "covered",
        "ratio",
        "school_share",
        "force_share",
        "ratio_least",
        "explained_by",
        "within_chance_at",
        "sign_p",
        "bowker",
        "bowker_p",
        "stuart_maxwell",
        "stuart_maxwell_p",
        "statistic",
        "child_years",
        "share_spent",
        "of_target",
        "ratio_quarter",
        "ratio_quarter_lower",
        "ratio_quarter_upper",
        "ratio_year",
        "ratio_year_lower",
        "ratio_year_upper",
        "load",
    ]
)
"""Rates, ratios and shares, which are never counts even where they are whole."""
FIGURES = RATES | frozenset(
    [
        "count",
        "value",
        "before",
        "after",
        "old_count",
        "new_count",
        "outside",
        "total",
        "lower",
        "upper",
        "percentage",
        "caseload",
        "referrals",
        "years_stated",
        "years_implied",
        "residents",
        "denominator",
        "expected",
        "sibling",
        "sibling_before",
        "awarded_gbp",
        "spent_gbp",
        "authorities",
        "counted",
        "outside_chance",
        "neighbours_counted",
        "expected_lower",
        "expected_upper",
        "periods",
        "count_expected",
        "lower80",
        "upper80",
        "lower95",
        "upper95",
        "backtested",
        "horizon",
        "plotted",
        "centre",
        "events",
        "cse",
        "cce",
        "after_within",
        "moves",
        "months",
        "quarters",
        "children_quarters",
        "withheld_cells",
        "degrees_of_freedom",
        "checked_at_months",
        "largest_difference",
        "both",
        "raised",
        "lowered",
        "bowker_df",
        "stuart_maxwell_df",
        "quarters_ahead",
        "inside",
        "tested",
        "days",
        *OF_COVERAGE,
        *OF_SERVICES,
    ]
)
"""Columns whose numbers words may state."""
ROUNDED = frozenset(
    [
        "events",
        "expected",
        "expected_lower",
        "expected_upper",
        "count_expected",
        "lower80",
        "upper80",
        "lower95",
        "upper95",
        "percentage",
        "awarded_gbp",
        "spent_gbp",
        "annual_value_gbp",
        "contract_value_gbp",
        "value_gbp",
        "value_so_far_gbp",
        "cost_gbp",
        "unspent_gbp",
        "stated_gbp",
        "value",
        *OF_COVERAGE,
    ]
)
"""Columns whose numbers are displayed without decimals; `value` only where it is no rate."""
LIMITS = frozenset({"lower", "upper"})
"""Displayed without decimals where they are limits of a number of children to come."""
OF_RATES = frozenset({"person_years", "denominator", "child_years", "quantity", "ratio_least"})
"""Columns of tables whose values and limits are rates, shares, probabilities or years."""
UNSAID = frozenset({"key", "upper998"})
"""Columns of tables that explain no words: the list of figures by key, and the lines of funnels, which hold nearly
every rate."""
CITED = ("title", "publisher", "published_on", "data_to")
"""What a figure cites of a source, whether it is public or not."""
AREA_COLUMNS = ("area_code", "police_force_area_code", "group_code")


def area_of_page(file: str) -> str:
    """The code of the area that a file is about, by its name: `<code>.html` or `<code>-<document>.html`; blank for a
    file about none.
    """
    found = re.match(r"([EWNSK]\d{8})(?:-[a-z-]+)?\.", file.rsplit("/", maxsplit=1)[-1])
    return found[1] if found else ""


def figures_of(rows: Iterable[TidyRow], *, only: frozenset[str] | None = None) -> Figures:
    """What rows can explain: of `only` some columns, or of all."""
    figures = Figures()
    for row in rows:
        is_rate = bool(row.get("count")) or not OF_RATES.isdisjoint(row)
        for column, words in row.items():
            number = as_number(words) if only is None or column in only else None
            if number is None:
                continue
            # Words say of a number that falls by how much, and not that it is negative.
            number = abs(number)
            rate = column in RATES or (is_rate and column in {"value", "lower", "upper"})
            if number.is_integer() and not rate:
                figures.counts[number] += 1
            else:
                figures.others.add(number)
            if (column in ROUNDED or (column in LIMITS and "scenario" in row)) and not rate:
                figures.roundable.add(number)
    return figures


def quotations(tables: Iterable[Tidy], public: Mapping[str, bool]) -> Quotations:
    """The words of the release that may stand in a page as they are, with the project's own fixed words."""
    quoted = Quotations()
    quoted.add((*_constants(wording), *_constants(vocabulary)))
    for tidy in tables:
        named = [name for name in tidy.columns if name.endswith("source_id")]
        public_rows = (row for row in tidy.rows if all(public.get(row[name], True) for name in named))
        quoted.add(words for row in public_rows for words in row.values())
        if tidy.name == "sources":
            quoted.add(row[name] for row in tidy.rows for name in CITED if row.get(name))
    return quoted


def _constants(module: ModuleType) -> Iterator[str]:
    for name, value in vars(module).items():
        if name.isupper():
            yield from _texts(value)


def _texts(value: object) -> Iterator[str]:
    """The texts in a constant, which may be one, or hold several."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


class Explainer:
    """Judges pages against the figures of the release that are about the page's area and those that stand around it or
    lie in it.
    """

    def __init__(self, tables: Mapping[str, Tidy], quoted: Quotations, areas: Areas) -> None:
        self.quoted, self.areas = quoted, areas
        self._by_area: dict[str, list[TidyRow]] = defaultdict(list)
        for tidy in tables.values():
            for row in tidy.rows if UNSAID.isdisjoint(tidy.columns) else ():
                codes = [row[name] for name in AREA_COLUMNS if row.get(name)] if tidy.name != "areas" else []
                self._by_area[codes[0] if codes else ""].append(row)
        everything = [row for rows in self._by_area.values() for row in rows]
        self.everywhere = figures_of(everything, only=FIGURES)
        self.of_areas = _numbers_of_areas(tables)

    def page_figures(self, file: str) -> Figures:
        """The figures of the release that a page may state: all on a page of all areas, else those of its area and of
        the wider areas that it lies in, and on a page of a police force area those of the authorities in it. Rates of
        any area may stand beside each other.
        """
        code = area_of_page(file)
        # Not every police force area that authorities lie in has a row of its own.
        within = self.areas.of_force(code)
        if code not in self.areas.rows and not within:
            return self.everywhere
        row = self.areas.rows.get(code, {})
        wider = [row.get("police_force_area_code", ""), row.get("region_code", ""), f"{code[0]}92000001"]
        rows = [row for area in {"", code, *within, *wider} for row in self._by_area.get(area, ())]
        own = figures_of(rows, only=FIGURES)
        return Figures(own.counts, own.others | self.everywhere.others, own.roundable)

    def faults(self, contents: Contents) -> Iterator[Fault]:
        """What a reader of the file sees that no figure explains."""
        page = self.page_figures(contents.file)
        own: dict[str, list[Tidy]] = defaultdict(list)
        for tidy in contents.tidy:
            own[tidy.name].append(tidy)
        page += figures_of((row for tidy in contents.tidy for row in tidy.rows), only=FIGURES)
        seen: dict[str, Figures] = {}
        for displayed in contents.displayed:
            yield from self._displayed_faults(displayed, own.get(displayed.anchor, []), page)
            shown = figures_of({str(number): words for number, words in enumerate(row)} for row in _split(displayed))
            seen[displayed.anchor] = seen.get(displayed.anchor, Figures()) + shown
        for anchor, tidies in own.items():
            seen[anchor] = seen.get(anchor, Figures()) + figures_of(row for tidy in tidies for row in tidy.rows)
        yield from self._word_faults(contents, page, seen)
        for drawn in contents.drawn:
            yield from _drawing_faults(drawn, seen.get(drawn.anchor, page), own.get(drawn.anchor, []))

    def _word_faults(self, contents: Contents, page: Figures, seen: Mapping[str, Figures]) -> Iterator[Fault]:
        nothing = Figures()
        for words in contents.words:
            behind = nothing if words.bare else seen.get(words.anchor, page) if words.anchor else page
            behind = behind + self.of_areas if words.place.endswith("-map") else behind
            if unexplained(words.text, behind, self.quoted):
                yield Fault(contents.file, words.place, UNKNOWN_NUMBER)

    def _displayed_faults(self, displayed: Displayed, downloads: list[Tidy], page: Figures) -> Iterator[Fault]:
        """Cells against the rows of the same anchor's file, or against the page's figures where it has none."""
        place = displayed.anchor or "a table without an anchor"
        rows = [row for tidy in downloads for row in tidy.rows]
        behind = figures_of(rows) if downloads else page
        for number, cells in enumerate(displayed.cells, 1):
            for column, words in enumerate(cells, 1):
                if unexplained(words, behind, self.quoted):
                    yield Fault(displayed.file, f"{place}, row {number}, column {column}", UNKNOWN_NUMBER)
        if downloads:
            yield from _counted_faults(displayed, downloads, behind, place)


def _numbers_of_areas(tables: Mapping[str, Tidy]) -> Figures:
    """How many areas a map has, and of each verdict: what the words of a map count."""
    places = [len(tables[name].rows) for name in ("boundaries", "tiles") if name in tables]
    rows = tables["demand"].rows if "demand" in tables else ()
    series = ("measure", "exploitation_type", "period_end", "source_id")
    verdicts = Counter((*(row.get(name, "") for name in series), row.get("verdict", "")) for row in rows)
    supplied = Counter(tuple(row.get(name, "") for name in series) for row in rows)
    areas = tables["areas"].rows if "areas" in tables else ()
    authorities = sum(row.get("area_type") == AreaType.LOCAL_AUTHORITY and not row.get("valid_to") for row in areas)
    lacking = (abs(most - some) for most in places for some in (*supplied.values(), authorities))
    return Figures(Counter(map(float, (*places, *verdicts.values(), *lacking))))


def _counted_faults(displayed: Displayed, downloads: list[Tidy], behind: Figures, place: str) -> Iterator[Fault]:
    """A count stands in a table no more often than in its file; and where a table shows each count of its file once, it
    withholds as many.
    """
    alone = [words for cells in displayed.cells for words in cells[1:] if as_number(words) is not None]
    shown = Counter(as_number(words) for words in alone if "." not in words)
    if any(times > behind.counts[number] for number, times in shown.items() if number is not None):
        yield Fault(displayed.file, place, "shows a count more often than the rows of its file hold it")
    counted = [tidy for tidy in downloads if table_of(tidy)]
    rows = [row for tidy in counted for row in tidy.rows]
    symbols = [
        found[1] for cells in displayed.cells for words in cells[1:] for found in [SYMBOL.fullmatch(words)] if found
    ]
    withheld = sum(row.get("missing") == WITHHELD for row in rows)
    shows_each = counted and len(counted) == len(downloads) and len(symbols) + len(alone) == len(rows)
    if shows_each and symbols.count(WITHHELD) < withheld:
        yield Fault(displayed.file, place, "withholds fewer counts than the rows of its file do")


def _drawing_faults(drawn: Drawn, behind: Figures, downloads: list[Tidy]) -> Iterator[Fault]:
    """Each mark stands at a figure; where the axes cannot be read, there are no more markers than printed figures."""
    drawing = drawn.drawing
    place = f"drawing of {drawn.anchor}" if drawn.anchor else "drawing"
    if drawing.unread:
        printed = sum(bool(row.get("count") or row.get("value")) for tidy in downloads for row in tidy.rows)
        if drawing.drawn > printed:
            yield Fault(drawn.file, place, f"{drawing.unread}, and it has more marks than its file has printed rows")
    elif any(not behind.near(mark.value, mark.tolerance) for mark in drawing.marks):
        yield Fault(drawn.file, place, "a mark stands where no figure does")


def _split(displayed: Displayed) -> Iterator[list[str]]:
    """The numbers that stand in the cells of each row."""
    for cells in displayed.cells:
        yield [f"{number.value:.{number.decimals}f}" for words in cells for number in numbers(words)]
