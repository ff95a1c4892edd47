from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from needs_assessment.evidence import CONTRACTS
from needs_assessment.sources.files import open_file
from needs_assessment.sources.notes import Coercion, Notes, RefusedError
from needs_assessment.sources.readers.lookups import READERS
from needs_assessment.sources.registry import Tables, recognised

OFFICIAL = Path(__file__).resolve().parents[1].parent / "shared" / "official" / "lookups"
needs_official_files = pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the official files are not beside the project")

# Real places and codes: ONS, Local Authority District to Community Safety Partnership to Police Force Area, 2024.
PARTNERSHIPS = """LAD24CD,LAD24NM,CSP24CD,CSP24NM,PFA24CD,PFA24NM,ObjectId
E06000019,"Herefordshire, County of",E22000326,"Herefordshire, County of",E23000016,West Mercia,1
E07000234,Bromsgrove,E22000368,North Worcestershire,E23000016,West Mercia,2
E07000237,Worcester,E22000332,South Worcestershire,E23000016,West Mercia,3
E06000060,Buckinghamshire,E22000303,Aylesbury Vale,E23000029,Thames Valley,4
E06000060,Buckinghamshire,E22000306,Chiltern,E23000029,Thames Valley,5
E09000001,City of London,E22000180,City of London,E23000034,"London, City of",6
"""
AUTHORITIES = """ltla23_code,ltla23_name,utla23_code,utla23_name
E06000019,"Herefordshire, County of",E06000019,"Herefordshire, County of"
E07000234,Bromsgrove,E10000034,Worcestershire
E07000237,Worcester,E10000034,Worcestershire
"""
REGIONS = """UTLACD,UTLANM,CAUTHCD,CAUTHNM,RGNCD,RGNNM,CTRYCD,CTRYNM
E06000001,Hartlepool,E47000006,Tees Valley,E12000001,North East,E92000001,England
E06000019,"Herefordshire, County of",,,E12000005,West Midlands,E92000001,England
W06000001,Isle of Anglesey,,,,,W92000004,Wales
S12000033,Aberdeen City,,,,,S92000003,Scotland
N09000003,Belfast,,,,,N92000002,Northern Ireland
"""
DFE = """old_la_code,new_la_code,la_name
884,E06000019,"Herefordshire, County of"
929,E06000048,Northumberland
929,E06000057,Northumberland
940 / 941,E06000061 / E06000062,North Northamptonshire / West Northamptonshire
x,E10000001,Bedfordshire
702,z,British Forces Post Office overseas establishments
"""


def read(path: Path) -> tuple[Tables, Notes]:
    notes = Notes(path.name)
    file = open_file(path, notes)
    return recognised(file, READERS).read(file, notes, pd.DataFrame()), notes


def written(folder: Path, words: str) -> Path:
    (folder / "lookup.csv").write_text(words, encoding="utf-8")
    return folder / "lookup.csv"


def faults(notes: Notes) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(fault.rule, fault.column, fault.rows) for fault in notes.faults]


def test_a_lookup_gives_a_row_for_each_district_with_its_partnership_and_force(tmp_path: Path) -> None:
    tables, notes = read(written(tmp_path, PARTNERSHIPS))
    districts = tables["districts"].set_index("district_code")
    assert not notes.faults
    assert set(tables["districts"]) == set(CONTRACTS["districts"].columns)
    assert districts.loc["E07000234", ["partnership_code", "police_force_area_code"]].tolist() == [
        "E22000368",
        "E23000016",
    ]
    assert districts.loc["E09000001", "police_force_area_code"] == "E23000034"
    assert districts["area_code"].isna().all()


def test_a_district_of_several_partnerships_has_a_row_for_each(tmp_path: Path) -> None:
    tables, _ = read(written(tmp_path, PARTNERSHIPS))
    rows = tables["districts"].set_index("district_code").loc["E06000060"]
    assert rows["partnership_code"].tolist() == ["E22000303", "E22000306"]
    assert set(rows["police_force_area_code"]) == {"E23000029"}
    assert {"E22000303", "E22000306"} <= set(tables["areas"]["area_code"])


def test_a_lookup_names_partnerships_forces_and_authorities_but_no_districts(tmp_path: Path) -> None:
    areas = read(written(tmp_path, PARTNERSHIPS))[0]["areas"].drop_duplicates("area_code").set_index("area_code")
    assert areas["area_name"]["E22000368"] == "North Worcestershire"
    assert areas["police_force_area_code"]["E22000368"] == "E23000016"
    assert areas["area_name"]["E23000016"] == "West Mercia"
    assert areas["area_name"]["E06000019"] == "Herefordshire, County of"
    assert "E07000234" not in areas.index


def test_a_lookup_of_districts_gives_their_authorities(tmp_path: Path) -> None:
    tables, _ = read(written(tmp_path, AUTHORITIES))
    links = dict(tables["districts"][["district_code", "area_code"]].itertuples(index=False))
    assert links == {"E06000019": "E06000019", "E07000234": "E10000034", "E07000237": "E10000034"}
    assert "Worcestershire" in tables["areas"]["area_name"].tolist()


