"""The children in need census as XML. Every child here is made up."""

from __future__ import annotations

import tracemalloc
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from needs_assessment.evidence import CONTRACTS
from needs_assessment.sources.files import open_file
from needs_assessment.sources.notes import Coercion, Notes, RefusedError
from needs_assessment.sources.readers import census, factor_counts

OFFICIAL = Path(__file__).resolve().parents[1].parent / "shared" / "official" / "cin_census"
needs_samples = pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the sample returns are not beside the project")

HERE, OLD, NEW = "E06009001", "E10009001", "E06009009"
AREAS = pd.DataFrame(
    [
        {"area_code": HERE, "dfe_la_code": "899"},
        {"area_code": NEW, "dfe_la_code": "898", "valid_from": "2023-04-01"},
        {"area_code": OLD, "dfe_la_code": "898", "valid_to": "2023-03-31"},
    ],
    columns=list(CONTRACTS["areas"].columns),
)
EPISODES, BOTH, ANY = (
    "census_assessment_factor_episodes",
    "census_assessment_factor_episodes_both",
    "census_any_factor_episodes",
)


def header(year: str = "2024", lea: str = "899", collection: str = "CIN", reference: str | None = None) -> str:
    return (
        f"<Header><CollectionDetails><Collection>{collection}</Collection><Year>{year}</Year>"
        f"<ReferenceDate>{reference or f'{year}-03-31'}</ReferenceDate></CollectionDetails>"
        f"<Source><SourceLevel>L</SourceLevel><LEA>{lea}</LEA></Source></Header>"
    )


def assessment(*codes: str, ended: str = "2023-06-30", started: str = "2023-06-01") -> str:
    factors = "".join(f"<AssessmentFactors>{code}</AssessmentFactors>" for code in codes)
    end = f"<AssessmentAuthorisationDate>{ended}</AssessmentAuthorisationDate>" if ended else ""
    return (
        f"<Assessments><AssessmentActualStartDate>{started}</AssessmentActualStartDate>{end}"
        f"<FactorsIdentifiedAtAssessment>{factors}</FactorsIdentifiedAtAssessment></Assessments>"
    )


def episode(*assessments: str, referred: str = "2023-05-01") -> str:
    return f"<CINdetails><CINreferralDate>{referred}</CINreferralDate>{''.join(assessments)}</CINdetails>"


def child(*episodes: str, name: str = "CHILD-A") -> str:
    identifiers = f"<ChildIdentifiers><LAchildID>{name}</LAchildID></ChildIdentifiers>"
    return f"<Child>{identifiers}{''.join(episodes)}</Child>"


def message(*children: str, head: str | None = None) -> str:
    return f"<Message>{header() if head is None else head}<Children>{''.join(children)}</Children></Message>"


def read(tmp_path: Path, content: str | bytes) -> tuple[dict[str, pd.DataFrame], Notes]:
    path = tmp_path / "return.xml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    notes = Notes(path.name)
    return census.read_census(open_file(path, notes), notes, AREAS), notes


def counted(tables: dict[str, pd.DataFrame], measure: str, harm: str | None = None) -> object:
    """The count of a measure, or the reason why there is none."""
    rows = tables["observations"]
    same = rows["exploitation_type"].isna() if harm is None else rows["exploitation_type"].eq(harm).fillna(False)
    (row,) = rows[rows["measure"].eq(measure) & same.astype(bool)].itertuples()
    return row.missing if pd.isna(row.count) else row.count


def everything(notes: Notes) -> str:
    return " ".join([*map(str, notes.faults), *notes.remarks, *(str(key) for key in notes.counts)])


# What is counted


