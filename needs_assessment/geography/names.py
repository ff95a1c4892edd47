"""Names of areas as people and publishers write them, and the codes that they stand for.

One normaliser serves the command line and the importers. An ambiguous name is never guessed: of one authority in use
and one that has ended the one in use is meant, of an authority and a police force area neither, unless a title or the
caller says which kind is meant.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from needs_assessment.vocabulary import AreaType

SUGGESTIONS = 3
_FILE = Path(__file__).with_name("other_names.csv")

_Titles = Mapping[re.Pattern[str], AreaType | None]


def _titles(pattern: str, kinds: dict[str, AreaType | None]) -> _Titles:
    return {re.compile(pattern.replace("{title}", title)): kind for title, kind in kinds.items()}


# Words behind or before a name, and the kind of area that they tell. Publishers add them as they please.
_BEHIND = _titles(
    r"^(?P<core>.*?) ?\b(?:{title})$",
    {
        r"((metropolitan|county|london|royal|city|unitary|district|borough) )*council": AreaType.LOCAL_AUTHORITY,
        r"cc|mbc|mdc|dc|bc|cbc|rbc|lbc|lb|mb|ua|la|corporation": AreaType.LOCAL_AUTHORITY,
        r"(unitary|local) authority|(london|metropolitan|royal|county) borough": AreaType.LOCAL_AUTHORITY,
        r"constabulary|police( service| force| force area| area)?|pfa": AreaType.POLICE_FORCE_AREA,
        r"community safety partnership|csp": AreaType.COMMUNITY_SAFETY_PARTNERSHIP,
        r"region": AreaType.REGION,
        r"city|county": None,
    },
)
_BEFORE = _titles(
    r"^(?:{title})\b ?(?P<core>.*)$",
    {
        r"(the )?(london|royal|metropolitan|county) borough of": AreaType.LOCAL_AUTHORITY,
        r"(the )?(borough( council)?|(city|county) council|council) of( the)?": AreaType.LOCAL_AUTHORITY,
        r"lb( of)?|rb( of)?": AreaType.LOCAL_AUTHORITY,
        # The City of London is not London.
        r"(the )?(city and county|county and city|city(?! of london$)|county)( of)?": None,
        r"the": None,
    },
)
_INVERTED = re.compile(
    r"^(?P<name>.+) (?P<title>(city|county|isle|vale|((london|royal|metropolitan|county) )?borough) of|the|county)$"
)


class UnknownAreaError(Exception):
    """A name or code that is no area of the evidence, or more than one; the message suggests the nearest."""


def resolve_areas(asked: Iterable[str], areas: pd.DataFrame, *further: pd.DataFrame) -> list[str]:
    """The codes of the areas asked for by code or by name, as people write them, in the order asked, each once.

    What stands for none of `areas` is looked for in each of the `further` tables in turn: with authorities before
    police force areas, "Derbyshire" is the authority. Raises UnknownAreaError that lists every unknown or ambiguous
    name at once, each with the nearest known ones of all tables.
    """
    asked, tables = list(asked), [_gazetteer(table) for table in (areas, *further)]
    found = [next(filter(None, (table.meant(words) for table in tables)), []) for words in asked]
    unknown = [words for words, codes in zip(asked, found, strict=True) if len(codes) != 1]
    if unknown:
        together = _gazetteer(pd.concat([areas, *further], ignore_index=True)) if further else tables[0]
        raise UnknownAreaError("\n".join(map(together.question, unknown)))
    return list(dict.fromkeys(code for (code,) in found))


def resolve_names(names: pd.Series, areas: pd.DataFrame, area_type: AreaType | None = None) -> pd.Series:
    """The code of the area that each name or code stands for, on the same index; blank where there is none or more
    than one (`unresolved_names` says which).

    `area_type` narrows the search to one kind, for a file that lists only such: "Derbyshire" is an authority and a
    police force area.
    """
    gazetteer = _gazetteer(areas)
    found = {name: gazetteer.meant(str(name), area_type) for name in names.dropna().unique()}
    codes = {name: meant[0] for name, meant in found.items() if len(meant) == 1}
    return names.map(codes).astype("string").rename("area_code")


def unresolved_names(names: pd.Series, areas: pd.DataFrame, area_type: AreaType | None = None) -> list[str]:
    """A sentence for each different name that stands for no area or for more than one, with what may be meant."""
    gazetteer = _gazetteer(areas)
    different = [str(name) for name in names.dropna().unique()]
    return [gazetteer.question(name, area_type) for name in different if len(gazetteer.meant(name, area_type)) != 1]


@dataclass(frozen=True)
class _Gazetteer:
    """The codes that each spelling stands for, with the name and kind of each code and whether it is in use."""

    spellings: dict[str, list[str]]
    names: dict[str, str]
    kinds: dict[str, AreaType]
    in_use: frozenset[str]

    def meant(self, words: str, area_type: AreaType | None = None) -> list[str]:
        """The codes that the words can stand for: of each kind of area those in use, or those ended where none is."""
        code = words.strip().upper()
        core, kind = _core(words)
        fitting = [code] if code in self.names else self.spellings.get(core, [])
        wanted = {wish for wish in (kind, area_type) if wish is not None}
        fitting = [found for found in fitting if wanted <= {self.kinds[found]}]
        kept = {self.kinds[found] for found in fitting if found in self.in_use}
        return [found for found in fitting if found in self.in_use or self.kinds[found] not in kept]

    def question(self, words: str, area_type: AreaType | None = None) -> str:
        """What to ask whoever wrote words that stand for no area, or for more than one."""
        meant = self.meant(words, area_type)
        if meant:
            named = " or ".join(self._named(code) for code in meant)
            return f"{words!r} can mean more than one area of this evidence: {named}; state the code"
        near = difflib.get_close_matches(_core(words)[0], self.spellings, n=SUGGESTIONS, cutoff=0.6)
        suggested = dict.fromkeys(self._named(code) for spelling in near for code in self.meant(spelling, area_type))
        hint = f"did you mean {' or '.join(suggested)}?" if suggested else "see them with: needs-assessment areas"
        return f"{words!r} is not an area of this evidence; {hint}"

    def _named(self, code: str) -> str:
        return f"{self.names[code]} ({code})"


def _gazetteer(areas: pd.DataFrame) -> _Gazetteer:
    spellings: defaultdict[str, list[str]] = defaultdict(list)
    further = areas["area_code"].map(_other_names()).fillna("") + "|" + areas["other_names"].fillna("")
    for code, name, others in zip(areas["area_code"], areas["area_name"], further, strict=True):
        cores = dict.fromkeys(_core(spelling)[0] for spelling in [name, *others.split("|")])
        for core in filter(None, cores):
            spellings[core].append(code)
    return _Gazetteer(
        dict(spellings),
        dict(zip(areas["area_code"], areas["area_name"], strict=True)),
        dict(zip(areas["area_code"], areas["area_type"].map(AreaType), strict=True)),
        frozenset(areas.loc[areas["valid_to"].isna(), "area_code"]),
    )


@cache
def _other_names() -> dict[str, str]:
    """Names in common use that no publisher's list gives, and the Welsh names, separated by |, by code."""
    return pd.read_csv(_FILE, encoding="utf-8").groupby("area_code")["other_name"].agg("|".join).to_dict()


