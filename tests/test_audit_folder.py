"""The audit of a folder: a site that is safe passes, and each single damage is found where it was done."""

from __future__ import annotations

import io
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import audited_site as made
import pytest
from audited_site import FIRST, FORCE, OWN, PAGE, QUARTERS, SECOND, Files
from click.testing import CliRunner

from needs_assessment.cli.audit import audit
from needs_assessment.disclosure.audit.folder import Audit, audit_folder

HIDDEN_KEY = f"demand|{OWN}|referrals|CSE|referral|{FIRST}|2024-01-01|2024-03-31"
FROM = QUARTERS[0][0]
HIDDEN, OTHER_HIDDEN = "3", "4"
"""The counts behind the two withheld referrals of the made-up site."""


def audited(files: Files, folder: Path, **options: Path | bool) -> Audit:
    return audit_folder(made.written(files, folder / "site"), **options)  # type: ignore[arg-type]


def found(audit: Audit) -> set[tuple[str, str]]:
    return {(fault.file, fault.place) for fault in audit.findings}


def png(text: str) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    return b"".join([b"\x89PNG\r\n\x1a\n", chunk(b"tEXt", f"Comment\0{text}".encode()), chunk(b"IEND", b"")])


def workbook(rows: list[list[object]]) -> bytes:
    from openpyxl import Workbook

    book, content = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(content)
    return content.getvalue()


# A site that is safe


def test_a_safe_site_passes(tmp_path: Path) -> None:
    found_by = audited(made.site(), tmp_path)
    assert found_by.findings == ()
    assert found_by.passed


def test_the_certificate_counts_what_was_read_and_attacked(tmp_path: Path) -> None:
    certificate = audited(made.site(), tmp_path).certificate
    assert certificate["files"] == 8
    assert certificate["figures_printed"] == 11  # 10 referrals and 1 level
    assert certificate["figures_withheld"] == certificate["figures_attacked"] == 4
    assert certificate["must_stay_possible"] == [1, 5]
    assert json.loads(json.dumps(certificate)) == certificate


def test_the_private_intervals_are_those_that_the_total_leaves(tmp_path: Path) -> None:
    intervals = audited(made.site(), tmp_path).intervals
    own = intervals[intervals["key"].eq(HIDDEN_KEY) & intervals["attacker"].eq("public")].iloc[0]
    assert (own["low"], own["high"], own["verdict"]) == (0, 7, "safe")  # 27 less 20 is shared by two


def test_neither_the_order_of_rows_nor_the_names_of_files_change_the_statements(tmp_path: Path) -> None:
    files = made.site()
    turned = files | {"release/demand.csv": made.table([made.police(), *reversed(made.referrals())])}
    first, second = audited(files, tmp_path / "a"), audited(turned, tmp_path / "b")
    assert first.certificate["statements_sha256"] == second.certificate["statements_sha256"]


def test_a_site_whose_sources_are_all_public_has_nothing_to_attack(tmp_path: Path) -> None:
    files = made.site()
    files["release/sources.csv"] = files["release/sources.csv"].replace(b"False", b"True")
    assert audited(files, tmp_path).certificate["figures_attacked"] == 0


def test_a_workbook_of_the_same_rows_passes(tmp_path: Path) -> None:
    rows = [list(own_rows()[0]), *(list(row.values()) for row in own_rows())]
    assert audited(made.site() | {"rows.xlsx": workbook(rows)}, tmp_path).findings == ()


def test_a_site_that_holds_its_own_certificate_passes_and_one_with_more_in_it_does_not(tmp_path: Path) -> None:
    certificate = dict(audited(made.site(), tmp_path / "a").certificate)
    files = made.site() | {"audit.json": json.dumps(certificate).encode()}
    assert audited(files, tmp_path / "b").findings == ()
    files["audit.json"] = json.dumps(certificate | {"held": 3}).encode()
    assert found(audited(files, tmp_path / "c")) == {("audit.json", "held")}


# One damage each


def with_page(**changes: object) -> Callable[[Files], None]:
    def damage(files: Files) -> None:
        files[PAGE] = made.page(**changes)  # type: ignore[arg-type]

    return damage


def with_file(name: str, content: bytes) -> Callable[[Files], None]:
    return lambda files: files.update({name: content})


def with_demand(**changes: object) -> Callable[[Files], None]:
    """Changes cells of the withheld row of the first area, in the release alone."""

    def damage(files: Files) -> None:
        rows = [
            row | changes if row["area_code"] == FIRST and row["missing"] == "c" else row for row in made.referrals()
        ]
        files["release/demand.csv"] = made.table([*rows, made.police()])

    return damage