def test_episodes_and_children_are_counted_for_each_factor(tmp_path: Path) -> None:
    tables, notes = read(
        tmp_path,
        message(
            child(episode(assessment("11A", "10A")), episode(assessment("11A"), referred="2023-09-01")),
            child(episode(assessment("24A", "13A", "20")), name="CHILD-B"),
            child(episode(assessment("12A")), name="CHILD-C"),
            child(episode(assessment("4A")), name="CHILD-D"),
        ),
    )
    found = {
        (row.measure, row.exploitation_type if pd.notna(row.exploitation_type) else ""): (row.unit, row.count)
        for row in tables["observations"].itertuples()
    }
    assert found == {
        (EPISODES, "CSE"): ("episode", 2),
        (EPISODES, "CCE"): ("episode", 1),
        (BOTH, ""): ("episode", 0),
        ("census_trafficking_factor_episodes", ""): ("episode", 1),
        ("census_gangs_factor_episodes", ""): ("episode", 1),
        ("census_going_missing_factor_episodes", ""): ("episode", 1),
        (ANY, ""): ("episode", 5),
        ("children_with_factor", "CSE"): ("child", 1),
        ("children_with_factor", "CCE"): ("child", 1),
        ("children_with_both_factors", ""): ("child", 0),
        ("children_with_trafficking_factor", ""): ("child", 1),
        ("children_with_gangs_factor", ""): ("child", 1),
        ("children_with_going_missing_factor", ""): ("child", 1),
        ("children_with_any_factor", ""): ("child", 4),
    }
    assert "completed assessments that were counted: 5" in notes.remarks
    assert not notes.faults


def test_several_assessments_of_one_episode_count_once(tmp_path: Path) -> None:
    tables, _ = read(tmp_path, message(child(episode(assessment("11A"), assessment("11A", "24A")))))
    assert [counted(tables, EPISODES, "CSE"), counted(tables, EPISODES, "CCE"), counted(tables, BOTH)] == [1, 1, 1]


def test_both_factors_in_different_episodes_make_a_child_with_both_and_no_episode_with_both(tmp_path: Path) -> None:
    tables, _ = read(
        tmp_path, message(child(episode(assessment("11A")), episode(assessment("24A"), referred="2023-08-01")))
    )
    assert counted(tables, BOTH) == 0
    assert counted(tables, "children_with_both_factors") == 1


@pytest.mark.parametrize(("codes", "any_factor"), [(("15A",), 1), (("21",), 0), ((), 0)])
def test_self_harm_is_no_exploitation_and_no_factors_is_no_factor(
    codes: tuple[str, ...], any_factor: int, tmp_path: Path
) -> None:
    tables, _ = read(tmp_path, message(child(episode(assessment(*codes)))))
    assert counted(tables, EPISODES, "CSE") == 0
    assert counted(tables, ANY) == any_factor


def test_a_completed_assessment_without_a_factor_code_is_told(tmp_path: Path) -> None:
    _, notes = read(tmp_path, message(child(episode(assessment()))))
    assert f"{factor_counts.NO_FACTOR}: 1 (child 1)" in notes.remarks


@pytest.mark.parametrize(("year", "expected"), [(2021, "x"), (2022, 0)])
def test_criminal_exploitation_is_not_available_before_it_had_a_code(
    year: int, expected: object, tmp_path: Path
) -> None:
    completed = assessment("11A", ended=f"{year}-03-01", started=f"{year}-02-01")
    tables, _ = read(tmp_path, message(child(episode(completed)), head=header(str(year))))
    assert counted(tables, EPISODES, "CSE") == 1
    for measure, harm in ((EPISODES, "CCE"), ("children_with_factor", "CCE"), (BOTH, None)):
        assert counted(tables, measure, harm) == expected


def test_the_code_of_criminal_exploitation_before_its_time_is_unknown(tmp_path: Path) -> None:
    early = assessment("24A", ended="2021-03-01", started="2021-02-01")
    tables, notes = read(tmp_path, message(child(episode(early)), head=header("2021")))
    assert counted(tables, EPISODES, "CCE") == "x"
    assert f"{factor_counts.UNKNOWN_FACTOR}: 1 (child 1)" in notes.remarks


