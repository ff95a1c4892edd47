"""Whether a service's caseload, referrals and time in service fit together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from needs_assessment.methods.rates import exact_poisson_limits, is_positive, refuse


class LittlesLawCheck(NamedTuple):
    """The mean time in service that a caseload and its arrivals imply, in years, beside the time that is stated.

    `lower` and `upper` carry the chance variation of the arrivals alone.
    """

    arrivals_per_year: float
    years_in_service: float
    lower: float
    upper: float
    years_in_service_stated: float

    @property
    def agrees(self) -> bool:
        """Whether the stated time lies within the limits: it is not contradicted, which is less than confirmed."""
        return self.lower <= self.years_in_service_stated <= self.upper


def littles_law(
    *, caseload: float | None = None, arrivals_per_year: float | None = None, years_in_service: float | None = None
) -> float:
    """The third of caseload, arrivals a year and mean years in service, from the two that are given.

    Caseload = arrivals a year x mean years in service, whatever the distributions, in a steady state: over the time
    considered as many leave as arrive. A service that is growing or closing is not in one.

    Raises ValueError unless exactly two are given, each above 0 and finite (a caseload may be 0).

    Source: Little (1961), Operations Research 9, 383-387.
    """
    stated = {"caseload": caseload, "arrivals_per_year": arrivals_per_year, "years_in_service": years_in_service}
    given = {name: figure for name, figure in stated.items() if figure is not None}
    if len(given) != len(stated) - 1:
        raise ValueError(f"exactly two of {', '.join(stated)} must be given, got: {', '.join(given) or 'none'}")
    refuse(*_rules(given))
    first, second = map(float, given.values())
    return first * second if caseload is None else first / second


def reconcile_caseload(
    caseload: float, arrivals: int, *, years_observed: float, years_in_service_stated: float, confidence: float = 0.95
) -> LittlesLawCheck:
    """The time in service implied by a caseload and the arrivals counted in `years_observed`, beside the stated time.

    Assumes a steady state (see `littles_law`). Arrivals of one quarter (`years_observed` 0.25) times four are a rough
    year: the limits are those of an exact Poisson count of arrivals and leave out season, trend and the variation of
    the caseload itself.

    Raises ValueError unless every figure is above 0 and finite (a caseload may be 0).

    Source: Little (1961), Operations Research 9, 383-387; Garwood (1936), Biometrika 28, 437-442.
    """
    stated = {"caseload": caseload, "arrivals": arrivals, "years_observed": years_observed}
    refuse(*_rules(stated | {"years_in_service_stated": years_in_service_stated}))
    fewest, most = exact_poisson_limits(arrivals, confidence)
    # The most arrivals imply the shortest stay.
    implied, lower, upper = (
        littles_law(caseload=caseload, arrivals_per_year=float(count) / years_observed)
        for count in (arrivals, most, fewest)
    )
    return LittlesLawCheck(arrivals / years_observed, implied, lower, upper, years_in_service_stated)


def _rules(figures: Mapping[str, float]) -> list[tuple[str, Any]]:
    # Only the caseload may be 0: it is never divided by.
    return [
        (f"{name} must be 0 or more and finite", ~is_positive(figure, or_zero=True))
        if name == "caseload"
        else (f"{name} must be above 0 and finite", ~is_positive(figure))
        for name, figure in figures.items()
    ]
