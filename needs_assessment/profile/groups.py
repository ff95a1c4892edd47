"""Which offences belong together: those joined, directly or by way of others, by a suspect, a victim or an event."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

JOINED_BY = ("suspect_id", "victim_id", "event_id")
SUSPECTS_OF_A_GROUP = 2
"""The national template speaks of offences "committed by a group of two or more offenders" (West Mercia Police,
27 May 2025)."""


def offending_groups(offences: pd.DataFrame) -> pd.Series:
    """The number of each offence's group, from 0 in the order of first offences, on the index of `offences`.

    Two offences are joined when they share a suspect, a victim or an event; a group is everything that is joined so,
    one offence or many. A missing identifier joins nothing, and one person as victim here and suspect there joins
    nothing either. Columns: suspect_id, victim_id, event_id; one row an offence, of one source.
    """
    codes = [pd.factorize(offences[column])[0] for column in JOINED_BY]
    # scipy's search is linear in the links and well tested; by hand it would be a union-find of our own.
    _, component = connected_components(_links(codes), directed=False)
    groups, _ = pd.factorize(component[: len(offences)])
    return pd.Series(groups, index=offences.index, name="group", dtype="int64")


def _links(codes: list[NDArray[np.intp]]) -> coo_array:
    """The offences, then the identifiers, each offence linked to its identifiers; -1 is a missing one."""
    count = len(codes[0])
    starts = count + np.cumsum([0, *(int(column.max(initial=-1)) + 1 for column in codes)])
    offences = np.concatenate([np.flatnonzero(column >= 0) for column in codes])
    identifiers = np.concatenate([column[column >= 0] + start for column, start in zip(codes, starts, strict=False)])
    size = int(starts[-1])
    return coo_array((np.ones(len(offences), dtype=np.int8), (offences, identifiers)), shape=(size, size))


def are_group_based(offences: pd.DataFrame, groups: pd.Series) -> pd.Series:
    """Whether each offence's group has two or more different suspects."""
    return offences["suspect_id"].groupby(groups).transform("nunique").ge(SUSPECTS_OF_A_GROUP)