def own_rows(**changes: object) -> made.Rows:
    return [row | (changes if row["missing"] else {}) for row in made.referrals() if row["area_code"] == FIRST]


DAMAGES: dict[str, tuple[Callable[[Files], None], str, str]] = {
    "a cell of the table": (with_page(cells=(HIDDEN, "12", "15")), PAGE, "figure-referrals, row 1, column 2"),
    "a printed count in place of the symbol": (with_page(cells=("12", "12", "15")), PAGE, "figure-referrals"),
    "the alternative text": (
        with_page(alt=f"Referrals in Northbridge: {HIDDEN} in January to March 2024, then 12 and 15 in a quarter."),
        PAGE,
        "alternative text in <img> of figure-referrals",
    ),
    "a paragraph": (with_page(extra=f"<p>{HIDDEN} children were referred.</p>"), PAGE, "<p> under #referrals"),
    "a comment": (
        with_page(extra=f"<!-- was {HIDDEN} -->"),
        PAGE,
        "comment or hidden text in <main>",
    ),
    "an attribute": (
        with_page(extra=f'<p data-count="{HIDDEN}">Withheld.</p>'),
        PAGE,
        "attribute data-count in <p> under #referrals",
    ),
    "the page's file": (
        with_page(download=own_rows(count=3, missing="", value=2.0)),
        PAGE,
        "figure-referrals, embedded csv",
    ),
    "a mark of the drawing": (with_page(svg=made.chart([3, 12, 15])), PAGE, "drawing of figure-referrals"),
    "the words of the drawing": (
        with_page(svg=made.chart([12, 15], comment=f"Jan 2024: {HIDDEN}")),
        PAGE,
        "figure-referrals, embedded svg words",
    ),
    "the metadata of the drawing": (
        with_page(svg=made.chart([12, 15], metadata=f"withheld {HIDDEN}")),
        PAGE,
        "figure-referrals, embedded svg metadata",
    ),
    "a drawing with several axes": (
        with_page(svg=made.chart([1, 2, 3, 4]).replace('id="axes_1"><', 'id="axes_1"><g id="axes_2"/><')),
        PAGE,
        "drawing of figure-referrals",
    ),
    "the metadata of a picture": (with_file("map.png", png(f"withheld {HIDDEN}")), "map.png", "metadata"),
    "a JSON file": (with_file("more.json", json.dumps({"held": 3}).encode()), "more.json", "held"),
    "the manifest": (
        with_file("release/manifest.json", made.manifest(remark=f"withheld {HIDDEN}")),
        "release/manifest.json",
        "disclosure.remark",
    ),
    "a workbook of the rows": (
        with_file(
            "rows.xlsx",
            workbook([list(own_rows()[0]), *(list(row.values()) for row in own_rows(count=3, missing="", value=2.0))]),
        ),
        "rows.xlsx",
        "sheet Sheet",
    ),
    "a workbook of something else": (
        with_file("more.xlsx", workbook([["withheld"], [3]])),
        "more.xlsx",
        "sheet Sheet",
    ),
    "a text file": (with_file("readme.txt", b"One is 3."), "readme.txt", "line 1"),
    "the name of a file": (with_file("3_referrals.txt", b""), "3_referrals.txt", "name of the file"),
    "a table of an unknown kind": (with_file("more.csv", b"what,how_many\nheld,3\n"), "more.csv", ""),
    "a format that cannot be read": (with_file("archive.zip", b"PK"), "archive.zip", ""),
    "a file that is not what its name says": (with_file("map.png", b"3"), "map.png", ""),
    "a rate beside the symbol": (with_demand(value=2.0), "release/demand.csv", ""),
    "a verdict beside the symbol": (with_demand(verdict="Lower"), "release/demand.csv", ""),
    "a note": (with_demand(note="fell"), "release/demand.csv", ""),
    "two symbols": (with_demand(missing="x"), "release/demand.csv", ""),
    "a symbol of one's own": (with_demand(missing="s"), "release/demand.csv", ""),
    "a small count in the release": (with_demand(count=3, missing="", value=2.0), "release/demand.csv", ""),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_each_damage_is_found_where_it_was_done_and_no_count_is_told(name: str, tmp_path: Path) -> None:
    files = made.site()
    damage, file, place = DAMAGES[name]
    damage(files)
    damaged = audited(files, tmp_path)
    assert (file, place) in found(damaged)
    for fault in damaged.findings:
        told = fault.place.partition(", row ")[0].removeprefix("line ") + fault.rule
        assert not {HIDDEN, OTHER_HIDDEN} & set(told)
        assert fault.keys == () or all("2024" in key for key in fault.keys)


# What can be worked out


def test_a_total_that_gives_a_withheld_count_back_is_found(tmp_path: Path) -> None:
    """31 in the force less 20 and 8 leaves 3."""
    files, changed = made.site(), {SECOND: 8, FORCE: 31}
    rows = [
        row for row in made.referrals() if (row["area_code"], row["period_start"]) not in {(a, FROM) for a in changed}
    ]
    rows += [made.demand_row(area, QUARTERS[0], count) for area, count in changed.items()]
    files["release/demand.csv"] = files["indicators.csv"] = made.table([*rows, made.police()])
    findings = audited(files, tmp_path).findings
    assert [fault.keys for fault in findings] == [(HIDDEN_KEY,)]
    assert "narrowed" in findings[0].rule


def test_a_total_printed_in_one_place_only_counts_as_printed(tmp_path: Path) -> None:
    """15 in the half-year less 12 in its second quarter leaves 3."""
    half_year = made.demand_row(FIRST, (FROM, "2024-06-30"), 15)
    files = made.site() | {"more.csv": made.table([half_year])}
    assert {fault.keys for fault in audited(files, tmp_path).findings} == {(HIDDEN_KEY,), (key(SECOND),)}


def ledger(folder: Path, *statements: dict[str, object]) -> Path:
    series = folder / "series"
    series.mkdir()
    release = {"series": "bridgeshire", "number": 1, "statements": list(statements)}
    (series / "release-0001.json").write_text(json.dumps(release), encoding="utf-8")
    return series


def key(area: str, start: str = "2024-01-01", end: str = "2024-03-31") -> str:
    return f"demand|{OWN}|referrals|CSE|referral|{area}|{start}|{end}"


def test_an_earlier_release_that_gives_a_withheld_count_back_is_found(tmp_path: Path) -> None:
    half_year = {"key": key(FIRST, end="2024-06-30"), "low": 15, "high": 15, "status": "printed"}
    series = ledger(tmp_path, half_year)
    damaged = audited(made.site(), tmp_path, series=series)
    assert {fault.keys for fault in damaged.findings} >= {(HIDDEN_KEY,)}
    assert damaged.certificate["statements_of_earlier_releases"] == 1


def test_what_an_earlier_release_withheld_may_not_be_worked_out_from_this_one(tmp_path: Path) -> None:
    month = {"key": key(FIRST, start="2024-04-01", end="2024-04-30"), "low": 0, "high": None, "status": "hidden"}
    rest = {"key": key(FIRST, start="2024-05-01", end="2024-06-30"), "low": 9, "high": 9, "status": "printed"}
    damaged = audited(made.site(), tmp_path, series=ledger(tmp_path, month, rest))
    assert ("release-0001.json", "") in found(damaged)


def test_what_an_earlier_release_withheld_stays_withheld(tmp_path: Path) -> None:
    hidden = {"key": key(FIRST, "2024-04-01", "2024-06-30"), "low": 0, "high": None, "status": "hidden"}
    damaged = audited(made.site(), tmp_path, series=ledger(tmp_path, hidden))
    assert any("withheld" in fault.rule for fault in damaged.findings)


def test_an_unchanged_earlier_release_changes_nothing(tmp_path: Path) -> None:
    hidden = {"key": HIDDEN_KEY, "low": 0, "high": None, "status": "hidden"}
    total = {"key": key(FORCE), "low": 27, "high": 27, "status": "printed"}
    assert audited(made.site(), tmp_path, series=ledger(tmp_path, hidden, total)).passed


def external(folder: Path, **cells: object) -> Path:
    row = {"table": "demand", "identity": OWN, "measure": "referrals", "exploitation_type": "CSE", "unit": "referral"}
    path = folder / "external_known.csv"
    path.write_bytes(made.table([row | cells | {"said_by": "a newspaper"}]))
    return path


def test_what_somebody_else_published_is_known_to_the_attacker(tmp_path: Path) -> None:
    said = {"area_code": SECOND, "period_start": "2024-01-01", "period_end": "2024-03-31", "low": 4, "high": ""}
    damaged = audited(made.site(), tmp_path, known=external(tmp_path, **said))
    assert {fault.keys for fault in damaged.findings} >= {(HIDDEN_KEY,)}


def test_what_somebody_else_published_of_another_thing_helps_nobody(tmp_path: Path) -> None:
    said = {"area_code": SECOND, "period_start": "2024-04-01", "period_end": "2024-06-30", "low": 8, "high": 8}
    assert audited(made.site(), tmp_path, known=external(tmp_path, **said)).passed


def test_insiders_are_reported_and_gate_only_where_the_rule_says_so(tmp_path: Path) -> None:
    """Whoever knows that the second authority had so many knows what is left of 7 for the first."""
    reported = audited(made.site(), tmp_path / "a", insiders=True)
    assert reported.passed
    assert [each["exposed"] > 0 for each in reported.certificate["attackers"] if each["attacker"] == "insiders"] == [
        True
    ]
    files = made.site() | {"release/manifest.json": made.manifest(policy="insider-safe")}
    assert not audited(files, tmp_path / "b").passed


def test_a_copy_without_its_release_is_not_published(tmp_path: Path) -> None:
    files = {name: content for name, content in made.site().items() if not name.startswith("release/")}
    assert {fault.file for fault in audited(files, tmp_path).findings} >= {
        "release",
        "release/sources.csv",
        "release/areas.csv",
    }


def test_a_list_of_figures_by_key_says_what_the_tables_say(tmp_path: Path) -> None:
    rows = [
        {"key": HIDDEN_KEY, "low": 0, "high": "", "value": ""},
        {"key": key(FORCE), "low": 27, "high": 27, "value": 27},
    ]
    files = made.site() | {"release/figures.csv": made.table(rows)}
    assert audited(files, tmp_path / "a").passed
    told = made.table([rows[0] | {"low": 3, "high": 3}])
    damaged = audited(files | {"release/figures.csv": told}, tmp_path / "b")
    assert (HIDDEN_KEY,) in {fault.keys for fault in damaged.findings if fault.file == "release/figures.csv"}


def test_a_figure_that_only_protects_others_may_be_narrowed_where_it_is_known_to_be_no_small_count(
    tmp_path: Path,
) -> None:
    """Somebody knows that the second authority had at least 4: 4 to 7 are left of what may be 1 to 5."""
    known = {"area_code": SECOND, "period_start": FROM, "period_end": "2024-03-31", "low": 4, "high": ""}
    path = external(tmp_path, **known)
    as_a_reader = audited(made.site(), tmp_path / "a", known=path)
    assert {fault.keys for fault in as_a_reader.findings} == {(HIDDEN_KEY,), (key(SECOND),)}
    assert {fault.keys for fault in as_a_reader.given_small([HIDDEN_KEY]).findings} == {(HIDDEN_KEY,)}


def test_a_small_count_that_is_shown_to_be_none_is_found(tmp_path: Path) -> None:
    """7 at the second authority leave 0 for the first, which is listed as small."""
    known = {"area_code": SECOND, "period_start": FROM, "period_end": "2024-03-31", "low": 7, "high": 7}
    judged = audited(made.site(), tmp_path, known=external(tmp_path, **known))
    assert judged.passed
    assert not judged.given_small([HIDDEN_KEY]).passed


# The command


def test_the_command_passes_a_safe_site_and_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(audit, [str(made.written(made.site(), tmp_path / "site"))])
    assert result.exit_code == 0, result.output
    assert "Audit: passed" in result.output


def test_the_command_lists_what_it_found_and_writes_intervals_for_their_owner_alone(tmp_path: Path) -> None:
    files = made.site()
    with_demand(value=2.0)(files)
    private = tmp_path / "intervals.csv"
    folder = made.written(files, tmp_path / "site")
    result = CliRunner().invoke(audit, [str(folder), "--private", str(private)])
    assert result.exit_code == 1
    assert "release/demand.csv" in result.output
    assert HIDDEN_KEY in result.output
    assert private.stat().st_mode & 0o777 == 0o600
    assert HIDDEN_KEY in private.read_text(encoding="utf-8")


def test_the_command_refuses_to_write_intervals_into_what_is_published(tmp_path: Path) -> None:
    folder = made.written(made.site(), tmp_path / "site")
    result = CliRunner().invoke(audit, [str(folder), "--private", str(folder / "intervals.csv")])
    assert result.exit_code == 2
    assert not (folder / "intervals.csv").exists()
