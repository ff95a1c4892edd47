"""Whether a service's caseload, referrals and time in service fit together, and what capacity its demand asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import poisson

from needs_assessment.methods.rates import FloatArray, columns, exact_poisson_limits, is_positive, refuse


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


def queue_load(demand: ArrayLike, capacity: ArrayLike) -> FloatArray:
    """Demand over capacity, both in arrivals per one unit of time: from 1 upwards a waiting list grows without end.

    Numbers, arrays or columns of one shape; what is missing gives a missing load.

    Raises ValueError, with the positions at fault, for a demand below 0 and for a capacity that is not above 0.

    Source: Fong and others (2022), medRxiv 2022.08.23.22279117.
    """
    arriving, served = columns(demand=demand, capacity=capacity)
    refuse(_not_negative("demand", arriving), _positive("capacity", served))
    return arriving / served


def target_mean_wait(target_wait: ArrayLike, factor: ArrayLike) -> FloatArray:
    """The mean wait at which few wait longer than the target: the target over `factor`, in the target's unit of time.

    Waits that are exponential go beyond `factor` times their mean with probability exp(-factor): 13.5% for 2, 1.8% for
    4, 0.2% for 6. Which share may wait longer is for the board to say, so that there is no default.

    Raises ValueError, with the positions at fault, unless both are above 0.

    Source: Fong and others (2022), medRxiv 2022.08.23.22279117.
    """
    longest, times = columns(target_wait=target_wait, factor=factor)
    refuse(_positive("target_wait", longest), _positive("factor", times))
    return longest / times


def target_queue(demand: ArrayLike, target_wait: ArrayLike, factor: ArrayLike) -> FloatArray:
    """The length of a waiting list whose mean wait is the target over `factor`: by Little's law demand times that wait.

    Demand is in arrivals per unit of time of `target_wait`.

    Raises ValueError, with the positions at fault, for a demand below 0 and for a wait or factor not above 0.

    Source: Fong and others (2022), medRxiv 2022.08.23.22279117; Little (1961), Operations Research 9, 383-387.
    """
    arriving, longest, times = columns(demand=demand, target_wait=target_wait, factor=factor)
    refuse(_not_negative("demand", arriving), _positive("target_wait", longest), _positive("factor", times))
    return arriving * target_mean_wait(longest, times)


def relief_capacity(demand: ArrayLike, queue: ArrayLike, target_queue: ArrayLike, time: ArrayLike) -> FloatArray:
    """The capacity that brings a waiting list from `queue` to `target_queue` within `time`, on average.

    demand + (queue - target_queue) / time, in arrivals per unit of time; below the demand where the list is shorter
    than its target. By chance the list is then above its target about as often as below.

    Raises ValueError, with the positions at fault, for a demand or queue below 0 and for a time not above 0.

    Source: Fong and others (2022), medRxiv 2022.08.23.22279117.
    """
    stated = columns(demand=demand, queue=queue, target_queue=target_queue, time=time)
    arriving, waiting, wanted, within = stated
    lengths = zip(("demand", "queue", "target_queue"), stated, strict=False)
    refuse(*(_not_negative(*length) for length in lengths), _positive("time", within))
    return arriving + (waiting - wanted) / within


def target_capacity(
    demand: ArrayLike, target_wait: ArrayLike, factor: ArrayLike, cv_demand: ArrayLike, cv_capacity: ArrayLike
) -> FloatArray:
    """The capacity at which the mean wait settles at or below the target over `factor`, in arrivals per unit of time.

    demand + (cv_demand^2 + cv_capacity^2) / 2 * factor / target_wait. The coefficients of variation (standard deviation
    over mean) are those of the times between arrivals and between completions where nobody has to be waited for: 1 for
    each where they come at random. Assumes first come, first served, and a demand that neither grows nor has a season.

    Raises ValueError, with the positions at fault, for a demand or coefficient below 0 and for a wait or factor not
    above 0.

    Source: Fong and others (2022), medRxiv 2022.08.23.22279117, from Kingman (1961), Proceedings of the Cambridge
    Philosophical Society 57, 902-904.
    """
    arriving, longest, times, varies, serves = columns(
        demand=demand, target_wait=target_wait, factor=factor, cv_demand=cv_demand, cv_capacity=cv_capacity
    )
    named = {"demand": arriving, "cv_demand": varies, "cv_capacity": serves}
    rules = [_not_negative(name, figures) for name, figures in named.items()]
    refuse(*rules, _positive("target_wait", longest), _positive("factor", times))
    return arriving + (varies**2 + serves**2) / 2 / target_mean_wait(longest, times)


def pressure(mean_wait: ArrayLike, target_wait: ArrayLike, factor: ArrayLike) -> FloatArray:
    """The mean wait over the target mean wait (see `target_mean_wait`): above 1 waits are longer than wanted.

    The published definition has 2 for `factor` whatever the factor of the target is, so that at 1 more than one in
    eight waits longer than the target (see the page of the method). Give the factor of the target.

    Raises ValueError, with the positions at fault, for a mean wait below 0 and for a target or factor not above 0.

    Source: NHSRwaitinglist, `calc_waiting_list_pressure`; Fong and others (2022), medRxiv 2022.08.23.22279117.
    """
    waits, longest, times = columns(mean_wait=mean_wait, target_wait=target_wait, factor=factor)
    refuse(_not_negative("mean_wait", waits), _positive("target_wait", longest), _positive("factor", times))
    return waits / target_mean_wait(longest, times)


def whole_time_equivalents(
    referrals_a_year: ArrayLike, years_in_service: ArrayLike, children_per_worker: ArrayLike
) -> FloatArray:
    """The whole-time workers that a year's referrals ask for, if all are taken and stay that long on average.

    referrals a year x years in service / children per worker. The last is the caseload norm, children supported at
    one time by one whole-time worker: a judgement that has to be stated, so that there is no default.

    Raises ValueError, with the positions at fault, for referrals or years below 0 and for a norm not above 0.

    Source: Little (1961), Operations Research 9, 383-387.
    """
    arrivals, years, norm = columns(
        referrals_a_year=referrals_a_year, years_in_service=years_in_service, children_per_worker=children_per_worker
    )
    named = {"referrals_a_year": arrivals, "years_in_service": years}
    refuse(*(_not_negative(*figures) for figures in named.items()), _positive("children_per_worker", norm))
    return arrivals * years / norm


def places_from_staff(whole_time_equivalents: ArrayLike, children_per_worker: ArrayLike) -> FloatArray:
    """The children whom that many whole-time workers support at one time, by a stated caseload norm.

    Raises ValueError, with the positions at fault, for workers below 0 and for a norm not above 0.
    """
    workers, norm = columns(whole_time_equivalents=whole_time_equivalents, children_per_worker=children_per_worker)
    refuse(_not_negative("whole_time_equivalents", workers), _positive("children_per_worker", norm))
    return workers * norm


def erlang_b(places: ArrayLike, offered_load: ArrayLike) -> FloatArray:
    """The share turned away by a service with that many places and no waiting list.

    `offered_load` is arrivals a year x mean years in service. Arrivals are random (Poisson); stays of any distribution.

    Raises ValueError, with the positions at fault, for places that are not whole or below 1 and for a load below 0.

    Source: Erlang (1917); Cooper (1981), Introduction to Queueing Theory, 2nd edition.
    """
    servers, load = columns(places=places, offered_load=offered_load)
    refuse(_whole_places(servers), _not_negative("offered_load", load))
    return np.asarray(poisson.pmf(servers, load) / poisson.cdf(servers, load))


def erlang_c(places: ArrayLike, offered_load: ArrayLike) -> FloatArray:
    """The share who have to wait at all, where all wait until one of the places is free; 1 from a full load upwards.

    Arrivals are random (Poisson) and stays exponential. For `offered_load` and the errors see `erlang_b`.

    Source: Erlang (1917); Cooper (1981), Introduction to Queueing Theory, 2nd edition.
    """
    servers, load = columns(places=places, offered_load=offered_load)
    blocked, spare = erlang_b(servers, load), 1 - load / servers
    return np.where(spare <= 0, 1.0, blocked / (blocked + (1 - blocked) * spare))


def erlang_queue(places: ArrayLike, offered_load: ArrayLike) -> FloatArray:
    """The mean number waiting, under the assumptions of `erlang_c`; infinity from a full load upwards.

    Over the arrivals a year it is the mean wait in years, of all who come.

    Source: Erlang (1917); Cooper (1981), Introduction to Queueing Theory, 2nd edition.
    """
    servers, load = columns(places=places, offered_load=offered_load)
    waits, full = erlang_c(servers, load), load >= servers
    return np.where(full, np.inf, waits * load / np.where(full, 1.0, servers - load))


def waits_on(joined: ArrayLike, left: ArrayLike, day: Any) -> FloatArray:
    """The days that each of those on a waiting list on `day` has waited by then, in the order given.

    `joined` and `left` are days, one each for everybody; `left` is missing for who has not left. Who leaves on the day
    no longer waits. Waits so far are not the waits to come: who waits long is on the list on more days.

    Raises ValueError, with the positions at fault, for a missing day of joining and for who leaves before joining.
    """
    came, went = (np.asarray(days, dtype="datetime64[D]") for days in (joined, left))
    refuse(("joined must not be missing", np.isnat(came)), ("left must not be before joined", went < came))
    on = np.datetime64(day, "D")
    waiting = (came <= on) & (np.isnat(went) | (went > on))
    return (on - came[waiting]).astype(np.float64)


def _positive(name: str, figures: FloatArray) -> tuple[str, Any]:
    return f"{name} must be above 0 and finite", ~(is_positive(figures) | np.isnan(figures))


def _not_negative(name: str, figures: FloatArray) -> tuple[str, Any]:
    return f"{name} must be 0 or more and finite", ~(is_positive(figures, or_zero=True) | np.isnan(figures))


def _whole_places(places: FloatArray) -> tuple[str, Any]:
    fault = (places < 1) | np.isinf(places) | (np.floor(places) != places)
    return "places must be a whole number of 1 or more", fault & ~np.isnan(places)