def _core(words: str) -> tuple[str, AreaType | None]:
    """What is left of a name without its titles, in plain letters, and the kind of area that a title states."""
    core, kind = _without(_the_right_way_round(_plain(words)), _BEHIND)
    core, before = _without(_the_right_way_round(core), _BEFORE)
    return core, kind or before


def _plain(words: str) -> str:
    """The words in small letters without accents, brackets and punctuation, `and` for `&`, `st` for `saint`."""
    letters = unicodedata.normalize("NFKD", words.lower()).encode("ascii", "ignore").decode()
    letters = re.sub(r"\([^)]*\)", " ", letters).replace("'", "").replace("&", " and ")
    return re.sub(r"\bsaint\b", "st", re.sub(r"[^a-z0-9]+", " ", letters)).strip()


def _the_right_way_round(plain: str) -> str:
    """`bristol city of` as `city of bristol`."""
    inverted = _INVERTED.match(plain)
    return f"{inverted['title']} {inverted['name']}" if inverted else plain


def _without(core: str, titles: _Titles) -> tuple[str, AreaType | None]:
    """The name without its titles, one after the other, and the first kind that one of them tells."""
    told = None
    while fit := next(((found, kind) for title, kind in titles.items() if (found := title.match(core))), None):
        core, told = fit[0]["core"], told or fit[1]
    return core, told
