"""The audit of a whole folder: read, compare, attack.

Nothing here trusts what made the folder. What is judged is what a reader holds: every file, everything in it, every
earlier release of the series and what others are known to have published.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from needs_assessment.disclosure.audit.areas import Areas
from needs_assessment.disclosure.audit.attackers import PUBLIC
from needs_assessment.disclosure.audit.contents import Contents, Tidy, Words
from needs_assessment.disclosure.audit.coverage import effects_faults
from needs_assessment.disclosure.audit.derived import check_table, derived_faults
from needs_assessment.disclosure.audit.explain import Explainer, quotations
from needs_assessment.disclosure.audit.exposure import (
    EXPOSED,
    INSIDERS,
    NARROWED,
    UNDECIDED,
    ZEROS,
    Exposure,
    exposure,
)
from needs_assessment.disclosure.audit.faults import Fault
from needs_assessment.disclosure.audit.figures import Collector, Sources, cell, disagreements, levels_of
from needs_assessment.disclosure.audit.knowledge import Frame, Knowledge, gathered, read_known, read_series
from needs_assessment.disclosure.audit.numbers import as_number
from needs_assessment.disclosure.audit.reading import read_file
from needs_assessment.disclosure.audit.report import certificate, intervals
from needs_assessment.disclosure.audit.returns import register_faults
from needs_assessment.disclosure.audit.rule import Rule
from needs_assessment.vocabulary import FundingStatus

RELEASE, MANIFEST, CERTIFICATE = "release", "release/manifest.json", "audit.json"
Tell = Callable[[str, float], None]
"""Called with what is being done and how much of it is done, from 0 to 1."""


@dataclass(frozen=True)
class Audit:
    """What an audit found: `findings` that keep the folder from being published, the `certificate` for its report, and
    the `intervals` of withheld figures, which are private.
    """

    findings: tuple[Fault, ...]
    certificate: Mapping[str, Any]
    intervals: pd.DataFrame

    @property
    def passed(self) -> bool:
        """Whether nothing is exposed and nothing is unexplained."""
        return not self.findings

    def given_small(self, keys: Collection[str]) -> Audit:
        """The audit by somebody who knows which withheld figures are small counts, and so must stay possible as each.

        The other withheld figures only protect these, so they may be narrowed. A figure of the list that is known to
        be no small count is a finding as well: either the list is wrong or what is printed is.
        """
        public = self.intervals[self.intervals["attacker"].eq(PUBLIC.name) & self.intervals["key"].isin(list(keys))]
        excluded = public[public["verdict"].eq(NARROWED)]
        rule = "a figure listed as a small count is shown to be none"
        findings = {fault for fault in self.findings if not _is_exposure(fault) or {*fault.keys} & {*keys}}
        findings |= {Fault(row.file, row.place, rule, (row.key,)) for row in excluded.itertuples()}
        said = {"passed": not findings, "findings": len(findings), "judged": "by a list of the small counts"}
        return Audit(tuple(sorted(findings)), {**self.certificate, **said}, self.intervals)


EXPOSURES = {
    EXPOSED: "a withheld figure can be narrowed within what is withheld, from everything printed",
    UNDECIDED: "it could not be decided whether a withheld figure is safe",
}
FROM_INSIDE = " and one authority's own figures"


def _is_exposure(fault: Fault) -> bool:
    return fault.rule.removesuffix(FROM_INSIDE) in EXPOSURES.values()


def audit_folder(
    folder: Path,
    *,
    series: Path | None = None,
    known: Path | None = None,
    insiders: bool | Mapping[str, int] = False,
    tell: Tell | None = None,
) -> Audit:
    """The audit of everything that is published in a folder.

    `series` holds the earlier releases of the series (release-0001.json, …), `known` what others are known to have
    published. With `insiders`, and where the rule says so, it is also attacked with the figures of each authority: the
    true ones where `insiders` has the counts of withheld figures by key, else some that fit. Every withheld figure is
    judged as a reader would, to whom it may be small. Raises FileNotFoundError where there is no such folder.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}")
    say = tell or (lambda what, share: None)
    site = Site.read(folder, say)
    faults = [*site.faults()]
    earlier = read_series(series, faults) if series else []
    others = read_known(known, faults) if known else []
    frame = Frame(site.areas, site.collector.levels, _runs(site.tables))
    knowledge = gathered(site.collector.figures, site.rule, frame, earlier, others)
    kinds = [] if site.rule.zeros_always_printed else [ZEROS]
    kinds += [INSIDERS] if insiders is True or site.rule.insiders else []
    if isinstance(insiders, Mapping):
        knowledge = replace(knowledge, counts=insiders)
    found = exposure(knowledge, kinds=kinds, tell=partial(say, "Attacking withheld figures"))
    faults += [*knowledge.faults, *_exposed(knowledge, found, site.rule)]
    findings = tuple(sorted(set(faults)))
    return Audit(findings, certificate(site, knowledge, found, findings), intervals(knowledge, found))


def published_statements(folder: Path) -> list[tuple[str, int, int | None, str]]:
    """What a published folder says of each figure of a source that is not public: key, the least and the most that it
    can be, and `printed` or `hidden`, in order of key. What two places print differently counts as the first prints it.
    """
    site = Site.read(folder, lambda what, share: None)
    for one in site.contents:
        for tidy in one.tidy:
            site.collector.take(tidy)
    least = int(site.rule.zeros_always_printed)
    own = [figure for _, figure in sorted(site.collector.figures.items()) if not figure.public]
    printed = [(one.key, *one.spans[0], "printed") for one in own if one.spans]
    return sorted([*printed, *((one.key, least, None, "hidden") for one in own if one.withheld and not one.spans)])


