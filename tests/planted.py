"""Evidence with a canary in every cell of words of a return that is not public, and the planted number in every kind of
cell that must not be published. Every place, service and return is made up.
"""

from __future__ import annotations

from canaries import NUMBER, canary
from small_evidence import BASE, COUNTRY, FIRST, FORCE, PRIVATE, SECOND

from needs_assessment.evidence import CONTRACTS

THIRD, FOURTH = "E06009003", "E06009004"
AREAS = (FIRST, SECOND, THIRD, FOURTH)
QUARTERS = ("2024-01-15", "2024-04-15", "2024-07-15", "2024-10-15")
REFERRALS = {FIRST: (3, 9, 4, 12), SECOND: (8, 2, 11, 7)}
LEVELS = {FIRST: {"low": 14, "medium": 3, "high": 2}, SECOND: {"low": 9, "medium": 7, "high": 8}}
PLANTED = str(NUMBER)
GROUPS_OF_OFFENCES = ("targeted_group_id", "organised_group_id")

Rows = list[dict[str, str]]


def tables() -> dict[str, Rows]:
    """Valid evidence: two authorities make up a police force area, two lie outside it."""
    return {**BASE, **_public(), **_records(), **_counts(), **_provision()}


def _own(name: str, number: int = 1, *words: str, **more: str) -> dict[str, str]:
    """A row of the return with a canary in each of the columns of `words`."""
    assert set(words) <= set(CONTRACTS[name].columns)
    return {column: canary(name, column, number) for column in words} | {"source_id": PRIVATE} | more


def _public() -> dict[str, Rows]:
    force = {"police_force_area_code": FORCE, "police_force_area_name": "Both"}
    names = {FIRST: "First", SECOND: "Second", THIRD: "Third", FOURTH: "Fourth"}
    areas = [
        {
            "area_code": code,
            "area_name": name,
            "longitude": str(-place),
            "latitude": "52.5",
            **(force if code in REFERRALS else {}),
        }
        for place, (code, name) in enumerate(names.items(), 1)
    ]
    return {
        "sources": [BASE["sources"][0], _own("sources", 1, "reference", "note", public="false")],
        "areas": [*areas, *BASE["areas"][2:]],
        "population": [*({"area_code": code} for code in AREAS), {"area_code": COUNTRY, "people": "12000000"}],
    }


def _records() -> dict[str, Rows]:
    """Records of single children: every small count of them is withheld."""
    received = [
        (area, day)
        for area, counts in REFERRALS.items()
        for day, n in zip(QUARTERS, counts, strict=True)
        for _ in range(n)
    ]
    open_at = [(area, level) for area, levels in LEVELS.items() for level, n in levels.items() for _ in range(n)]
    return {
        "referrals": [
            _own("referrals", n, "referral_id", "child_id", "referrer", area_code=area, referred_on=day)
            for n, (area, day) in enumerate(received, 1)
        ],
        "risk_reviews": [
            _own("risk_reviews", n, "child_id", area_code=area, risk_level=level, reviewed_on=day)
            for n, (area, level) in enumerate(open_at, 1)
            for day in ("2024-02-01", "2024-05-01")
        ],
        "offences": [
            _own(
                "offences", n, "offence_id", "victim_id", "suspect_id", "event_id", "offence_code", *GROUPS_OF_OFFENCES
            )
            for n in range(1, 8)
        ],
    }


def _counts() -> dict[str, Rows]:
    """Counts of the return. The planted number protects the 3 beside it, as their sum is published elsewhere."""
    offences = {"measure": "offences", "unit": "offence"}
    counted = {FIRST: "3", SECOND: PLANTED, FORCE: str(NUMBER + 3)}
    snapshots = {"2024-03-31": (14, 4, 3, 7), "2024-06-30": (18, 4, 6, 8)}
    return {
        "observations": [
            *({"area_code": code, "count": "24"} for code in AREAS),
            {"area_code": COUNTRY, "count": "12000"},
            {"area_code": FORCE, "count": counted[FORCE], **offences},
            *(_own("observations", 1, "note", area_code=code, count=n, **offences) for code, n in counted.items()),
            _own("observations", 2, "note", measure="budget", unit="pound", count=PLANTED),
        ],
        "risk_snapshots": [
            _own("risk_snapshots", 1, "note", residence=residence, count=str(count), as_at=day)
            for day, counts in snapshots.items()
            for residence, count in zip(("all", "out of force", "County", "City"), counts, strict=True)
        ],
        "risk_schemes": [
            _own("risk_schemes", 1, "description", risk_level=level, ordinal=str(place))
            for place, level in enumerate(("low", "medium", "high"), 1)
        ]
        + [{"scheme": "Another scheme", "risk_level": "serious"}],
        "risk_crosswalk": [_own("risk_crosswalk", 1, "note")],
        "service_returns": [
            _own("service_returns", 1, "note", measure=measure, unit=unit, value=value, target=PLANTED)
            for measure, unit, value in (
                ("spending", "pound", PLANTED),
                ("share", "per cent", PLANTED),
                ("hours", "other", PLANTED),
                ("halves", "child", f"{PLANTED}.5"),
                ("years_in_service", "year", PLANTED),
                ("weeks_waiting", "other", PLANTED),
                ("new_referrals", "child", "4"),
            )
        ],
        "breaks": [_own("breaks", 1, "description")],
    }


