"""Files become a folder of evidence: recognised by what they hold, checked whole, and written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import pytest

from needs_assessment.evidence import EvidenceError, read_evidence
from needs_assessment.sources import REPORT_FILE, Coercion, import_files, importing, read_files, sensitive_tables_of
from needs_assessment.sources.importing import SIDECARS

# Real codes of areas; every figure and every child is made up.
DERBY, DERBYSHIRE = "E06000015", "E10000007"
SECRET = "CANARY-7731"

FACTOR_HEADINGS = (
    "time_period,time_identifier,geographic_level,country_code,country_name,region_code,region_name,old_la_code,"
    "new_la_code,la_name,category,Episodes_with_assessment_factor,Child_sexual_exploitation"
)
AUTHORITY = "Reporting year,Local authority,E92000001,England,E12000004,East Midlands"
LOOKUP = (
    "ltla23_code,ltla23_name,utla23_code,utla23_name\n"
    f"{DERBY},Derby,{DERBY},Derby\n"
    f"E07000032,Amber Valley,{DERBYSHIRE},Derbyshire\n"
)
FORCES = f"ltla24_code,ltla24_name,pfa24_code,pfa24_name\n{DERBY},City of Derby,E23000018,Derbyshire\n"
REFERRALS = (
    "referral_id,child_id,area_code,exploitation_type,referred_on\n"
    f"R1,{SECRET},Derby,CSE,03/04/2024\n"
    f"R2,{SECRET},{DERBYSHIRE},CCE,13/05/2024\n"
)
FUNDING = "recipient,area_code,period_start,period_end,awarded_gbp\n"
HEXAGONS = f'{{"layout": "odd-r", "hexes": {{"{DERBY}": {{"name": "Derby", "q": 3, "r": 7}}}}}}'
UNKNOWN = "colour,size\nred,3\n"


def factors(year: int, *figures: object) -> str:
    """An extract of table C3: the figures of Derby in each year up to `year`, the latest first."""
    rows = [
        f"{year - before},{AUTHORITY},831,{DERBY},Derby,Factors identified at the end of assessment,1200,{figure}"
        for before, figure in enumerate(figures)
    ]
    return "\n".join([FACTOR_HEADINGS, *rows]) + "\n"


def written(folder: Path, **contents: str) -> list[Path]:
    """The paths of files with these contents, each named after its keyword."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    return [folder / f"{name}.csv" for name in contents]


