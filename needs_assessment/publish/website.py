"""The whole website of a release: a page for each area, the index, the indicators, and the record of the run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from needs_assessment import narrative, tables, wording
from needs_assessment.area_view import AreaView, reportable
from needs_assessment.components import Caption, Html, csv_text
from needs_assessment.geography import local_authorities
from needs_assessment.publish.batch import (
    Job,
    Outcome,
    fingerprint,
    locked,
    publish_areas,
    record_run,
    remove_stale_pages,
    unchanged,
)
from needs_assessment.publish.checks import Private, audited, enter_in_ledger
from needs_assessment.publish.files import aside, put_in_place, write_whole
from needs_assessment.publish.lint import write_page
from needs_assessment.publish.notebooks import check_parameters
from needs_assessment.publish.provenance import INDEX, index_page_meta, made_on
from needs_assessment.publish.site import Headline, IndexEntry, index_page
from needs_assessment.release import Release
from needs_assessment.sections.summary import area_map
from needs_assessment.vocabulary import ExploitationType, Measure

EPISODES = Measure.ASSESSMENT_EPISODES
INDICATORS = "indicators.csv"
RELEASE_FOLDER = "release"
AUDIT = "audit.json"


@dataclass(frozen=True)
class Website:
    """Where the pages go, and what every page has in common.

    `series` is the folder of the ledger, without which figures of sources that are not public are for internal use;
    `known` a table of what others have published; `private` what only whoever runs the reports may know.
    """

    folder: Path
    notebook: Path
    organisation: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    series: Path | None = None
    known: Path | None = None
    private: Private | None = None

    @property
    def release_folder(self) -> Path:
        """The folder of the release that the pages are made from."""
        return (self.folder / RELEASE_FOLDER).resolve()


def publish(
    site: Website, release: Release, area_codes: Sequence[str], *, workers: int, tell: Callable[[Outcome], None]
) -> list[Outcome]:
    """The outcome of every area, with the site written: pages, index, indicators, run record and the audit's result.

    The whole site is made aside. The independent audit then reads it back, beside the ledger of its series, and only a
    site that passes is entered in the ledger and put in place; the earlier site stays otherwise. Pages that an earlier
    run made from exactly the same inputs, code and options are kept. Raises LockedError where another run holds the
    folder, NotebookError for a wrong notebook or parameter, before anything is written, and PublishError for a site
    that fails the audit.
    """
    check_parameters(site.notebook, dict.fromkeys(("area", "release", *site.parameters), ""))

    def run(jobs: Sequence[Job], kept: Iterable[Outcome]) -> list[Outcome]:
        for outcome in kept:
            tell(outcome)
        return publish_areas(jobs, workers=workers, tell=tell) if jobs else []

    with locked(site.folder), aside(site.folder) as building:
        made = _made(site, building, release, area_codes, run)
        certificate = audited(building, site.series, site.known, site.private)
        write_whole(building / AUDIT, json.dumps(certificate, indent=2) + "\n")
        if site.series:
            enter_in_ledger(release, site.series, certificate)
        remove_stale_pages(site.folder, list(made.values()))
        put_in_place(building, site.folder)
    return [made[code] for code in area_codes]


Run = Callable[[Sequence[Job], Iterable[Outcome]], list[Outcome]]


def _made(site: Website, building: Path, release: Release, area_codes: Sequence[str], run: Run) -> dict[str, Outcome]:
    """The outcome of every area by code, with the whole site in `building`; pages still good come from the earlier
    site.
    """
    new = replace(site, folder=building)
    release.write(new.release_folder)
    made_from = fingerprint(new.release_folder, site.notebook, _options(site))
    kept = unchanged(site.folder, made_from)
    for outcome in kept.values():
        shutil.copyfile(site.folder / outcome.page, building / outcome.page)
    jobs = [_job(new, code) for code in area_codes if code not in kept]
    made = run(jobs, [kept[code] for code in area_codes if code in kept])
    outcomes = kept | {outcome.area_code: outcome for outcome in made}
    _write_around(new, release, list(outcomes.values()))
    record_run(building, made_from, list(outcomes.values()), release)
    return outcomes


def _options(site: Website) -> dict[str, str]:
    return {"organisation": site.organisation, "made_on": made_on().isoformat(), **site.parameters}


def _job(site: Website, code: str) -> Job:
    page = site.folder / f"{code}.html"
    return Job(code, site.notebook.resolve(), site.release_folder, page, site.organisation, site.parameters)


def _write_around(site: Website, release: Release, outcomes: Sequence[Outcome]) -> None:
    write_whole(site.folder / INDICATORS, csv_text(indicators(release)))
    known = {outcome.area_code: outcome for outcome in outcomes}
    # Authorities of which the evidence has no more than the name were not left out by anybody.
    listed = {*reportable(release), *known}
    places = local_authorities(release["areas"])
    places = places[places["area_code"].isin(listed)]
    entries = [_entry(AreaView(release, code), known.get(code)) for code in places["area_code"]]
    view = AreaView(release, places["area_code"].iloc[0])
    page = index_page(
        entries,
        index_page_meta(release, site.organisation),
        headlines=_headline_caption(view, _latest_symbols(release, places["area_code"])),
        tile_map=_map(view),
        downloads={"All indicators of every area (CSV)": INDICATORS},
    )
    write_page(page, site.folder / INDEX)


def indicators(release: Release) -> pd.DataFrame:
    """Every measure of every area as tidy rows: area, measure, harm, period, unit, count, rate with limits, missing
    symbol, verdict.
    """
    names = release["areas"].set_index("area_code")["area_name"]
    table = release["demand"].assign(area_name=release["demand"]["area_code"].map(names))
    columns = [
        "area_code",
        "area_name",
        "measure",
        "exploitation_type",
        "period_start",
        "period_end",
        "unit",
        "count",
        "value",
        "lower",
        "upper",
    ]
    columns += [
        "missing",
        "method",
        "denominator",
        "comparator_code",
        "comparator_value",
        "verdict",
        "reason",
        "source_id",
    ]
    days = {name: table[name].dt.strftime("%Y-%m-%d") for name in ("period_start", "period_end")}
    return table.assign(**days)[columns]


def _entry(view: AreaView, outcome: Outcome | None) -> IndexEntry:
    if outcome is None or not outcome.page:
        # How many faults a page has is for whoever mends it: on the index a number would be taken for a figure.
        reason = "not asked for in this run" if outcome is None else outcome.reason.partition("; faults:")[0]
        return IndexEntry(area=view.name, police_force=view.force, absent_because=reason.splitlines()[0])
    headlines = {f"{harm} per 10,000 children": _headline(view, harm) for harm in ExploitationType}
    return IndexEntry(area=view.name, police_force=view.force, href=outcome.page, headlines=headlines)


def _headline(view: AreaView, harm: ExploitationType) -> Headline:
    row = view.latest(EPISODES, harm)
    if row is None:
        return Headline(rate=narrative.phrases.NOT_SUPPLIED, verdict="Cannot tell")
    return Headline(rate=tables.cells.rate_cell(row), verdict=str(row["verdict"]))


def _latest_symbols(release: Release, area_codes: Iterable[str]) -> pd.Series:
    rows = [AreaView(release, code).latest(EPISODES, harm) for code in area_codes for harm in ExploitationType]
    return pd.Series([row["missing"] for row in rows if row is not None], dtype="string")


def _headline_caption(view: AreaView, symbols: pd.Series) -> Caption:
    return Caption(
        title="Reports and headline rates",
        anchor="table-areas",
        subtitle=f"Assessments that recorded exploitation, per 10,000 children (95% limits), against {view.comparator}",
        notes=[*narrative.phrases.symbol_notes(symbols), wording.LIMITS_NOTE],
        source=view.rate_sources() or "the evidence of this release, listed under About this report",
    )


def _map(view: AreaView) -> Html | None:
    harm = ExploitationType.CSE
    return None if view.latest(EPISODES, harm) is None else area_map(view, harm, outlined=False)
