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
            _own("offences", n, "offence_id", "victim_id", "suspect_id", "event_id", "offence_code")
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
        ],
        "service_returns": [
            _own("service_returns", 1, "note", measure=measure, unit=unit, value=value, target=PLANTED)
            for measure, unit, value in (
                ("spending", "pound", PLANTED),
                ("share", "per cent", PLANTED),
                ("hours", "other", PLANTED),
                ("halves", "child", f"{PLANTED}.5"),
                ("new_referrals", "child", "4"),
            )
        ],
        "breaks": [_own("breaks", 1, "description")],
    }


def _provision() -> dict[str, Rows]:
    """Words, money, places and staff of the return, beside a public source that speaks of the same service."""
    numbers = dict.fromkeys(("annual_value_gbp", "places", "whole_time_equivalent_staff", "vacancies"), PLANTED)
    service = {"service_id": "a_service"}
    money = dict.fromkeys(("awarded_gbp", "spent_gbp"), PLANTED)
    return {
        "services": [
            service | {"age_from": "5", "age_to": "17"},
            _own("services", 1, "note", "extended_if", extended_age_to="24", **service, **numbers),
        ],
        "service_areas": [service, _own("service_areas", 1, "note", "funder", area_code=SECOND, **service)],
        "funding": [_own("funding", 1, "recipient", "purpose", "note", area_code=FIRST, **money)],
        "statements": [
            _own("statements", 1, "wording", "note", statement_id="one", area_code=FIRST, value=PLANTED, unit="child")
        ],
        "neighbours": [_own("neighbours", 1, "closeness")],
    }


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
