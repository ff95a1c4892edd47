"""Identifiers of single people as text shows them: by pattern and check digit, never by looking anybody up."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

PERSON = "child"
"""The kind that is a person, who has a date of birth. Pseudonyms are made from this word too, so that another would cut
every link to those made before."""

IDENTIFIER_COLUMNS = {
    "child_id": PERSON,
    "victim_id": PERSON,
    "suspect_id": PERSON,
    "referral_id": "referral",
    "offence_id": "offence",
    "event_id": "event",
    "targeted_group_id": "targeted group",
    "organised_group_id": "organised group",
}
"""The columns of evidence that stand for one person, record, event or group, and which kind of thing each stands for.

One system's number for a person is one pseudonym in every table. A suspect is of that kind for one purpose alone: a
problem profile counts how many victims of an area are later suspects there. No measure follows anybody else from one
side of an offence to the other, nor a suspect into referrals or reviews of risk.
"""

MADE_UP = re.compile(r"SYNTHETIC-[A-Z]-[EW][0-9]{8}-(?:CSE|CCE)-[0-9]{4,}")
"""What the generator of synthetic records writes in those columns: it stands for nobody."""

NOBODY = frozenset({"0123456789", "1000000000", "2147483647", "2147483648"})
"""Numbers of programs whose check digit is right by chance: the ten digits, a thousand million, the largest integer."""

FIRST_YEAR, LAST_YEAR = 1940, 2100
"""Between these years eight digits can be a date of birth."""

_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


@dataclass(frozen=True)
class Identifier:
    """A kind of identifier: `pattern` finds what may be one, and `valid` judges it without its separators."""

    name: str
    pattern: re.Pattern[str]
    valid: Callable[[str], bool] = lambda plain: True

    def found(self, text: str) -> Iterator[int]:
        """Where each identifier of this kind begins in the text."""
        for match in self.pattern.finditer(text):
            plain = re.sub(r"[^0-9A-Za-z]", "", match[0]).upper()
            if plain not in NOBODY and self.valid(plain):
                yield match.start()


def is_nhs_number(number: str) -> bool:
    """Whether ten digits are an NHS number by their check digit (modulus 11).

    Source: NHS Data Dictionary, *NHS number*. Ten equal digits pass the sum and are nobody's.
    """
    check = 11 - _weighted(number) % 11
    return check % 11 == int(number[9]) and len(set(number)) > 1


def is_learner_number(number: str) -> bool:
    """Whether ten digits are a unique learner number (ULN) by their check digit (modulus 11, taken from 10).

    Source: Higher Education Statistics Agency, *Student record*, field ULN.
    """
    remainder = _weighted(number) % 11
    return remainder != 0 and 10 - remainder == int(number[9]) and number[0] != "0"


def _weighted(number: str) -> int:
    """The sum of the first nine digits times 10 down to 2."""
    return sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), number, strict=False))


def is_pupil_number(number: str) -> bool:
    """Whether a letter and twelve characters are a unique pupil number (UPN) by their check letter (modulus 23).

    A temporary number ends in a letter. Source: *Government Data Standards Catalogue*, Unique Pupil Number, 2.0.
    """
    last = int(number[12]) if number[12].isdigit() else _UPN_LETTERS.index(number[12])
    values = [*map(int, number[1:12]), last]
    return _UPN_LETTERS[sum(place * value for place, value in enumerate(values, start=2)) % 23] == number[0]


def is_date(digits: str) -> bool:
    """Whether eight digits are a day on which somebody living may have been born, year first or last."""
    return _is_day(digits[:4], digits[4:6], digits[6:]) or _is_day(digits[4:], digits[2:4], digits[:2])


def _is_day(year: str, month: str, day: str) -> bool:
    try:
        return FIRST_YEAR <= date(int(year), int(month), int(day)).year <= LAST_YEAR
    except ValueError:
        return False


# Digits that are part of a longer number, a decimal, a path or a word are not looked at.
_ALONE, _ENDS = r"(?<![\w.,/+-])", r"(?![\w/+-]|[.,][0-9])"
_TEN_DIGITS = re.compile(rf"{_ALONE}(?:[0-9]{{10}}|[0-9]{{3}}[ -][0-9]{{3}}[ -][0-9]{{4}}){_ENDS}", re.ASCII)
_DAY_LAST, _DAY_FIRST = r"[0-9]{4}([-/. ])[0-9]{1,2}\1[0-9]{1,2}", r"[0-9]{1,2}([-/. ])[0-9]{1,2}\2[0-9]{4}"
# The postcode areas of Great Britain and Northern Ireland, with the Channel Islands and the Isle of Man.
_OUTWARD = (
    "(?:AB|AL|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]|L[ADELNSU]?|"
    "M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE)[0-9][0-9A-HJKMNP-Y]?"
)
_INWARD = "[0-9][ABD-HJLNP-UW-Z]{2}"

NHS_NUMBER = Identifier("an NHS number", _TEN_DIGITS, is_nhs_number)
LEARNER_NUMBER = Identifier("a unique learner number", _TEN_DIGITS, is_learner_number)
PUPIL_NUMBER = Identifier(
    "a unique pupil number",
    re.compile(rf"{_ALONE}[A-HJ-NP-RT-Z][0-9]{{11}}[0-9A-HJ-NP-RT-Z]{_ENDS}", re.ASCII | re.IGNORECASE),
    is_pupil_number,
)
INSURANCE_NUMBER = Identifier(
    # The letters that are given out: HM Revenue and Customs, *National Insurance Manual*, NIM39110.
    "a National Insurance number",
    re.compile(
        rf"{_ALONE}(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z](?: ?[0-9]{{2}}){{3}} ?[A-D]{_ENDS}",
        re.ASCII | re.IGNORECASE,
    ),
)
POSTCODE = Identifier(
    # Without its space it must be in capitals: the colour b0c4de and the word dt64tz are none.
    "a postcode",
    re.compile(rf"(?<![\w#])(?:(?i:{_OUTWARD} {_INWARD})|{_OUTWARD}{_INWARD})(?!\w)", re.ASCII),
)
E_MAIL = Identifier("an e-mail address", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"))
FULL_DATE = Identifier("a full date", re.compile(rf"(?<![0-9])(?:{_DAY_LAST}|{_DAY_FIRST})(?![0-9])", re.ASCII))
# Two initials and a date; eight digits alone are more often the number of a case.
DATE_OF_BIRTH = Identifier(
    "a date of birth",
    re.compile(r"(?<![0-9A-Z])[A-Z]{2}[-_ ]?[0-9]{8}(?![0-9])", re.ASCII | re.IGNORECASE),
    lambda plain: is_date(plain[2:]),
)

WITH_CHECK_DIGIT = (NHS_NUMBER, LEARNER_NUMBER, PUPIL_NUMBER)
