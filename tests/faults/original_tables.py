"""Small tables laid out as their publishers lay them out. The areas are real, every figure is made up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Line = Sequence[object]

# Office for National Statistics code, name, the Department for Education's code, region and force.
EAST, WEST = ("E12000004", "East Midlands"), ("E12000005", "West Midlands")
AUTHORITIES = [
    ("E06000015", "Derby", "831", EAST, ("E23000018", "Derbyshire")),
    ("E10000007", "Derbyshire", "830", EAST, ("E23000018", "Derbyshire")),
    ("E06000016", "Leicester", "856", EAST, ("E23000021", "Leicestershire")),
    ("E10000018", "Leicestershire", "855", EAST, ("E23000021", "Leicestershire")),
    ("E10000019", "Lincolnshire", "925", EAST, ("E23000020", "Lincolnshire")),
    ("E06000018", "Nottingham", "892", EAST, ("E23000019", "Nottinghamshire")),
    ("E10000024", "Nottinghamshire", "891", EAST, ("E23000019", "Nottinghamshire")),
    ("E06000017", "Rutland", "857", EAST, ("E23000021", "Leicestershire")),
    ("E06000019", "Herefordshire, County of", "884", WEST, ("E23000016", "West Mercia")),
    ("E06000051", "Shropshire", "893", WEST, ("E23000016", "West Mercia")),
    ("E06000020", "Telford and Wrekin", "894", WEST, ("E23000016", "West Mercia")),
    ("E10000034", "Worcestershire", "885", WEST, ("E23000016", "West Mercia")),
]
# A district or two of each county, with its community safety partnership.
DISTRICTS = {
    "E10000007": [("E07000032", "Amber Valley", "E22000037"), ("E07000033", "Bolsover", "E22000038")],
    "E10000018": [("E07000129", "Blaby", "E22000163")],
    "E10000019": [("E07000136", "Boston", "E22000173")],
    "E10000024": [("E07000170", "Ashfield", "E22000252")],
    "E10000034": [("E07000234", "Bromsgrove", "E22000368")],
}
ANGLESEY = ("W06000001", "Ynys Môn")


def published() -> dict[str, Sequence[Line]]:
    return {
        "factors": [*_factors((2025, 2024, 2021))],
        "earlier factors": [*_reordered(_factors((2024, 2021), revised=3))],
        "referrals": [*_referrals()],
        "children": [*_children()],
        "single years": [*_single_years()],
        "neighbours": [*_neighbours()],
        "crime": [*_crime(0)],
        "responders": [*_responders()],
        **_lookups(),
    }


PLACE = ["country_code", "country_name", "region_code", "region_name", "old_la_code", "new_la_code", "la_name"]
ENGLAND = ["E92000001", "England"]
FACTORS = [
    "Alcohol_Misuse_child",
    "Alcohol_Misuse_parent",
    "Alcohol_Misuse_person",
    "Drug_Misuse_child",
    "Drug_Misuse_parent",
    "Drug_Misuse_person",
    "Domestic_Abuse_child",
    "Domestic_Abuse_parent",
    "Domestic_Abuse_person",
    "Mental_Health_child",
    "Mental_Health_parent",
    "Mental_Health_person",
    "Learning_Disability_child",
    "Learning_Disability_parent",
    "Learning_Disability_person",
    "Physical_Disability_child",
    "Physical_Disability_parent",
    "Physical_Disability_person",
    "Young_Carer",
    "Privately_fostered",
    "Unaccompanied_asylum_seeker",
    "Going_missing",
    "Child_sexual_exploitation",
    "Trafficking",
    "Gangs",
    "Socially_unacceptable_behaviour",
    "Self_harm",
    "Neglect",
    "Emotional_Abuse",
    "Physical_Abuse_unknown",
    "Physical_Abuse_child_on_child",
    "Physical_Abuse_adult_on_child",
    "Sexual_Abuse_unknown",
    "Sexual_Abuse_child_on_child",
    "Sexual_Abuse_adult_on_child",
    "Female_Genital_Mutilation",
    "Faith_linked_abuse",
    "Child_criminal_exploitation",
    "Other",
]


def _by_area(year: int, figures: dict[str, list[int]], rounded: int) -> Iterator[list[object]]:
    """The rows of a year: England, its regions, its authorities. Figures of wider areas are rounded."""
    start = [year, "Reporting year"]

    def added(codes: list[str]) -> list[int]:
        return [
            round(sum(column), -1 if rounded else 0) for column in zip(*(figures[one] for one in codes), strict=True)
        ]

    yield [*start, "National", *ENGLAND, "", "", "", "", "", *added([*figures])]
    for region in (EAST, WEST):
        inside = [code for code, _, _, of, _ in AUTHORITIES if of is region]
        yield [*start, "Regional", *ENGLAND, *region, "", "", "", *added(inside)]
    for code, name, dfe, region, _ in AUTHORITIES:
        yield [*start, "Local authority", *ENGLAND, *region, dfe, code, name, *figures[code]]


def _factors(years: Sequence[int], revised: int = 0) -> Iterator[Line]:
    """Table C3: episodes with each factor. Small counts are suppressed, and criminal exploitation begins in 2022."""
    yield [
        "time_period",
        "time_identifier",
        "geographic_level",
        *PLACE,
        "category",
        "Episodes_with_assessment_factor",
        *FACTORS,
    ]
    for year in years:
        figures = {
            code: [
                1_200 + 37 * place + year % 100,
                *((6 + 11 * place + 7 * factor) % 190 + revised for factor in range(39)),
            ]
            for place, (code, *_) in enumerate(AUTHORITIES)
        }
        for row in _by_area(year, figures, rounded=10):
            level, counts = row[2], row[10:]
            if level == "Local authority":
                counts = ["c" if isinstance(count, int) and count < 6 else count for count in counts]
            if year < 2022:
                counts[-2] = "x"
            yield [*row[:10], "Factors identified at the end of assessment", *counts]


def _reordered(rows: Iterator[Line]) -> Iterator[Line]:
    """The columns in the order of another edition: the last figures come first."""
    return ([*row[:11], *reversed(row[11:])] for row in rows)


def _referrals() -> Iterator[Line]:
    counts = ["referral_count", "rereferral_count", "rereferral_percent", "no_further_action_count"]
    counts += ["no_further_action_percent", "not_in_need_count", "not_in_need_percent", "referral_child_count"]
    counts += ["rereferral_child_count", "rereferral_child_percent"]
    yield ["time_period", "time_identifier", "geographic_level", *PLACE, "category", *counts]
    for year in (2025, 2024):
        figures = {
            code: [4_100 + 310 * place, 700 + 21 * place, 20, 90, 3, 950, 23, 3_700 + 90 * place, 610, 17]
            for place, (code, *_) in enumerate(AUTHORITIES)
        }
        for row in _by_area(year, figures, rounded=10):
            yield [*row[:10], "Referrals and Re-referrals", *row[10:]]


def _children() -> Iterator[Line]:
    yield ["time_period", "time_identifier", "geographic_level", *PLACE, "age_group", "population_estimate"]
    for year in (2024, 2023, 2020):
        figures = {code: [8_300 + 14_011 * place + year % 100] for place, (code, *_) in enumerate(AUTHORITIES)}
        for row in _by_area(year, figures, rounded=0):
            yield [*row[:10], "Children aged 0 to 17 years", *row[10:]]


def _single_years() -> Iterator[Line]:
    yield ["utla23_code", "utla23_name", "all_ages", "p0_17", "p10_17", *range(90), "90+"]
    for place, (code, name) in enumerate([*((one[0], one[1]) for one in AUTHORITIES), ANGLESEY]):
        ages = [410 + 13 * place + age % 17 for age in range(91)]
        yield [code, name, sum(ages), sum(ages[:18]), sum(ages[10:18]), *ages]


def _neighbours() -> Iterator[Line]:
    pairs = [heading for rank in range(1, 11) for heading in (f"SN_{rank}", f"SN_{rank}P")]
    yield ["old_la_code", "la_name", "region_ind", "region_name", *pairs]
    for code, name, dfe, region, _ in AUTHORITIES:
        others = [other[2] for other in AUTHORITIES if other[0] != code][:10]
        yield [dfe, name, 4, region[1], *(cell for other in others for cell in (other, "Close "))]


OFFENCES = [
    ("Abuse of children through sexual exploitation", "Sexual offences", "Other sexual offences", "71"),
    ("Sexual grooming", "Sexual offences", "Other sexual offences", "88A"),
    ("Shoplifting", "Theft offences", "Shoplifting", "46"),
]
FORCES = sorted({force[1] for *_, force in AUTHORITIES})


def _crime(later: int) -> Iterator[Line]:
    """Police recorded crime of a financial year, with blanks around the figures, as the Home Office pads them."""
    headings = (
        "Financial Year|Financial Quarter|Force Name|Offence Description|Offence Group|Offence Subgroup|Offence Code"
    )
    yield [*headings.split("|"), "Number of Offences"]
    for quarter in (1, 2, 3, 4):
        yield [
            f"{2017 + later}/{18 + later}",
            quarter,
            "Action Fraud",
            "Fraud offences",
            "Fraud",
            "Fraud",
            "AF",
            " 66,776 ",
        ]
        for place, force in enumerate(FORCES):
            for number, offence in enumerate(OFFENCES):
                figure = 2 + 3 * place + 11 * number + quarter + later
                yield [f"{2017 + later}/{18 + later}", quarter, force, *offence, f" {figure} "]


def crime_sheets() -> dict[str, Sequence[Line]]:
    cover = [["Police recorded crime open data tables"], ["Figures of forces in England and Wales"]]
    numbered = {
        f"20{17 + later}-{18 + later}": [
            [*row[:-1], row[-1] if row[-1] == "Number of Offences" else int(str(row[-1]).replace(",", ""))]
            for row in _crime(later)
        ]
        for later in (0, 1)
    }
    return {"Cover_sheet": cover, **numbered}


def _responders() -> Iterator[Line]:
    """Referrals to the National Referral Mechanism with the totals that the Home Office states."""
    yield [
        "quarter",
        "first_responder_type",
        "first_responder",
        "exploitation_type",
        "age_at_exploitation",
        "referrals",
    ]
    ages = ("Adult (18 or over)", "Child (17 or under)")
    for quarter in ("2023-Q3", "2023-Q4"):
        every: dict[str, int] = {}
        for place, force in enumerate(FORCES):
            kinds = {"Criminal": (2, 11 + place), "Sexual": (1, 4 + place), "Sexual, Labour & Criminal": (3, 2)}
            yield [quarter, "Police", force, "Total", "Total", sum(map(sum, kinds.values()))]
            for kind, counts in kinds.items():
                every[kind] = every.get(kind, 0) + sum(counts)
                yield [quarter, "Police", force, kind, "Total", sum(counts)]
                yield from ([quarter, "Police", force, kind, age, n] for age, n in zip(ages, counts, strict=True))
        yield [quarter, "Police", "Police total", "Total", "Total", sum(every.values())]


def deprivation_sheets() -> dict[str, Sequence[Line]]:
    """The summaries of the Indices of Deprivation, with the blanks behind some of the ministry's headings."""

    def sheet(index: str, scale: float) -> list[Line]:
        district = "Upper Tier Local Authority District"
        measures = [f"{index} - Average rank ", f"{index} - Rank of average rank ", f"{index} - Average score "]
        measures += [f"{index} - Rank of average score "]
        figures = [
            [code, name, 22_581.98 - 417.5 * place, 21 + place, round(scale * (35.037 - place), 4), 9 + place]
            for place, (code, name, *_) in enumerate(AUTHORITIES)
        ]
        return [[f"{district} code (2019)", f"{district} name (2019)", *measures], *figures]

    notes = [["English Indices of Deprivation 2019"], ["Upper-tier summaries"]]
    return {"Notes": notes, "IMD": sheet("IMD", 1), "Income": sheet("Income", 0.01), "IDACI": sheet("IDACI", 0.01)}


