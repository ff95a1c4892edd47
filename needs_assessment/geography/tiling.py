"""A tile for each area: a map in which a small borough is as easy to see as a large county.

No layout is stored. The tiles follow from one point in each area, in three steps: give every area equal room
(`_roomy`), find the patch of the grid that the roomy map covers and the assignment of areas to its cells that moves
them least (`_assigned`, by scipy's `linear_sum_assignment`), and exchange pairs while that brings neighbours closer
together (`_exchanged`).
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

# Radius of the circle midway between two areas that must be empty for them to be neighbours, as a share of their
# distance. One half is the graph of Gabriel and Sokal (1969, Systematic Zoology 18:259); less gives more neighbours.
CLOSE_NEIGHBOURS, NEIGHBOURS = 0.5, 0.4
HOLD = 0.03
"""How firmly each area is held at its true place, against 1 for the true direction to a close neighbour."""
PUSHES = 100
SOFTNESS = 0.8
"""How far, in cells, an area spreads when the patch of grid is chosen: more rounds the coast off."""
STAY = 0.1
"""Weight of the squared move from the roomy place, against 1 for each cell between neighbours beyond the next."""
SHIFTS = tuple(product((0.0, 0.25, 0.5, 0.75), repeat=2))


def tiles(areas: pd.DataFrame) -> pd.DataFrame:
    """A tile for each area that has a point: area_code, column and row (both from 0, rows counted from the south).

    Neighbours stay near one another and in about their true direction, and the tiles lie close together. The same
    areas give the same tiles in whatever order they come. Takes about a second for England and Wales.
    """
    placed = areas.dropna(subset=["longitude", "latitude"]).sort_values("area_code", ignore_index=True)
    cells = _cells(_on_the_ground(placed)) if len(placed) else np.empty((0, 2), dtype=int)
    return pd.DataFrame({"area_code": placed["area_code"], "column": cells[:, 0], "row": cells[:, 1]})


def _on_the_ground(placed: pd.DataFrame) -> np.ndarray:
    """Points in degrees of latitude east and north: a degree of longitude is shorter the further north it is."""
    east = placed["longitude"].to_numpy(float) * np.cos(np.radians(placed["latitude"].to_numpy(float).mean()))
    return np.column_stack([east, placed["latitude"].to_numpy(float)])


def _cells(points: np.ndarray) -> np.ndarray:
    """The column and row of each point: of several positions of the grid, the one that keeps neighbours closest."""
    roomy = _roomy(points, _neighbours(points, CLOSE_NEIGHBOURS))
    linked = _neighbours(points, NEIGHBOURS)
    tries = [_exchanged(roomy + shift, _assigned(roomy + shift), linked) for shift in SHIFTS]
    _, best = min(tries, key=lambda found: found[0])
    return (best - best.min(axis=0)).astype(int)


def _neighbours(points: np.ndarray, radius: float) -> np.ndarray:
    """Whether two points are neighbours: no third lies in the circle of that radius midway between them."""
    from scipy.spatial.distance import cdist

    squared = cdist(points, points, "sqeuclidean")
    # By Apollonius, the sum of the squared distances from both points tells how far from the middle a third lies.
    reach = 2 * (radius**2 + 0.25) * squared * (1 - 1e-9)
    linked = ~np.eye(len(points), dtype=bool)
    for third in squared:
        linked &= third[:, None] + third >= reach
    return linked


def _roomy(points: np.ndarray, linked: np.ndarray) -> np.ndarray:
    """Places where each area stands about 1 from its neighbours, in their true directions: London gets its room.

    The least-squares solution of "every neighbour one step away in its true direction", lightly held at the true
    places, is linear; it can still fold dense parts together, which gentle pushes then open.
    """
    apart, distance = _apart(points)
    step = np.divide(apart, distance[..., None], out=np.zeros_like(apart), where=distance[..., None] > 0)
    usual = distance[linked].mean() if linked.any() else 0.0
    held = (points - points.mean(axis=0)) / (usual or 1.0)
    pulls = np.diag(linked.sum(axis=1) + HOLD) - linked
    wanted = HOLD * held - np.where(linked[..., None], step, 0).sum(axis=1)
    places = np.linalg.solve(pulls, wanted)
    for _ in range(PUSHES):
        places = places + _push(places, linked)
    return places


def _apart(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The step from each point to each other, and its length."""
    apart = points[None] - points[:, None]
    return apart, np.hypot(apart[..., 0], apart[..., 1])


def _push(places: np.ndarray, linked: np.ndarray) -> np.ndarray:
    """A small move of each place: away from all that are nearer than 1, and towards neighbours beyond 1.2."""
    apart, distance = _apart(places)
    np.fill_diagonal(distance, np.inf)
    away = np.clip(1 - distance, 0, None)
    back = np.where(linked, np.clip(distance - 1.2, 0, None), 0) / 10
    strength = np.divide(
        back - away, distance, out=np.zeros_like(distance), where=np.isfinite(distance) & (distance > 0)
    )
    return np.clip((0.25 * strength[..., None] * apart).sum(axis=1), -0.3, 0.3)


def _assigned(places: np.ndarray) -> np.ndarray:
    """A cell for each place: the patch of as many cells as lie thickest among the places, and the least total move."""
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    first, last = np.floor(places.min(axis=0)) - 2, np.ceil(places.max(axis=0)) + 2
    grid = np.array(list(product(np.arange(first[0], last[0] + 1), np.arange(first[1], last[1] + 1))))
    thickness = np.exp(-cdist(grid, places, "sqeuclidean") / (2 * SOFTNESS**2)).sum(axis=1)
    patch = grid[np.argsort(-thickness, kind="stable")[: len(places)]]
    _, chosen = linear_sum_assignment(cdist(places, patch, "sqeuclidean"))
    return patch[chosen]


def _exchanged(places: np.ndarray, cells: np.ndarray, linked: np.ndarray) -> tuple[float, np.ndarray]:
    """The total cost and the cells after the best exchange of two areas was made until none helps.

    Cost: the distance between neighbours beyond the next cell, and the squared move from the roomy places.
    """
    from scipy.sparse import csr_array
    from scipy.spatial.distance import cdist

    few = csr_array(linked.astype(float))
    beyond = np.clip(cdist(cells, cells) - 1, 0, None)
    moved = STAY * cdist(places, cells, "sqeuclidean")
    at = np.arange(len(cells))
    while True:
        cost = few @ beyond[at] + moved  # of each area in each cell, while the others stay
        here, there = np.diag(cost[:, at]), cost[:, at]
        # Two neighbours that change places are as far apart as before, which `cost` does not know.
        gain = there + there.T - here[:, None] - here + 2 * linked * beyond[np.ix_(at, at)]
        one, other = np.unravel_index(gain.argmin(), gain.shape)
        if gain[one, other] > -1e-9:
            total = (here.sum() + moved[np.arange(len(at)), at].sum()) / 2
            return float(total), cells[at]
        at[[one, other]] = at[[other, one]]