def state(folder: Path) -> dict[str, str]:
    """Every file and folder below a folder, hidden ones too, and what it holds."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in folder.rglob("*")
    }


def rules(paths: Sequence[Path], **options: pd.DataFrame) -> dict[str, list[str]]:
    """The rules that each file breaks."""
    with pytest.raises(EvidenceError) as caught:
        read_files(paths, **options)
    found: dict[str, list[str]] = {}
    for fault in caught.value.faults:
        found.setdefault(fault.table, []).append(fault.rule)
    return found


# Which files are read


def test_a_file_is_recognised_by_what_it_holds_and_not_by_its_name(tmp_path: Path) -> None:
    names = {"one.dat": LOOKUP, "two.json": factors(2025, 24), "three.csv": HEXAGONS, "four": REFERRALS}
    for name, content in names.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    made = read_files([tmp_path / name for name in names])
    assert {one.notes.name for one in made.files if one.title} == names.keys()
    assert {"districts", "observations", "layouts", "referrals"} <= made.tables.keys()


def test_an_unknown_file_is_a_fault_where_it_is_named_and_left_out_where_it_stands_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "downloads"
    lookup, unknown = written(folder, lookup=LOOKUP, unknown=UNKNOWN)
    assert list(rules([lookup, unknown])) == ["unknown.csv"]
    assert "no file that this project reads" in rules([unknown])["unknown.csv"][0]

    made = import_files([folder], tmp_path / "evidence")
    assert [(one.notes.name, bool(one.left_out)) for one in made.files] == [
        ("lookup.csv", False),
        ("unknown.csv", True),
    ]
    closing = (tmp_path / "evidence" / REPORT_FILE).read_text(encoding="utf-8").partition("## Files left out")[2]
    assert "unknown.csv: is no file that this project reads" in closing


def test_the_kind_that_comes_nearest_is_named_with_the_headings_it_lacks(tmp_path: Path) -> None:
    paths = written(tmp_path, c3=factors(2025, 24).replace("Child_sexual_exploitation", "CSE"))
    (rule,) = rules(paths)["c3.csv"]
    assert "factors at the end of assessment (C3), but has no heading: child_sexual_exploitation" in rule


def test_folders_are_searched_whole_but_for_hidden_files_and_parts_of_shapefiles(tmp_path: Path) -> None:
    written(tmp_path / "a" / "b", lookup=LOOKUP)
    (tmp_path / ".hidden").write_text(UNKNOWN, encoding="utf-8")
    for suffix in SIDECARS:
        (tmp_path / f"map{suffix}").write_text(UNKNOWN, encoding="utf-8")
    assert [one.notes.name for one in read_files([tmp_path]).files] == ["lookup.csv"]


def test_a_file_that_stands_there_twice_is_read_once(tmp_path: Path) -> None:
    paths = written(tmp_path, lookup=LOOKUP, copy=LOOKUP)
    made = read_files([*paths, tmp_path, paths[0]])
    assert [(one.notes.name, one.left_out) for one in made.files] == [
        ("lookup.csv", ""),
        ("copy.csv", "is the same file as lookup.csv"),
    ]
    assert len(made.tables["districts"]) == 2


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert "cannot be opened" in rules([tmp_path / "nowhere.csv"])["nowhere.csv"][0]


def test_faults_of_several_files_are_listed_at_once(tmp_path: Path) -> None:
    paths = written(
        tmp_path,
        c3=factors(2025, "#REF!"),
        lookup=LOOKUP.replace("E07000032", "E0700003"),
        referrals=REFERRALS.replace("13/05/2024", SECRET),
        unknown=UNKNOWN,
    )
    assert rules(paths).keys() == {path.name for path in paths}


def test_files_that_contradict_one_another_on_an_area_are_refused(tmp_path: Path) -> None:
    other = factors(2025, 24).replace(",831,", ",832,")
    paths = written(tmp_path, c3=factors(2024, 24), other=other, broken=LOOKUP.replace("E07000032", "x"))
    found = rules(paths)
    assert DERBY in found["areas"][0]
    assert "broken.csv" in found


def test_each_file_is_told_as_it_is_read(tmp_path: Path) -> None:
    told: list[str] = []
    written(tmp_path / "files", lookup=LOOKUP, referrals=REFERRALS, unknown=UNKNOWN)
    import_files([tmp_path / "files"], tmp_path / "evidence", tell=told.append)
    # A reader that needs the areas of the other files comes after them.
    assert [line.split(":")[0] for line in told[:-1]] == ["unknown.csv", "lookup.csv", "referrals.csv"]
    assert told[-1] == "Checking the evidence as a whole"
    assert SECRET not in "".join(told)


# What becomes of them


def test_what_is_written_is_what_was_read_and_is_valid_evidence(tmp_path: Path) -> None:
    paths = written(tmp_path, lookup=LOOKUP, c3=factors(2025, 24, "c"), referrals=REFERRALS)
    made = import_files(paths, tmp_path / "evidence")
    evidence = read_evidence(tmp_path / "evidence", required=("sources", "areas"))
    assert {name for name in evidence.tables if evidence.supplied(name)} == made.tables.keys()
    assert all(len(evidence[name]) == len(table) for name, table in made.tables.items())
    cse = evidence["observations"].query("exploitation_type == 'CSE'").sort_values("period_end")
    assert cse["count"].astype(object).where(cse["count"].notna(), None).tolist() == [None, 24]
    assert cse["missing"].astype(object).where(cse["missing"].notna(), None).tolist() == ["c", None]


def test_an_area_is_put_together_from_what_each_file_says_of_it(tmp_path: Path) -> None:
    paths = written(tmp_path, c3=factors(2025, 24), lookup=LOOKUP, forces=FORCES)
    derby = read_files(paths).tables["areas"].set_index("area_code").loc[DERBY]
    assert (derby["area_name"], derby["other_names"]) == ("Derby", "City of Derby")
    assert (derby["dfe_la_code"], derby["region_name"], derby["police_force_area_code"]) == (
        "831",
        "East Midlands",
        "E23000018",
    )


def test_known_areas_may_be_named_without_a_file_that_describes_them(tmp_path: Path) -> None:
    paths = written(tmp_path, referrals=REFERRALS)
    assert "name of one area that the import knows" in rules(paths)["referrals.csv"][0]
    known = read_files(written(tmp_path, lookup=LOOKUP)).tables["areas"]
    made = import_files(paths, tmp_path / "evidence", known_areas=known)
    assert made.tables["referrals"]["area_code"].tolist() == [DERBY, DERBYSHIRE]
    assert set(made.tables["areas"]["area_code"]) == {DERBY, DERBYSHIRE}


def test_two_editions_of_a_publication_are_both_kept(tmp_path: Path) -> None:
    paths = written(tmp_path, later=factors(2025, 24, 30), earlier=factors(2024, 27))
    made = import_files(paths, tmp_path / "evidence")
    sources = made.tables["sources"]
    assert sources["source_id"].tolist() == ["dfe_cin_factors_2025", "dfe_cin_factors_2024"]
    assert sources["edition_of"].nunique() == 1
    cse = made.tables["observations"].query("exploitation_type == 'CSE'")
    assert sorted(cse.loc[cse["period_end"].eq("2024-03-31"), "count"]) == [27, 30]


def test_two_files_of_one_edition_that_differ_are_a_fault(tmp_path: Path) -> None:
    paths = written(tmp_path, one=factors(2025, 24), other=factors(2025, 25))
    with pytest.raises(EvidenceError, match="must differ in"):
        import_files(paths, tmp_path / "evidence")
    assert not (tmp_path / "evidence").exists()


def test_rows_that_repeat_another_exactly_are_left_out_and_counted(tmp_path: Path) -> None:
    paths = written(tmp_path, lookup=LOOKUP + LOOKUP.splitlines()[1] + "\n", referrals=REFERRALS)
    made = read_files(paths)
    assert len(made.tables["districts"]) == 2
    lookup = next(one for one in made.files if one.notes.name == "lookup.csv")
    assert lookup.notes.counts[Coercion.REPEATED_ROW, ""] == 1


def test_a_public_file_makes_no_sensitive_table_and_a_return_does(tmp_path: Path) -> None:
    lookup, referrals, funding = written(
        tmp_path, lookup=LOOKUP, referrals=REFERRALS, funding=FUNDING + "A trust,E06000015,2024-04-01,2025-03-31,1225\n"
    )
    assert sensitive_tables_of(read_files([lookup])) == []
    assert sensitive_tables_of(read_files([lookup, referrals])) == ["referrals"]
    # Figures of a source that is not public pass the disclosure gate, even if they are no child's record.
    assert sensitive_tables_of(read_files([lookup, funding])) == ["observations"]


# The report


def test_the_report_counts_what_was_done_and_prints_no_cell(tmp_path: Path) -> None:
    padded = REFERRALS.replace("Derby,", " Derby ,").replace("03/04/2024", "45395")
    paths = written(tmp_path, lookup=LOOKUP.replace(",", ";"), referrals=padded)
    import_files(paths, tmp_path / "evidence")
    report = (tmp_path / "evidence" / REPORT_FILE).read_text(encoding="utf-8")
    for line in (
        "Rows: 1 of sources, 3 of areas, 2 of districts.",
        f"- {Coercion.DELIMITER}: 1",
        "Rows: 1 of sources, 2 of referrals.",
        f"- {Coercion.WHITE_SPACE}, column area_code: 1",
        f"- {Coercion.NAME}, column area_code: 1",
        f"- {Coercion.DAY_NUMBER}, column referred_on: 1",
    ):
        assert line in report
    for cell in (SECRET, "R1", "45395", "Amber Valley", DERBY):
        assert cell not in report


# The folder that is written


def test_an_import_may_be_written_to_a_folder_that_is_absent_or_empty(tmp_path: Path) -> None:
    paths = written(tmp_path, lookup=LOOKUP)
    (tmp_path / "empty").mkdir()
    for target in (tmp_path / "empty", tmp_path / "deep" / "down" / "evidence"):
        import_files(paths, target)
        assert sorted(path.name for path in target.iterdir()) == [
            REPORT_FILE,
            "areas.csv",
            "districts.csv",
            "sources.csv",
        ]
        assert [path.name for path in target.parent.iterdir() if path.name.startswith(".")] == []


def test_an_earlier_import_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "evidence"
    import_files(written(tmp_path, lookup=LOOKUP, referrals=REFERRALS), target)
    import_files(written(tmp_path, c3=factors(2025, 24)), target)
    assert sorted(path.stem for path in target.iterdir()) == ["IMPORT", "areas", "observations", "sources"]


def test_an_import_in_a_folder_that_is_searched_is_not_read_again(tmp_path: Path) -> None:
    written(tmp_path, lookup=LOOKUP, referrals=REFERRALS)
    first = import_files([tmp_path], tmp_path / "evidence")
    again = import_files([tmp_path], tmp_path / "evidence")
    assert [one.notes.name for one in again.files] == [one.notes.name for one in first.files]


@pytest.mark.parametrize("foreign", ["notes.txt", "areas.csv", REPORT_FILE])
def test_a_folder_that_holds_anything_else_is_left_as_it_is(foreign: str, tmp_path: Path) -> None:
    target = tmp_path / "evidence"
    target.mkdir()
    (target / foreign).write_bytes("Somebody’s own words".encode("cp1252"))
    before = state(tmp_path)
    with pytest.raises(FileExistsError, match="something other than an import"):
        import_files([tmp_path / "nowhere.csv"], target)
    assert state(tmp_path) == before


def test_a_file_in_the_place_of_the_folder_is_left_as_it_is(tmp_path: Path) -> None:
    (target,) = written(tmp_path, evidence=UNKNOWN)
    with pytest.raises(FileExistsError):
        import_files(written(tmp_path, lookup=LOOKUP), target)
    assert target.read_text(encoding="utf-8") == UNKNOWN


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """A folder with an earlier import."""
    target = tmp_path / "target" / "evidence"
    import_files(written(tmp_path / "first", lookup=LOOKUP), target)
    return target


def test_nothing_is_written_where_a_file_has_a_fault(earlier: Path, tmp_path: Path) -> None:
    before = state(earlier.parent)
    with pytest.raises(EvidenceError):
        import_files(written(tmp_path, c3=factors(2025, "*")), earlier)
    assert state(earlier.parent) == before


def test_nothing_is_written_where_only_the_whole_shows_a_fault(earlier: Path, tmp_path: Path) -> None:
    before = state(earlier.parent)
    returns = (
        "service_id,area_code,period_start,period_end,measure,unit,value,basis\n"
        f"a_service,{DERBY},2024-04-01,2024-06-30,new_referrals,referral,28,in period\n"
    )
    paths = written(tmp_path, lookup=LOOKUP, returns=returns)
    assert len(read_files(paths).tables["service_returns"]) == 1
    with pytest.raises(EvidenceError, match="must be in the table services"):
        import_files(paths, earlier)
    assert state(earlier.parent) == before


@pytest.mark.parametrize("step", ["_write", "put_in_place"])
def test_an_interrupted_import_leaves_the_earlier_one_as_it_was(
    step: str, earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(earlier.parent)

    def interrupted(*anything: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(importing, step, interrupted)
    with pytest.raises(KeyboardInterrupt):
        import_files(written(tmp_path, c3=factors(2025, 24)), earlier)
    assert state(earlier.parent) == before


def test_the_earlier_import_is_put_back_where_the_new_one_cannot_take_its_place(
    earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, rename = state(earlier.parent), Path.rename

    def refused(path: Path, target: Path) -> Path:
        if Path(target) == earlier and path.name == earlier.name:
            raise PermissionError
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(PermissionError):
        import_files(written(tmp_path, c3=factors(2025, 24)), earlier)
    assert state(earlier.parent) == before


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps its own lists of who may read")
def test_only_the_importer_may_read_records_of_children(tmp_path: Path) -> None:
    lookup, referrals = written(tmp_path, lookup=LOOKUP, referrals=REFERRALS)
    import_files([lookup], tmp_path / "public")
    import_files([lookup, referrals], tmp_path / "private")
    modes = {name: stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("public", "private")}
    assert modes == {"public": 0o755, "private": 0o700}