def test_a_year_without_a_completed_assessment_is_not_recorded_and_never_zero(tmp_path: Path) -> None:
    tables, _ = read(tmp_path, message(child(episode(assessment("11A", ended="")))))
    assert set(tables["observations"]["missing"]) == {":"}
    assert tables["observations"]["count"].isna().all()


@pytest.mark.parametrize(
    ("ended", "episodes"),
    [("2023-03-31", ":"), ("2023-04-01", 1), ("2024-02-29", 1), ("2024-03-31", 1), ("2024-04-01", ":")],
)
def test_the_census_year_runs_from_1_april_to_31_march(ended: str, episodes: object, tmp_path: Path) -> None:
    tables, _ = read(tmp_path, message(child(episode(assessment("11A", ended=ended, started="2023-03-01")))))
    assert counted(tables, EPISODES, "CSE") == episodes
    rows = tables["observations"]
    assert set(rows["period_start"]) == {pd.Timestamp("2023-04-01")}
    assert set(rows["period_end"]) == {pd.Timestamp("2024-03-31")}


Recorded = tuple[int, int, int, frozenset[str]]
recorded = st.tuples(
    st.integers(0, 3),
    st.integers(0, 2),
    st.integers(-40, 400),
    st.frozensets(st.sampled_from(["11A", "24A", "10A", "15A", "21"])),
)


@settings(max_examples=40)
@given(st.lists(recorded, max_size=12))
def test_counts_are_those_of_a_plain_enumeration(
    tmp_path_factory: pytest.TempPathFactory, assessments: list[Recorded]
) -> None:
    start = date(2023, 4, 1)
    children = []
    for who in range(4):
        days = {(start + timedelta(referral)).isoformat(): referral for referral in range(3)}
        episodes = [
            episode(
                *(
                    assessment(*codes, ended=(start + timedelta(day)).isoformat(), started="2020-01-01")
                    for one, other, day, codes in assessments
                    if (one, other) == (who, referral)
                ),
                referred=referred,
            )
            for referred, referral in days.items()
        ]
        children.append(child(*episodes, name=f"CHILD-{who}"))
    tables, _ = read(tmp_path_factory.mktemp("census"), message(*children))
    within = [one for one in assessments if 0 <= one[2] <= 365]
    with_cse = [one for one in within if "11A" in one[3]]
    expected = (len({one[:2] for one in with_cse}), len({one[0] for one in with_cse})) if within else (":", ":")
    assert (counted(tables, EPISODES, "CSE"), counted(tables, "children_with_factor", "CSE")) == expected


# How files differ


def test_order_namespace_blanks_and_stray_text_change_nothing(tmp_path: Path) -> None:
    plain, _ = read(tmp_path, message(child(episode(assessment("11A", "24A")))))
    other_way_round = (
        (
            '<?xml version="1.0" encoding="utf-8"?>\n<c:Message xmlns:c="urn:census">stray<c:Children>stray'
            "<c:Child>stray<c:CINdetails>\n<c:Assessments><c:FactorsIdentifiedAtAssessment>stray"
            "<c:AssessmentFactors> 11A </c:AssessmentFactors><c:AssessmentFactors>24A</c:AssessmentFactors>"
            "</c:FactorsIdentifiedAtAssessment><!-- a remark --><c:AssessmentAuthorisationDate> 2023-06-30T00:00:00\n"
            "</c:AssessmentAuthorisationDate></c:Assessments><c:CINreferralDate>2023-05-01</c:CINreferralDate>"
            "</c:CINdetails><c:ChildIdentifiers><c:LAchildID>CHILD-A</c:LAchildID></c:ChildIdentifiers></c:Child>"
            "</c:Children>stray"
        )
        + header().replace("</", "<|").replace("<", "<c:").replace("<c:|", "</c:")
        + "</c:Message>"
    )
    other, notes = read(tmp_path, other_way_round)
    columns = ["measure", "unit", "exploitation_type", "area_code", "count", "missing", "period_end"]
    pd.testing.assert_frame_equal(other["observations"][columns], plain["observations"][columns])
    assert notes.remarks == ["completed assessments that were counted: 1"]