def test_a_list_of_codes_gives_regions_and_counts_what_is_abroad_or_not_used(tmp_path: Path) -> None:
    tables, notes = read(written(tmp_path, REGIONS))
    areas = tables["areas"].set_index("area_code")
    assert areas.loc["E06000019", ["region_code", "region_name"]].tolist() == ["E12000005", "West Midlands"]
    assert pd.isna(areas["region_code"]["W06000001"])
    assert {"E12000001", "E92000001", "W92000004"} <= set(areas.index)
    assert notes.counts[Coercion.NOT_USED, ""] == 2
    assert "rows that name a combined authority, which the assessment does not use: 1" in notes.remarks
    assert not areas.index.str.startswith(("E47", "S", "N")).any()
    assert "districts" not in tables


def test_a_code_of_wales_in_the_column_of_regions_is_no_region(tmp_path: Path) -> None:
    rows = "LAD24CD,RGN24CD,RGN24NM", "W06000001,W99999999,Wales", "E06000001,E12000001,North East"
    tables, notes = read(written(tmp_path, "\n".join(rows)))
    assert not notes.faults
    assert sorted(tables["areas"]["area_code"]) == ["E06000001", "E12000001", "W06000001"]


@pytest.mark.parametrize(
    ("headings", "vintage"),
    [
        ("ltla23_code,utla23_code", "2023"),
        ("LTLA21CD,UTLA21CD", "2021"),
        ("LAD19CD,CTYUA19CD", "2019"),
        ("LADCD,UTLACD", "undated"),
    ],
)
def test_headings_of_any_vintage_are_recognised_and_the_vintage_is_in_the_source(
    tmp_path: Path, headings: str, vintage: str
) -> None:
    tables, _ = read(written(tmp_path, f"{headings}\nE07000234,E10000034\n"))
    assert tables["sources"]["source_id"].str.fullmatch(rf"lookup_{vintage}_[0-9a-f]{{8}}").all()
    assert tables["districts"]["area_code"].tolist() == ["E10000034"]


def test_a_workbook_with_a_title_above_the_headings_is_read_too(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    for row in ["Lookup of districts", "", *AUTHORITIES.splitlines()]:
        workbook.active.append(row.replace('"Herefordshire, County of"', "Herefordshire").split(","))
    workbook.save(tmp_path / "lookup.xlsx")
    assert len(read(tmp_path / "lookup.xlsx")[0]["districts"]) == 3


@pytest.mark.parametrize(
    "headings",
    ["LAD24CD,LAD24NM", "LAD24CD,LAD24NM,UTLA24CD,children", "utla23_code,utla23_name,0,1,2", "LAD24NM,PFA24NM"],
)
def test_a_table_of_figures_or_of_one_level_is_no_lookup(tmp_path: Path, headings: str) -> None:
    with pytest.raises(RefusedError, match="no file that this project reads"):
        read(written(tmp_path, f"{headings}\n{',' * headings.count(',')}\n"))


def test_two_vintages_of_one_level_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=r"two columns of district codes \(lad23cd, lad24cd\)"):
        read(written(tmp_path, "LAD23CD,LAD24CD,PFA24CD\nE07000234,E07000234,E23000016\n"))


BROMSGROVE = "E07000234,Bromsgrove,E10000034,Worcestershire\n"


@pytest.mark.parametrize(
    ("row", "rule", "column", "rows"),
    [
        (
            "E07000234,Bromsgrove,E10000031,Warwickshire\n",
            "each district must lie in one upper-tier local authority",
            "utla23_code",
            (3, 5),
        ),
        ("E07000234,Bromsgove,E10000034,Worcestershire\n", "each district must have one name", "ltla23_name", (3, 5)),
        (
            "E07000240,Wyre,E10000034,Worcester\n",
            "each upper-tier local authority must have one name",
            "utla23_name",
            (3, 4, 5),
        ),
        (
            "E0700024,Wyre,E10000034,Worcestershire\n",
            "must be the ONS nine-character code of the district",
            "ltla23_code",
            (5,),
        ),
        (
            "E07000240,Wyre,E23000016,West Mercia\n",
            "must be the ONS nine-character code of the upper-tier local authority",
            "utla23_code",
            (5,),
        ),
        ("E07000240,Wyre,,Worcestershire\n", "must not be blank", "utla23_code", (5,)),
        (",Wyre,E10000034,Worcestershire\n", "must not be blank", "ltla23_code", (5,)),
    ],
)
def test_a_lookup_that_contradicts_itself_or_is_damaged_is_a_fault_of_its_rows(
    tmp_path: Path, row: str, rule: str, column: str, rows: tuple[int, ...]
) -> None:
    _, notes = read(written(tmp_path, AUTHORITIES + row))
    assert faults(notes) == [(rule, column, rows)]


