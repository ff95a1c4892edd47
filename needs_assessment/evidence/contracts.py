"""The evidence contracts, written once: validation and the data dictionary both come from here.

Each table is a pandera schema whose columns carry their description and, in their metadata, how the
text of a file is parsed. A table marked sensitive holds records of single children.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import pandas as pd
import pandera.pandas as pa

from needs_assessment.vocabulary import (
    ETHNIC_GROUPS,
    RECORD_HAS_NONE,
    AreaType,
    ExploitationType,
    FundingStatus,
    MissingCode,
    ProvisionTier,
    Unit,
)

AREA_CODE_PATTERN = r"[EWNSK]\d{8}"
OUTSIDE = "outside"
"""The home area of a child who lives outside every area of the evidence."""


def text(description: str, *, required: bool = True, pattern: str | None = None, says: str = "") -> pa.Column:
    """A column of words; `says` states the pattern in words, for the error and the dictionary."""
    checks = [pa.Check.str_matches(f"^{pattern}$", error=says)] if pattern else []
    return _column("string", "text", description, required, checks)


def one_of(words: type[StrEnum] | Sequence[str], description: str, *, required: bool = True) -> pa.Column:
    """A column whose every cell is one of the stated words."""
    allowed = [str(word) for word in words]
    check = pa.Check.isin(allowed, error="must be one of: " + ", ".join(allowed))
    return _column("string", "text", description, required, [check])


def list_of(words: type[StrEnum] | Sequence[str] | None, description: str) -> pa.Column:
    """A column of words separated by `|`; blank where none is stated."""
    checks = []
    if words is not None:
        allowed = "|".join(str(word) for word in words)
        checks = [
            pa.Check.str_matches(rf"^(?:{allowed})(?:\|(?:{allowed}))*$", error=f"words separated by | from: {allowed}")
        ]
    return _column("string", "text", description, False, checks)


def short_name(description: str) -> pa.Column:
    """A column of short names that other tables refer to."""
    return text(description, pattern=r"[a-z0-9_]+", says="must be lower-case letters, digits and underscores")


def area(description: str, *, required: bool = True, also: str | None = None) -> pa.Column:
    """A column of ONS nine-character area codes; `also` is one further word that may stand there."""
    pattern = AREA_CODE_PATTERN if also is None else f"(?:{AREA_CODE_PATTERN}|{also})"
    says = "must be an ONS nine-character area code" + (f", or {also}" if also else "")
    return text(description, required=required, pattern=pattern, says=says)


def day(description: str, *, required: bool = True) -> pa.Column:
    """A column of dates: 2024-04-01 or 01/04/2024, which is 1 April."""
    return _column("datetime64[us]", "day", description, required, [])


def whole(description: str, *, required: bool = True, least: int = 0, most: int | None = None) -> pa.Column:
    """A column of whole numbers, zero or more unless `least` says otherwise."""
    checks = [pa.Check.ge(least, error=f"must be {least} or more")]
    if most is not None:
        checks.append(pa.Check.le(most, error=f"must be {most} or less"))
    return _column("Int64", "whole", description, required, checks)


def number(description: str, *, required: bool = True) -> pa.Column:
    """A column of numbers, zero or more."""
    return _column("Float64", "number", description, required, [pa.Check.ge(0, error="must be 0 or more")])


def yes_no(description: str, *, required: bool = True) -> pa.Column:
    """A column of true or false."""
    return _column("boolean", "yes_no", description, required, [])


def _column(dtype: str, kind: str, description: str, required: bool, checks: list[pa.Check]) -> pa.Column:
    return pa.Column(dtype, checks=checks, nullable=not required, description=description, metadata={"kind": kind})


def _table(
    description: str,
    columns: dict[str, pa.Column],
    *,
    key: list[str],
    sensitive: bool = False,
    rules: list[pa.Check] | None = None,
) -> pa.DataFrameSchema:
    return pa.DataFrameSchema(
        columns,
        checks=rules or [],
        description=description,
        strict=True,
        ordered=False,
        metadata={"key": key, "sensitive": sensitive},
    )


def _in_order(first: str, last: str) -> pa.Check:
    def in_order(table: pd.DataFrame) -> pd.Series:
        return table[first].isna() | table[last].isna() | (table[first] <= table[last])

    return pa.Check(in_order, error=f"{last} must not be before {first}", name=f"{first}, {last}", ignore_na=False)


def _different(first: str, second: str) -> pa.Check:
    def different(table: pd.DataFrame) -> pd.Series:
        return table[first].isna() | table[second].isna() | table[first].ne(table[second])

    return pa.Check(different, error=f"{first} and {second} must differ", name=f"{first}, {second}", ignore_na=False)


def _one_each(of: str, column: str) -> pa.Check:
    """Whether all rows that one source has of a thing agree in a column."""

    def one_each(table: pd.DataFrame) -> pd.Series:
        return table.groupby(["source_id", of])[column].transform("nunique").le(1)

    return pa.Check(one_each, error=f"{column} must be the same in all rows of one {of}", name=f"{of}, {column}")


def _number_or_reason(value: str) -> pa.Check:
    def number_or_reason(table: pd.DataFrame) -> pd.Series:
        return table[value].isna() != table["missing"].isna()

    return pa.Check(
        number_or_reason,
        error=f"exactly one of {value} and missing must be given",
        name=f"{value}, missing",
        ignore_na=False,
    )


SOURCE = "the source that states this row"
NOTE = "what a reader must know of this row: ambiguity, contradiction, wording of the source"

CONTRACTS: dict[str, pa.DataFrameSchema] = {
    "sources": _table(
        "A publication or a return that figures were taken from.",
        {
            "source_id": short_name("short name of the source"),
            "title": text("title as published"),
            "publisher": text("who published or returned it"),
            "published_on": day("date of publication, where stated", required=False),
            "data_from": day("first day that its figures or records describe, where it is known", required=False),
            "data_to": day("last day that its figures or statements describe", required=False),
            "edition_of": text(
                "the publication that this is an edition of; of several editions the one with the latest data stands, "
                "and the others show what was revised",
                required=False,
                pattern=r"[a-z0-9_]+",
                says="must be lower-case letters, digits and underscores",
            ),
            "reference": text("where to find it: reference number, table, edition", required=False),
            "licence": text("licence under which it is used", required=False),
            "public": yes_no(
                "whether the figures are already published; figures of other sources pass the disclosure gate"
            ),
            "synthetic": yes_no("whether the records were made up by a generator"),
            "note": text(NOTE, required=False),
        },
        key=["source_id"],
        rules=[_in_order("data_from", "data_to")],
    ),
    "areas": _table(
        "An area in one vintage of its code.",
        {
            "area_code": area("ONS nine-character code"),
            "area_name": text("name as the report prints it"),
            "area_type": one_of(AreaType, "kind of area"),
            "other_names": list_of(None, "other spellings by which people know the area"),
            "police_force_area_code": area("code of the police force area", required=False),
            "police_force_area_name": text("name of the police force area", required=False),
            "region_code": area("code of the region", required=False),
            "region_name": text("name of the region", required=False),
            "dfe_la_code": text(
                "the Department for Education's three-digit code",
                required=False,
                pattern=r"\d{3}",
                says="must be three digits",
            ),
            "valid_from": day("first day of the code", required=False),
            "valid_to": day("last day of the code; blank while it is in use", required=False),
            "successor_code": area("the code that exactly replaced this one", required=False),
            "became": list_of(
                None,
                "where no code exactly replaced this one: the codes of the areas that it was split into or merged "
                "with, separated by |",
            ),
            "comparison_only": yes_no(
                "whether it stands here only so that others can be compared with it, and has no report of its own; "
                "blank is no",
                required=False,
            ),
            "longitude": _column(
                "Float64", "number", "degrees east of a point inside the area, for the tile map", False, []
            ),
            "latitude": _column(
                "Float64", "number", "degrees north of a point inside the area, for the tile map", False, []
            ),
        },
        key=["area_code"],
        rules=[_in_order("valid_from", "valid_to")],
    ),
    "districts": _table(
        "A district and the wider areas that it lies in, as one lookup states it: a row for each partnership.",
        {
            "source_id": text(SOURCE),
            "district_code": area("ONS code of the district or unitary authority"),
            "district_name": text("name of the district", required=False),
            "area_code": area("the upper-tier local authority that it lies in", required=False),
            "partnership_code": area("the community safety partnership that it lies in", required=False),
            "police_force_area_code": area("the police force area that it lies in", required=False),
        },
        key=["source_id", "district_code", "partnership_code"],
    ),
    "neighbours": _table(
        "A statistical neighbour of an area: another whose children live in similar circumstances.",
        {
            "source_id": text(SOURCE),
            "area_code": area("the area"),
            "neighbour_code": area("its neighbour"),
            "rank": whole("1 for the closest neighbour", least=1),
            "closeness": text("how close, in the words of the source", required=False),
        },
        key=["source_id", "area_code", "rank"],
    ),
    "deprivation": _table(
        "A published index of deprivation of an area.",
        {
            "source_id": text(SOURCE),
            "area_code": area("the area"),
            "index": one_of(["IMD", "IDACI"], "Index of Multiple Deprivation, or its index of children in low income"),
            "measure": one_of(
                [
                    "average rank",
                    "rank of average rank",
                    "average score",
                    "rank of average score",
                    "proportion in most deprived 10%",
                    "rank of proportion in most deprived 10%",
                    "extent",
                    "rank of extent",
                    "local concentration",
                    "rank of local concentration",
                ],
                "the summary of its neighbourhoods; rank 1 is the most deprived authority",
            ),
            "value": number("the published value"),
        },
        key=["source_id", "area_code", "index", "measure"],
    ),
    "boundaries": _table(
        "The boundary of an area, for maps.",
        {
            "source_id": text(SOURCE),
            "area_code": area("the area"),
            "geometry": text("polygon or multipolygon as well-known text, in degrees of longitude and latitude"),
        },
        key=["source_id", "area_code"],
    ),
    "layouts": _table(
        "The place of an area in a map of hexagons that somebody laid out by hand.",
        {
            "source_id": text(SOURCE),
            "area_code": area("the area"),
            "column": whole("column, from 0 in the west"),
            "row": whole("row, from 0 in the south; odd rows stand half a tile further east"),
        },
        key=["source_id", "area_code"],
    ),
    "population": _table(
        "Residents of an area in one age band at mid-year.",
        {
            "source_id": text(SOURCE),
            "area_code": area("the area"),
            "mid_year": whole("year of the mid-year estimate", least=1981, most=2100),
            "age_from": whole("youngest age of the band, in completed years"),
            "age_to": whole("oldest age of the band, in completed years"),
            "sex": one_of(["persons", "female", "male"], "sex"),
            "people": whole("residents, in people"),
        },
        key=["source_id", "area_code", "mid_year", "age_from", "age_to", "sex"],
        rules=[_in_order("age_from", "age_to")],
    ),
    "observations": _table(
        "A published or aggregated count for an area and a period.",
        {
            "source_id": text(SOURCE),
            "measure": short_name("what is counted"),
            "unit": one_of(Unit, "what one is"),
            "exploitation_type": one_of(
                ExploitationType, "the harm; blank where the measure is about another factor", required=False
            ),
            "area_code": area("the area"),
            "period_start": day("first day of the period"),
            "period_end": day("last day of the period"),
            "count": whole("the count", required=False),
            "missing": one_of(MissingCode, "why there is no count", required=False),
            "note": text(NOTE, required=False),
        },
        key=["source_id", "measure", "exploitation_type", "area_code", "period_start", "period_end", "note"],
        rules=[_in_order("period_start", "period_end"), _number_or_reason("count")],
    ),
    "peer_groups": _table(
        "What all authorities of a country recorded together in a period and how much they differ: for evidence that "
        "lacks the figures of each of them. Where it has these, both are worked out from them instead.",
        {
            "source_id": text(SOURCE),
            "group_code": area("the country"),
            "measure": short_name("what is counted"),
            "unit": one_of(Unit, "what one is"),
            "exploitation_type": one_of(
                ExploitationType, "the harm; blank where the measure is about another factor", required=False
            ),
            "period_start": day("first day of the period"),
            "period_end": day("last day of the period"),
            "authorities": whole("authorities of the country that the source names"),
            "counted": whole("those with a published count that is not in doubt"),
            "count": whole("the sum of these counts"),
            "person_years": number("the children aged 0 to 17 of the authorities counted, times years"),
            "dispersion": number("how many times as much as by chance their rates vary, odd authorities drawn in"),
            "between_sd": number("standard deviation of their rates beyond chance, per 10,000 children a year"),
            "outside_chance": whole("authorities outside the 95% limits that allow for chance alone"),
            "outside": whole("authorities outside the 95% limits that allow for their usual differences too"),
            "change_centre": _column(
                "Float64",
                "number",
                "median of the logarithms of the ratios of their rates to those of the year before",
                False,
                [],
            ),
            "change_sd": number("standard deviation of these logarithms beyond chance", required=False),
        },
        key=["group_code", "measure", "unit", "exploitation_type", "period_start", "period_end"],
        rules=[_in_order("period_start", "period_end")],
    ),
    "offences": _table(
        "One recorded offence.",
        {
            "source_id": text(SOURCE),
            "offence_id": text("pseudonym of the offence"),
            "victim_id": text("pseudonym of the victim", required=False),
            "suspect_id": text(
                "pseudonym of the suspect; a person who is a victim elsewhere has one number in both columns",
                required=False,
            ),
            "event_id": text("pseudonym of the event that joins offences", required=False),
            "targeted_group_id": text(
                "pseudonym of the school, home or social group in which the victim was targeted", required=False
            ),
            "organised_group_id": text(
                "pseudonym of the mapped organised crime group behind the offence", required=False
            ),
            "area_code": area("the area where it was recorded"),
            "exploitation_type": one_of(ExploitationType, "the harm"),
            "recorded_on": day("date of recording"),
            "offence_code": text("Home Office offence code", required=False),
            "online": yes_no("whether any part was online", required=False),
            "position_of_trust": yes_no("whether the suspect held a position of trust", required=False),
            "victim_missing_history": yes_no("whether the victim had been reported missing", required=False),
        },
        key=["source_id", "offence_id"],
        sensitive=True,
    ),
    "referrals": _table(
        "One referral of a child to a service.",
        {
            "source_id": text(SOURCE),
            "referral_id": text("pseudonym of the referral"),
            "child_id": text("pseudonym of the child"),
            "area_code": area("the area that received the referral"),
            "home_area_code": area(f"the child's home area, or `{OUTSIDE}`", required=False, also=OUTSIDE),
            "exploitation_type": one_of(ExploitationType, "the harm"),
            "referred_on": day("date the referral was received"),
            "age": whole("age in completed years at referral", required=False, most=25),
            "sex": one_of(["female", "male", "another or not recorded"], "sex as recorded", required=False),
            "ethnicity": one_of(
                [*ETHNIC_GROUPS, RECORD_HAS_NONE],
                "broad ethnic group as recorded; the groups are those of the Census 2021",
                required=False,
            ),
            "referrer": text("kind of organisation that referred", required=False),
            "accepted": yes_no("whether the service accepted the referral", required=False),
            "closed_on": day("date the case closed; blank while open", required=False),
        },
        key=["source_id", "referral_id"],
        sensitive=True,
        rules=[_in_order("referred_on", "closed_on")],
    ),
    "risk_reviews": _table(
        "One assessment of a child's risk level.",
        {
            "source_id": text(SOURCE),
            "child_id": text("pseudonym of the child"),
            "area_code": area("the area responsible"),
            "home_area_code": area(f"the child's home area, or `{OUTSIDE}`", required=False, also=OUTSIDE),
            "exploitation_type": one_of(ExploitationType, "the harm"),
            "scheme": text("local risk scheme, as in risk_schemes"),
            "risk_level": text("level in the scheme's own words"),
            "reviewed_on": day("date of the assessment"),
            "closed_on": day("date the child left the caseload; blank while open", required=False),
        },
        key=["source_id", "child_id", "exploitation_type", "reviewed_on"],
        sensitive=True,
        rules=[_in_order("reviewed_on", "closed_on")],
    ),
    "risk_snapshots": _table(
        "A published count of children at a risk level on a date.",
        {
            "source_id": text(SOURCE),
            "area_code": area("the area whose caseload it is"),
            "residence": text("where the children live: `all`, or a group in the source's words"),
            "residence_area_code": area("the area of the residence group, where it is one", required=False),
            "exploitation_type": one_of(ExploitationType, "the harm"),
            "scheme": text("local risk scheme, as in risk_schemes"),
            "risk_level": text("level in the scheme's own words"),
            "as_at": day("the date of the snapshot; the last day where only a month is published"),
            "unit": one_of(Unit, "what one is"),
            "count": whole("the count", required=False),
            "missing": one_of(MissingCode, "why there is no count", required=False),
            "note": text(NOTE, required=False),
        },
        key=["source_id", "area_code", "residence", "exploitation_type", "scheme", "risk_level", "as_at"],
        rules=[_number_or_reason("count")],
    ),
    "services": _table(
        "What one source says of one service. Sources that differ keep a row each.",
        {
            "service_id": short_name("short name of the service"),
            "source_id": text(SOURCE),
            "service_name": text("name as published"),
            "provider": text("who delivers it", required=False),
            "commissioners": list_of(None, "who pays for it, separated by |"),
            "tier": one_of(ProvisionTier, "provision tier", required=False),
            "intensity": list_of(["one-to-one", "group", "education", "training", "advice"], "form of support"),
            "exploitation_types": list_of(
                ExploitationType, "harms that the service is for; blank where it is not for exploitation"
            ),
            "risk_levels": list_of(None, "risk levels accepted, in the source's words; blank where not stated"),
            "client_group": one_of(["children", "adults", "children and adults", "professionals"], "whom it serves"),
            "age_from": whole("youngest age accepted", required=False, most=120),
            "age_to": whole("oldest age accepted", required=False, most=120),
            "extended_age_to": whole("oldest age accepted for those who meet the condition", required=False, most=120),
            "extended_if": text("the condition of the extended age", required=False),
            "works_with": list_of(["victims", "at risk"], "whom it works with; blank where not stated"),
            "self_referral": yes_no(
                "whether children or families may refer themselves; blank where not stated", required=False
            ),
            "partners": list_of(None, "who delivers it with the provider, separated by |"),
            "contract_value_gbp": number("value of the firm term, in pounds, where it is stated", required=False),
            "pooled_budget": yes_no(
                "whether its commissioners pay into one budget; blank where not stated", required=False
            ),
            "posts": number("posts paid for, whole-time equivalents", required=False),
            "children_per_worker": number(
                "the caseload norm, where a source states it: children supported at one time by one whole-time worker",
                required=False,
            ),
            "contract_start": day("first day of the firm term", required=False),
            "contract_end": day("last day of the firm term", required=False),
            "contract_precision": one_of(
                ["day", "year"], "whether the source gives days or only years", required=False
            ),
            "contract_months": whole("months of the firm term, where stated", required=False, least=1),
            "extension_months": text(
                "months of each extension option, such as 12|12",
                required=False,
                pattern=r"\d+(?:\|\d+)*",
                says="must be whole numbers separated by |",
            ),
            "annual_value_gbp": number("value of one year, in pounds", required=False),
            "places": whole("children supported at one time", required=False),
            "whole_time_equivalent_staff": number("staff in post, whole-time equivalents", required=False),
            "vacancies": whole("vacant posts", required=False),
            "reference_only": yes_no("whether the source lists it for reference only"),
            "note": text(NOTE, required=False),
        },
        key=["service_id", "source_id"],
        rules=[_in_order("age_from", "age_to"), _in_order("contract_start", "contract_end")],
    ),
    "service_areas": _table(
        "A service in an area, as one source states it.",
        {
            "service_id": text("the service"),
            "area_code": area("the area"),
            "source_id": text(SOURCE),
            "stated_for": one_of(
                ["area", "force"], "whether the source names the area itself or speaks of its whole police force area"
            ),
            "funding": one_of(FundingStatus, "how firmly it is paid for there"),
            "funder": text("who pays for it there, where stated", required=False),
            "start": day("first day; blank where the source describes the day it was published", required=False),
            "end": day("last day; blank where not stated", required=False),
            "note": text(NOTE, required=False),
        },
        key=["service_id", "area_code", "source_id"],
        rules=[_in_order("start", "end")],
    ),
    "service_sites": _table(
        "A place where a service sees children.",
        {
            "source_id": text(SOURCE),
            "service_id": text("the service"),
            "site_id": short_name("short name of the site"),
            "site_name": text("name of the site as published"),
            "places": whole("children supported at one time at this site", required=False),
            "note": text(NOTE, required=False),
        },
        key=["source_id", "service_id", "site_id"],
    ),
    "travel_times": _table(
        "How long it takes from a neighbourhood to a site of a service. A site without a row is out of reach.",
        {
            "source_id": text(SOURCE),
            "origin_code": text("code of the neighbourhood or other small area where children live"),
            "area_code": area("the local authority that it lies in"),
            "children": whole("children who live there"),
            "service_id": text("the service"),
            "site_id": short_name("the site, as in service_sites"),
            "minutes": number("travel time one way, in minutes"),
            "note": text(NOTE, required=False),
        },
        key=["source_id", "origin_code", "service_id", "site_id"],
        rules=[_one_each("origin_code", "area_code"), _one_each("origin_code", "children")],
    ),
    "service_returns": _table(
        "One reported figure of a provider's return.",
        {
            "source_id": text(SOURCE),
            "service_id": text("the service"),
            "area_code": area("the area the figure is for"),
            "period_start": day("first day of the period"),
            "period_end": day("last day of the period; the date itself for a snapshot"),
            "measure": short_name("what is reported"),
            "unit": one_of(Unit, "what one is"),
            "value": number("the reported figure", required=False),
            "basis": one_of(["in period", "cumulative", "snapshot"], "how the figure relates to the period"),
            "target": number("target for the figure, where stated", required=False),
            "note": text(NOTE, required=False),
        },
        key=["source_id", "service_id", "area_code", "period_start", "period_end", "measure", "note"],
        rules=[_in_order("period_start", "period_end")],
    ),
    "funding": _table(
        "One award of money.",
        {
            "source_id": text(SOURCE),
            "recipient": text("who received it"),
            "funder": text("who pays, where stated", required=False),
            "purpose": text("what it is for", required=False),
            "service_id": text("the service it pays for, where it is one", required=False),
            "area_code": area("the area it is for", required=False),
            "period_start": day("first day of the period"),
            "period_end": day("last day of the period"),
            "awarded_gbp": number("awarded, in pounds", required=False),
            "spent_gbp": number("spent so far, in pounds", required=False),
            "note": text(NOTE, required=False),
        },
        key=["source_id", "recipient", "purpose", "period_start", "note"],
        rules=[_in_order("period_start", "period_end")],
    ),
    "statements": _table(
        "A statement that has no place in another table: a reason, a milestone, a stated figure.",
        {
            "statement_id": short_name("short name of the statement"),
            "source_id": text(SOURCE),
            "topic": one_of(
                [
                    "data quality",
                    "demand",
                    "risk",
                    "service",
                    "timeliness",
                    "waiting",
                    "workforce",
                    "milestone",
                    "funding gap",
                    "partnership",
                    "training",
                ],
                "what it is about",
            ),
            "service_id": text("the service it is about", required=False),
            "area_code": area("the area it is about", required=False),
            "exploitation_type": one_of(ExploitationType, "the harm", required=False),
            "wording": text("the statement, close to the words of the source"),
            "value": number("the figure it states, where it states one", required=False),
            "unit": one_of(Unit, "unit of the figure", required=False),
            "note": text(NOTE, required=False),
        },
        key=["statement_id"],
    ),
    "breaks": _table(
        "A change in how things are recorded, or a figure that cannot be what it seems.",
        {
            "source_id": text(SOURCE),
            "measure": text("the measure, as in observations or risk_snapshots"),
            "exploitation_type": one_of(ExploitationType, "the harm; blank for all", required=False),
            "area_code": area("the area"),
            "changed_on": day("first day of the changed recording"),
            "description": text("what changed, and what cannot be concluded"),
        },
        key=["measure", "exploitation_type", "area_code", "changed_on"],
    ),
    "risk_schemes": _table(
        "A level of a local risk scheme.",
        {
            "scheme": text("name of the scheme"),
            "risk_level": text("the level, in the scheme's own words"),
            "ordinal": whole("position from the lowest, 1", least=1),
            "levels_in_scheme": whole("how many levels the scheme has", least=1),
            "description": text("what the level means or leads to", required=False),
            "source_id": text(SOURCE),
        },
        key=["scheme", "risk_level"],
        rules=[_in_order("ordinal", "levels_in_scheme")],
    ),
    "risk_crosswalk": _table(
        "A level of one local risk scheme and the level of another that a source says it corresponds to. A level "
        "without a row has no counterpart.",
        {
            "source_id": text(SOURCE),
            "from_scheme": text("the scheme that is translated, as in risk_schemes"),
            "from_level": text("its level"),
            "to_scheme": text("the scheme that it is translated into, as in risk_schemes"),
            "to_level": text("the level there that corresponds to it"),
            "note": text(NOTE, required=False),
        },
        key=["from_scheme", "from_level", "to_scheme"],
        rules=[_different("from_scheme", "to_scheme")],
    ),
}

REQUIRED_TABLES = ("sources", "areas", "population", "observations")


def sensitive_tables() -> tuple[str, ...]:
    """The tables that hold records of single children."""
    return tuple(name for name, contract in CONTRACTS.items() if (contract.metadata or {})["sensitive"])