def _provision() -> dict[str, Rows]:
    """Words, money, places and staff of the return, beside a public source that speaks of the same service."""
    numbers = dict.fromkeys(("annual_value_gbp", "contract_value_gbp", "posts", "children_per_worker"), PLANTED)
    numbers |= dict.fromkeys(("places", "whole_time_equivalent_staff", "vacancies"), PLANTED)
    service = {"service_id": "a_service"}
    money = dict.fromkeys(("awarded_gbp", "spent_gbp"), PLANTED)
    return {
        "services": [
            service | {"age_from": "5", "age_to": "17"},
            _own("services", 1, "note", "extended_if", extended_age_to="24", **service, **numbers),
        ],
        "service_areas": [service, _own("service_areas", 1, "note", "funder", area_code=SECOND, **service)],
        "funding": [_own("funding", 1, "recipient", "funder", "purpose", "note", area_code=FIRST, **money)],
        "service_sites": [_own("service_sites", 1, "site_name", "note", site_id="a_site", places=PLANTED)],
        "travel_times": [
            _own("travel_times", 1, "origin_code", "note", children=PLANTED, site_id="a_site", minutes=PLANTED)
        ],
        "statements": [
            _own("statements", 1, "wording", "note", statement_id="one", area_code=FIRST, value=PLANTED, unit="child")
        ],
        "neighbours": [_own("neighbours", 1, "closeness")],
    }


OF_PLACES = frozenset({"areas", "districts", "boundaries", "layouts", "population", "deprivation", "peer_groups"})
"""Tables of places and of what is published of whole countries."""
NAMES = {
    *("sources.title", "sources.publisher", "sources.licence"),
    *(f"risk_crosswalk.{name}" for name in ("from_scheme", "from_level", "to_scheme", "to_level")),
    *(
        f"{table}.{name}"
        for table in ("risk_schemes", "risk_snapshots", "risk_reviews")
        for name in ("scheme", "risk_level")
    ),
    *("risk_snapshots.residence", "breaks.measure"),
    *(f"services.{name}" for name in ("service_name", "provider", "partners", "commissioners", "risk_levels")),
}
"""Columns of names, which are published as the return gives them (docs/disclosure.md)."""


def columns_of_free_words() -> set[str]:
    """The columns, as `table.column`, in which a return can write what it likes: text that is no name, no key and none
    of given words.
    """
    written = {
        f"{table}.{name}"
        for table, contract in CONTRACTS.items()
        for name, column in contract.columns.items()
        if table not in OF_PLACES and name not in {"source_id", "service_id"}
        if (column.metadata or {})["kind"] == "text" and not column.checks
    }
    return written - NAMES


def faulty_tables() -> dict[str, Rows]:
    """The same with a fault of every kind in the tables of the return, each told by a cell with a canary in it."""
    whole = tables()
    faults: dict[str, dict[str, str]] = {
        name: {column: canary(name, column) for column in columns}
        for name, columns in {
            "referrals": ("referred_on", "age", "area_code", "home_area_code", "sex", "accepted", "exploitation_type"),
            "risk_reviews": ("reviewed_on", "risk_level", "source_id", "scheme"),
            "offences": ("recorded_on", "online", "area_code"),
            "risk_snapshots": ("as_at", "count", "residence_area_code", "unit"),
            "service_returns": ("value", "service_id", "measure", "basis"),
            "observations": ("count", "measure", "period_end"),
            "sources": ("source_id", "public"),
        }.items()
    }
    address = f"{canary('referrals', 'referrer')}@example.org"
    twice = [whole["referrals"][0], whole["referrals"][1] | {"age": PLANTED, "referrer": address}]
    broken = {name: [*whole[name], {**whole[name][-1], **cells}] for name, cells in faults.items()}
    return whole | broken | {"referrals": [*broken["referrals"], *twice]}


def every_column_of_words() -> set[str]:
    """The canaries that `tables` has planted, as `table.column`."""
    rows = ((name, row) for name, stated in tables().items() for row in stated)
    return {f"{name}.{column}" for name, row in rows for column, cell in row.items() if cell.startswith("Żq ")}