def test_a_district_in_two_forces_is_a_fault(tmp_path: Path) -> None:
    _, notes = read(
        written(tmp_path, PARTNERSHIPS.replace("Chiltern,E23000029,Thames Valley", "Chiltern,E23000016,West Mercia"))
    )
    assert faults(notes) == [("each district must lie in one police force area", "pfa24cd", (5, 6))]


def test_an_authority_in_two_regions_is_a_fault(tmp_path: Path) -> None:
    again = 'E06000019,"Herefordshire, County of",,,E12000009,South West,E92000001,England\n'
    _, notes = read(written(tmp_path, REGIONS + again))
    assert faults(notes) == [("each upper-tier local authority must lie in one region", "rgncd", (3, 7))]


def test_a_row_that_repeats_another_is_counted_and_changes_nothing(tmp_path: Path) -> None:
    tables, notes = read(written(tmp_path, AUTHORITIES + BROMSGROVE))
    assert notes.counts[Coercion.REPEATED_ROW, ""] == 1
    assert len(tables["districts"]) == 3


def test_the_department_s_codes_are_read_for_every_vintage_of_an_authority(tmp_path: Path) -> None:
    tables, notes = read(written(tmp_path, DFE))
    codes = dict(tables["areas"][["area_code", "dfe_la_code"]].itertuples(index=False))
    assert not notes.faults
    assert codes == {"E06000019": "884", "E06000048": "929", "E06000057": "929"}


def test_rows_without_one_authority_and_one_code_are_left_out_and_counted(tmp_path: Path) -> None:
    tables, notes = read(written(tmp_path, DFE))
    assert notes.counts[Coercion.NOT_USED, ""] == 3
    assert len(tables["areas"]) + 3 == len(DFE.splitlines()) - 1
    assert "rows of two authorities that report together, left out: 1" in notes.remarks
    assert "rows without a code of the Department or of the ONS (x, z), left out: 2" in notes.remarks


@pytest.mark.parametrize(
    ("row", "rule", "column", "rows"),
    [
        ("88,E06000051,Shropshire", "must be three digits", "old_la_code", (8,)),
        (
            "893,E0600051,Shropshire",
            "must be the ONS nine-character code of the upper-tier local authority",
            "new_la_code",
            (8,),
        ),
        ("893,E06000019,Shropshire", "must not hold a code twice", "new_la_code", (2, 8)),
        (",E06000051,Shropshire", "must not be blank", "old_la_code", (8,)),
    ],
)
def test_a_damaged_row_of_the_department_s_codes_is_a_fault(
    tmp_path: Path, row: str, rule: str, column: str, rows: tuple[int, ...]
) -> None:
    _, notes = read(written(tmp_path, f"{DFE}{row}\n"))
    assert faults(notes) == [(rule, column, rows)]


def test_another_table_of_the_department_is_not_taken_for_its_list_of_codes(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="no file that this project reads"):
        read(
            written(
                tmp_path, "time_period,old_la_code,new_la_code,la_name,children\n2025,884,E06000019,Herefordshire,24\n"
            )
        )


@needs_official_files
def test_every_district_of_the_published_lookup_of_partnerships_is_kept() -> None:
    tables, notes = read(OFFICIAL / "geographr_lookup_ltla24_csp24_pfa24.csv")
    kinds = tables["areas"].drop_duplicates("area_code")["area_code"].str[:3].value_counts()
    assert not notes.faults
    # 332 rows hold 318 districts: seven of them stand in 21 rows, one for each of their partnerships.
    assert len(tables["districts"]) == 332
    assert tables["districts"]["district_code"].nunique() == 318 == 332 - 21 + 7
    assert (kinds["E22"] + kinds["W14"], kinds["E23"] + kinds["W15"]) == (314, 43)


@needs_official_files
def test_the_published_lookup_of_authorities_holds_all_175() -> None:
    tables, notes = read(OFFICIAL / "geographr_lookup_ltla23_utla23.csv")
    assert not notes.faults
    assert (len(tables["districts"]), tables["districts"]["area_code"].nunique()) == (318, 175)


@needs_official_files
def test_the_published_list_of_codes_holds_153_authorities_of_england_and_22_of_wales() -> None:
    tables, notes = read(OFFICIAL / "drkane_utla_all_codes.csv")
    authorities = tables["areas"].dropna(subset=["region_code"])
    assert not notes.faults
    assert (len(authorities), authorities["region_code"].nunique()) == (153, 9)
    assert notes.counts[Coercion.NOT_USED, ""] == 43
    assert len(tables["areas"]) == 218 - 43 + 9 + 2


@needs_official_files
def test_the_published_codes_of_the_department_leave_out_eleven_rows_and_say_so() -> None:
    tables, notes = read(OFFICIAL / "dfe_eesyscreener_acceptable_las.csv")
    assert not notes.faults
    assert notes.counts[Coercion.NOT_USED, ""] == 11
    assert len(tables["areas"]) == 176 - 11
