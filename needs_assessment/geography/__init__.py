"""Areas: names in all their spellings, codes that replaced one another, lookups, and a tile for each on a map."""

from __future__ import annotations

from needs_assessment.geography.areas import (
    area_type_of,
    authorities_of_nations,
    local_authorities,
    police_force_areas,
    whole_forces,
    wider_areas,
)
from needs_assessment.geography.codes import (
    ChangeKind,
    DoubledAreaError,
    code_changes,
    series_breaks,
    with_code_changes,
    with_current_codes,
)
from needs_assessment.geography.lookups import ContradictoryDistrictsError, neighbours_of, partnerships
from needs_assessment.geography.names import UnknownAreaError, resolve_areas, resolve_names, unresolved_names
from needs_assessment.geography.tiling import tiles

__all__ = [
    "ChangeKind",
    "ContradictoryDistrictsError",
    "DoubledAreaError",
    "UnknownAreaError",
    "area_type_of",
    "authorities_of_nations",
    "code_changes",
    "local_authorities",
    "neighbours_of",
    "partnerships",
    "police_force_areas",
    "resolve_areas",
    "resolve_names",
    "series_breaks",
    "tiles",
    "unresolved_names",
    "whole_forces",
    "wider_areas",
    "with_code_changes",
    "with_current_codes",
]