def _exposed(knowledge: Knowledge, found: Exposure, rule: Rule) -> Iterator[Fault]:
    for kind in [PUBLIC.name, *([INSIDERS] if rule.insiders else [])]:
        for verdict, broken in EXPOSURES.items():
            said = broken if kind == PUBLIC.name else f"{broken}{FROM_INSIDE}"
            for key in found.keys(kind, verdict):
                yield Fault(*knowledge.places[key], said, (key,))


@dataclass
class Site:
    """Everything that was read, with the tables of the release by name."""

    contents: Sequence[Contents]
    tables: Mapping[str, Tidy]
    rule: Rule
    areas: Areas
    collector: Collector
    has_release: bool

    @classmethod
    def read(cls, folder: Path, tell: Tell) -> Site:
        """Everything under a folder, whatever its name begins with."""
        paths = sorted(path for path in folder.rglob("*") if path.is_symlink() or not path.is_dir())
        contents = []
        for number, path in enumerate(paths, 1):
            contents.append(read_file(path, path.relative_to(folder).as_posix()))
            tell("Reading files", number / len(paths))
        release = {one.file: one for one in contents if one.file.startswith(f"{RELEASE}/")}
        tables = {tidy.name: tidy for one in release.values() for tidy in one.tidy}
        areas = Areas.of(tables["areas"].rows if "areas" in tables else ())
        rule = Rule.of(_manifest(folder))
        levels = levels_of(tables["risk_schemes"].rows if "risk_schemes" in tables else ())
        collector = Collector(Sources.of(tables), areas, rule, levels)
        return cls(contents, tables or _embedded(contents), rule, areas, collector, bool(release))

    def faults(self) -> Iterator[Fault]:
        """The faults of each file by itself and of files against each other."""
        yield from self._release_faults()
        taken = [(tidy, self.collector.take(tidy)) for one in self.contents for tidy in one.tidy]
        for tidy, is_counts in taken:
            yield from [] if is_counts else check_table(tidy, self.collector)
        for tidy, _ in taken:
            yield from derived_faults(tidy, self.collector)
        yield from register_faults(self.tables, self.collector)
        yield from effects_faults(self.tables)
        yield from self.collector.faults
        yield from disagreements(self.collector.figures.values())
        quoted = quotations(self.tables.values(), self.collector.sources.public)
        # Why an area has no page is said in the words of the run's own record, which names errors and no data.
        quoted.add(
            row["reason"] for tidy, _ in taken if tidy.file == "run.json" for row in tidy.rows if row.get("reason")
        )
        quoted.add([self.rule.words])
        explainer = Explainer(self.tables, quoted, self.areas)
        for one in self.contents:
            one.words = [words for words in one.words if not _is_setting(words)]
            yield from one.faults
            yield from explainer.faults(one)

    def _release_faults(self) -> Iterator[Fault]:
        if not self.has_release:
            yield Fault(RELEASE, "", "is not there: the pages' own files are taken for its tables")
        for name in ("sources", "areas"):
            if name not in self.tables:
                said = {"sources": "every source is taken as not public", "areas": "totals of areas cannot be linked"}
                yield Fault(f"{RELEASE}/{name}.csv", "", f"is not there: {said[name]}")


def _runs(tables: Mapping[str, Tidy]) -> dict[str, frozenset[str]]:
    """The authorities where the release says that each service runs: those where it does not say that it is absent."""
    runs: dict[str, set[str]] = defaultdict(set)
    for row in tables["service_funding"].rows if "service_funding" in tables else ():
        if row["funding"] != FundingStatus.NONE:
            runs[cell(row, "service_id")].add(row["area_code"])
    return {service: frozenset(areas) for service, areas in runs.items()}


def _embedded(contents: Sequence[Contents]) -> dict[str, Tidy]:
    """Where there is no release: the tables that the pages and other files hold."""
    return {f"{tidy.file}, {tidy.name}": tidy for one in contents for tidy in one.tidy}


def _manifest(folder: Path) -> Mapping[str, Any]:
    try:
        return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


SETTINGS = re.compile(
    r"(?:release\.)?(?:(?:tables|inputs|versions|parameters)\..*|areas|"
    r"disclosure\.(?P<number>.*))"
)
"""What the record of a release and of a run may state in numbers: sizes, versions, parameters, and the rule itself."""
RECORDS = frozenset({MANIFEST, "run.json"})
OWN = re.compile(
    r"findings|files|pages|pictures_without_readable_marks|figures_\w+|statements(?:_\w+)?|must_stay_possible\[\]|attackers"
)
"""What the certificate of an audit states in numbers, where it stands in the set."""


def _is_setting(words: Words) -> bool:
    """Whether a value of the release's, the run's or the audit's own record is no figure."""
    if words.file == CERTIFICATE:
        return OWN.fullmatch(words.place) is not None and as_number(words.text) is not None
    if words.file not in RECORDS or not (found := SETTINGS.fullmatch(words.place)):
        return False
    return found["number"] is None or as_number(words.text) is not None
