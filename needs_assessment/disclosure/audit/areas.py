"""Which authorities lie in which wider areas, by the areas that a release lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from needs_assessment.disclosure.audit.contents import TidyRow
from needs_assessment.vocabulary import AreaType

EVERYWHERE = "K"  # how the codes of wholes such as the United Kingdom or England and Wales begin


@dataclass(frozen=True)
class Areas:
    """The hierarchy of a release: the authorities in use that lie in each wider area."""

    rows: Mapping[str, TidyRow]

    @classmethod
    def of(cls, rows: Iterable[TidyRow]) -> Areas:
        """From the table `areas`: of a code with several rows the one in use stands."""
        chosen: dict[str, TidyRow] = {}
        for row in rows:
            if row["area_code"] not in chosen or not row.get("valid_to"):
                chosen[row["area_code"]] = row
        return cls(chosen)

    @cached_property
    def _authorities(self) -> list[TidyRow]:
        return [
            row
            for row in self.rows.values()
            if row["area_type"] == AreaType.LOCAL_AUTHORITY and not row.get("valid_to", "")
        ]

    def within(self, code: str) -> frozenset[str] | None:
        """The authorities in use that lie in a wider area; None for what is a leaf of its own."""
        kind = self._kind(code)
        column = {
            AreaType.POLICE_FORCE_AREA: "police_force_area_code",
            AreaType.REGION: "region_code",
        }.get(AreaType(kind) if kind in set(AreaType) else AreaType.LOCAL_AUTHORITY)
        if kind == AreaType.COUNTRY:
            return frozenset(
                row["area_code"] for row in self._authorities if code[0] in {EVERYWHERE, row["area_code"][0]}
            )
        if column is None:
            return None
        return frozenset(row["area_code"] for row in self._authorities if row.get(column) == code)

    def of_force(self, code: str) -> frozenset[str]:
        """The authorities in use that lie in a police force area; none for any other code."""
        return (self._kind(code) == AreaType.POLICE_FORCE_AREA and self.within(code)) or frozenset()

    def _kind(self, code: str) -> str:
        return self.rows[code]["area_type"] if code in self.rows else _kind_by_code(code)

    def is_wider(self, code: str) -> bool:
        """Whether an area is made up of authorities."""
        return self.within(code) is not None


def _kind_by_code(code: str) -> str:
    """What a code that the release does not list is of, by how the Office for National Statistics begins its codes."""
    starts = {"E23": AreaType.POLICE_FORCE_AREA, "W15": AreaType.POLICE_FORCE_AREA, "E12": AreaType.REGION}
    countries = {"E92": AreaType.COUNTRY, "W92": AreaType.COUNTRY, "K": AreaType.COUNTRY}
    return next((kind for start, kind in {**starts, **countries}.items() if code.startswith(start)), "")