def _lookups() -> dict[str, Sequence[Line]]:
    lower = [
        (district, partnership, authority)
        for place, authority in enumerate(AUTHORITIES)
        for *district, partnership in DISTRICTS.get(authority[0], [(*authority[:2], f"E220003{place + 40:02}")])
    ]
    country = ["E92000001", "England", "K04000001", "England and Wales"]
    wales = ["W92000004", "Wales", *country[2:]]
    return {
        "districts": [
            ["ltla23_code", "ltla23_name", "utla23_code", "utla23_name"],
            *([*district, *authority[:2]] for district, _, authority in lower),
            [*ANGLESEY, *ANGLESEY],
        ],
        "partnerships": [
            ["ltla24_code", "ltla24_name", "csp24_code", "csp24_name", "pfa24_code", "pfa24_name"],
            *([*district, partnership, district[1], *authority[4]] for district, partnership, authority in lower),
            [*ANGLESEY, "W14000001", ANGLESEY[1], "W15000001", "North Wales"],
        ],
        "regions": [
            ["UTLACD", "UTLANM", "CAUTHCD", "CAUTHNM", "RGNCD", "RGNNM", "CTRYCD", "CTRYNM", "EWCD", "EWNM"],
            *([*authority[:2], "", "", *authority[3], *country] for authority in AUTHORITIES),
            [*ANGLESEY, "", "", "", "", *wales],
        ],
        "authority codes": [
            ["old_la_code", "new_la_code", "la_name"],
            *([dfe, code, name] for code, name, dfe, _, _ in AUTHORITIES),
            ["702", "z", "British Forces Post Office overseas establishments"],
        ],
    }