def test_unknown_elements_are_counted_and_not_named(tmp_path: Path) -> None:
    odd = child("<SECRETNAME>SECRET</SECRETNAME>", episode(assessment("11A"), "<SECRETNAME/>"), name="CHILD-B")
    tables, notes = read(tmp_path, message(child(), odd))
    assert counted(tables, EPISODES, "CSE") == 1
    assert f"{census.UNKNOWN_ELEMENT}: 2 (child 2)" in notes.remarks
    assert "SECRET" not in everything(notes)


def test_a_child_who_stands_twice_is_one_child_and_a_repeated_episode_one_episode(tmp_path: Path) -> None:
    tables, notes = read(
        tmp_path,
        message(
            child(episode(assessment("11A"))),
            child(episode(assessment("11A")), episode(assessment("11A"), referred="2023-10-01")),
        ),
    )
    assert counted(tables, EPISODES, "CSE") == 2
    assert counted(tables, "children_with_factor", "CSE") == 1
    assert f"{census.REPEATED_CHILD}: 1 (child 2)" in notes.remarks


def test_children_without_identifier_are_children_of_their_own(tmp_path: Path) -> None:
    nobody = child(episode(assessment("11A"))).replace("<LAchildID>CHILD-A</LAchildID>", "")
    tables, notes = read(tmp_path, message(nobody, nobody))
    assert counted(tables, "children_with_factor", "CSE") == 2
    assert f"{census.NO_IDENTIFIER}: 2 (child 1, 2)" in notes.remarks


def test_episodes_without_a_day_of_referral_are_episodes_of_their_own(tmp_path: Path) -> None:
    undated = episode(assessment("11A"), referred="")
    tables, _ = read(tmp_path, message(child(undated, undated)))
    assert counted(tables, EPISODES, "CSE") == 2


# What is left out is told


@pytest.mark.parametrize(
    ("faulty", "rule"),
    [
        (assessment("11A", ended=""), census.NOT_COMPLETED),
        (assessment("11A", ended="30/06/2023"), census.UNREADABLE),
        (assessment("11A", ended="2023-02-30"), census.UNREADABLE),
        (assessment("11A", ended="20230630"), census.UNREADABLE),
        (assessment("11A", ended="2023-05-31"), census.IMPOSSIBLE),
        (assessment("11A", started="yesterday"), census.IMPOSSIBLE),
        (assessment("11A", ended="2022-06-30", started="2022-06-01"), census.BEFORE),
        (assessment("11A", ended="2024-06-30"), census.AFTER),
    ],
)
def test_an_assessment_that_cannot_be_placed_is_left_out_and_told(faulty: str, rule: str, tmp_path: Path) -> None:
    good = child(episode(assessment("11A")))
    tables, notes = read(tmp_path, message(good, child(episode(faulty), name="CHILD-B")))
    assert counted(tables, EPISODES, "CSE") == 1
    assert f"{rule}: 1 (child 2)" in notes.remarks
    assert notes.counts[Coercion.NOT_USED, "assessments"] == 1


def test_two_different_authorisation_dates_are_no_date(tmp_path: Path) -> None:
    second = "<AssessmentAuthorisationDate>2023-07-30</AssessmentAuthorisationDate></Assessments>"
    _, notes = read(tmp_path, message(child(episode(assessment("11A").replace("</Assessments>", second)))))
    assert f"{census.UNREADABLE}: 1 (child 1)" in notes.remarks


def test_an_assessment_outside_an_episode_is_left_out_and_told(tmp_path: Path) -> None:
    tables, notes = read(tmp_path, message(child(episode(assessment("11A")), assessment("24A"))))
    assert counted(tables, EPISODES, "CCE") == 0
    assert f"{census.OUTSIDE_AN_EPISODE}: 1 (child 1)" in notes.remarks


