"""One small module for each kind of file. `READERS` lists them all."""

from __future__ import annotations

from needs_assessment.sources.readers import (
    assessment_factors,
    boundaries,
    census,
    children_in_need,
    crime,
    deprivation,
    layouts,
    lookups,
    modern_slavery,
    neighbours,
    population,
    returns,
)

READERS = (
    *children_in_need.READERS,
    *population.READERS,
    *neighbours.READERS,
    *crime.READERS,
    *modern_slavery.READERS,
    *deprivation.READERS,
    *lookups.READERS,
    *boundaries.READERS,
    *layouts.READERS,
    *census.READERS,
    *returns.READERS,
    *assessment_factors.READERS,
)
