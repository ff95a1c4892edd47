"""Several folders may describe one area, each with what it knows, as long as they agree."""

from __future__ import annotations

from pathlib import Path

import pytest
import small_evidence
from small_evidence import FIRST, FORCE, table

from needs_assessment.evidence import EvidenceError, read_evidence
from needs_assessment.evidence.places import contradictions, one_row_each


def two(first: dict[str, str], second: dict[str, str]) -> object:
    rows = table("areas", *({"area_code": FIRST, "area_name": "First"} | row for row in (first, second)))
    return one_row_each(rows).iloc[0]


def test_the_first_statement_of_each_column_stands() -> None:
    area = two({"region_name": "North"}, {"region_name": "The North", "dfe_la_code": "123"})
    assert (area["region_name"], area["dfe_la_code"]) == ("North", "123")


def test_every_other_name_is_kept_once_and_in_order() -> None:
    area = two({"other_names": "First Town|Old First"}, {"area_name": "First, County of", "other_names": "Old First"})
    assert area["area_name"] == "First"
    assert area["other_names"] == "First, County of|First Town|Old First"


def test_a_point_is_taken_whole_from_one_statement() -> None:
    area = two({"longitude": "-2.5"}, {"longitude": "-1.5", "latitude": "53.0"})
    assert (area["longitude"], area["latitude"]) == (-1.5, 53.0)


def test_areas_that_stand_once_are_left_as_they_are() -> None:
    areas = table("areas", {"area_code": FIRST, "area_name": "First"})
    assert one_row_each(areas) is areas


def test_types_stay_those_of_the_contract() -> None:
    areas = table("areas", *[{"area_code": FIRST, "area_name": "First", "valid_from": "2020-04-01"}] * 2)
    assert one_row_each(areas).dtypes.equals(areas.dtypes)


def test_a_contradiction_names_column_and_row() -> None:
    earlier = table("areas", {"area_code": FIRST, "area_name": "First", "region_code": "E12000001"})
    later = table("areas", {"area_code": FIRST, "area_name": "Premier", "region_code": "E12000002"})
    (fault,) = contradictions(later, earlier, "b/areas")
    assert (fault.table, fault.column, fault.rows) == ("b/areas", "region_code", (2,))


def folders(tmp_path: Path, **other: str) -> tuple[Path, Path]:
    """Two folders that both describe FIRST; the second says `other` of it."""
    first = small_evidence.folder(tmp_path / "first")
    row = {"area_code": FIRST, "area_name": "First"} | other
    return first, small_evidence.folder(tmp_path / "second", {"areas": [row]})


def test_evidence_of_two_folders_has_each_area_once(tmp_path: Path) -> None:
    evidence = read_evidence(*folders(tmp_path, dfe_la_code="123", police_force_area_code=FORCE))
    areas = evidence["areas"].set_index("area_code")
    assert areas.index.is_unique
    assert (areas.loc[FIRST, "dfe_la_code"], areas.loc[FIRST, "longitude"]) == ("123", -2.5)


def test_evidence_that_contradicts_itself_on_an_area_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match=r"second/areas, column area_type: must not contradict .* \(row 2\)"):
        read_evidence(*folders(tmp_path, area_type="region"))


def test_one_file_may_not_describe_an_area_twice(tmp_path: Path) -> None:
    rows = [{"area_code": FIRST, "area_name": "First"}, {"area_code": FIRST, "area_name": "Again"}]
    with pytest.raises(EvidenceError, match=r"rows must differ in area_code \(row 2, 3\)"):
        read_evidence(small_evidence.folder(tmp_path / "one", small_evidence.BASE | {"areas": rows}))