def test_an_unknown_factor_code_is_not_counted_and_the_others_are(tmp_path: Path) -> None:
    tables, notes = read(tmp_path, message(child(episode(assessment("SECRET", "11A", "11a")))))
    assert counted(tables, EPISODES, "CSE") == 1
    assert f"{factor_counts.UNKNOWN_FACTOR}: 2 (child 1)" in notes.remarks
    assert "SECRET" not in everything(notes)


def test_only_the_first_dozen_children_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    open_cases = [child(episode(assessment("11A", ended="")), name=f"CHILD-{place}") for place in range(20)]
    _, notes = read(tmp_path, message(*open_cases))
    dozen = ", ".join(map(str, range(1, 13)))
    assert f"{census.NOT_COMPLETED}: 20 (child {dozen} and 8 more)" in notes.remarks


def test_every_assessment_is_counted_or_left_out(tmp_path: Path) -> None:
    ends = ["2023-06-30", "", "nonsense", "2020-01-01", "2025-01-01", "2023-07-01"]
    _, notes = read(tmp_path, message(child(*(episode(assessment("11A", ended=end)) for end in ends))))
    assert "completed assessments that were counted: 2" in notes.remarks
    assert notes.counts[Coercion.NOT_USED, "assessments"] == len(ends) - 2


def test_no_identifier_and_no_value_is_ever_told(tmp_path: Path) -> None:
    secret = child(
        episode(assessment("99SECRET", ended="SECRET"), assessment("SECRET"), referred="SECRET"), name="SECRET"
    )
    tables, notes = read(tmp_path, message(secret, secret))
    assert "SECRET" not in everything(notes)
    assert not any(table.astype("string").apply(lambda cells: cells.str.contains("SECRET")).any(axis=None)
                   for table in tables.values())  # fmt: skip


# What stops the import


@pytest.mark.parametrize(
    ("head", "columns"),
    [
        (header(year="2023", reference="2024-03-31"), ["Year, ReferenceDate"]),
        (header(reference="2024-07-21"), ["Year, ReferenceDate"]),
        (header(reference="2024-02-30"), ["Year, ReferenceDate"]),
        (header(year="SECRET", reference="2024-03-31"), ["Year, ReferenceDate"]),
        (header(lea="", year=" "), ["LEA", "Year"]),
        (header(lea="897"), ["LEA"]),
        (header(lea="SECRET"), ["LEA"]),
        (header(collection="SSDA903"), ["Collection"]),
        (header().replace("<Year>2024</Year>", "<Year>2024</Year><Year>2023</Year>"), ["Year"]),
        ("<Header/>", ["Collection", "LEA", "Year", "ReferenceDate"]),
    ],
)
def test_a_header_that_does_not_say_whose_and_of_when_is_a_fault(head: str, columns: list[str], tmp_path: Path) -> None:
    tables, notes = read(tmp_path, message(child(episode(assessment("11A"))), head=head))
    assert tables == {}
    assert [fault.column for fault in notes.faults] == columns
    assert "SECRET" not in everything(notes)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (message(child(), head=""), "has no Header"),
        (message(), "has no Child element"),
        (message(child(episode(assessment("11A"))))[:-30], "no well-formed XML"),
        (message(child("<UPN>SECRET</Oops>")), "no well-formed XML"),
        ('<!DOCTYPE m [<!ENTITY a "SECRET">]>' + message(child("&a;")), "document type"),
        ('<!DOCTYPE m SYSTEM "file:///etc/passwd">' + message(child()), "document type"),
        ('<?xml version="1.0" encoding="no-such"?>' + message(child()), "XML|encoding"),
    ],
)
def test_a_broken_or_hostile_file_is_refused_in_words(content: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match=words) as refusal:
        read(tmp_path, content)
    assert "SECRET" not in str(refusal.value)


@pytest.mark.parametrize(("year", "code"), [("2022", OLD), ("2023", OLD), ("2024", NEW)])
def test_the_area_is_the_one_that_had_the_code_in_the_census_year(year: str, code: str, tmp_path: Path) -> None:
    tables, _ = read(tmp_path, message(child(), head=header(year, "898")))
    assert set(tables["observations"]["area_code"]) == {code}


# The source, and how the file is recognised


def test_the_source_is_not_public_and_names_nobody(tmp_path: Path) -> None:
    tables, _ = read(tmp_path, message(child()))
    (source,) = tables["sources"].to_dict("records")
    assert source["public"] is False
    assert source["data_to"] == date(2024, 3, 31)
    assert source["source_id"].startswith("return_cin_census_2024_")
    assert set(tables["observations"]["source_id"]) == {source["source_id"]}
    assert set(tables) == {"sources", "observations"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (message(), True),
        ("<m:Message xmlns:m='urn:x'/>", True),
        ("<Message><Header>", True),
        ("<", True),
        ("Message,Header\n1,2\n", False),
    ],
)
def test_the_return_is_recognised_by_its_root_and_a_broken_one_is_read_to_say_why(
    content: str, expected: bool, tmp_path: Path
) -> None:
    path = tmp_path / "any.name"
    path.write_text(content, encoding="utf-8")
    (reader,) = census.READERS
    assert reader.matches(open_file(path, Notes(path.name))) is expected


def test_a_large_return_is_read_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "large.xml"
    children = 20_000
    filler = "<ChildCharacteristics><Ethnicity>WBRI</Ethnicity></ChildCharacteristics>"
    with path.open("w", encoding="utf-8") as file:
        file.write(f"<Message>{header()}<Children>")
        for place in range(children):
            factor = "11A" if place % 4 == 0 else "20"
            file.write(child(filler, episode(assessment(factor)), name=f"CHILD-{place:06}"))
        file.write("</Children></Message>")
    notes = Notes(path.name)
    opened = open_file(path, notes)
    tracemalloc.start()
    tables = census.read_census(opened, notes, AREAS)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert counted(tables, "children_with_factor", "CSE") == children / 4
    assert counted(tables, ANY) == children
    assert path.stat().st_size > 9_000_000
    assert most < 6_000_000


# The samples: synthetic returns of csc-validator-be-cin and liia-tools, deliberately faulty (MIT)


@needs_samples
def test_the_sample_of_2022_holds_no_assessment_of_its_year() -> None:
    path = OFFICIAL / "cin-2022.xml"
    notes = Notes(path.name)
    areas = AREAS.assign(dfe_la_code="201")
    tables = census.read_census(open_file(path, notes), notes, areas)
    assert set(tables["observations"]["missing"]) == {":"}
    assert f"{census.BEFORE}: 1 (child 1)" in notes.remarks


@needs_samples
@pytest.mark.parametrize("name", ["d2i_cin_CIN_Census_2026.xml", "d2i_cin_fake_CIN_data.xml"])
def test_samples_that_contradict_themselves_are_refused(name: str) -> None:
    notes = Notes(name)
    assert census.read_census(open_file(OFFICIAL / name, notes), notes, AREAS) == {}
    assert [fault.column for fault in notes.faults] == ["Year, ReferenceDate"]


@needs_samples
def test_the_faulty_sample_is_read_as_far_as_it_goes_once_its_header_is_put_right(tmp_path: Path) -> None:
    content = (OFFICIAL / "d2i_cin_CIN_Census_2026.xml").read_text(encoding="utf-8")
    mended = content.replace("<Year>2023", "<Year>2024").replace("<LEA>201", "<LEA>899")
    tables, notes = read(tmp_path, mended)
    # The first child's assessment starts in 2028 and is authorised in 2020; the second's has no factor code.
    assert f"{census.IMPOSSIBLE}: 1 (child 1)" in notes.remarks
    assert f"{factor_counts.NO_FACTOR}: 1 (child 2)" in notes.remarks
    assert counted(tables, ANY) == 0
