"""Identifiers become pseudonyms as soon as a table is read, and those that should never have come are refused.

A pseudonym is HMAC-SHA256 over the kind of thing and its identifier, with a key that is kept outside the project. Who
has the key can find a known child again, so the records stay personal data.
"""

from __future__ import annotations

import hmac
import logging
import os
import re
import secrets
import shlex
import stat
import tempfile
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from filelock import FileLock

from needs_assessment.evidence.contracts import CONTRACTS, sensitive_tables
from needs_assessment.evidence.faults import EvidenceError, Fault
from needs_assessment.evidence.parsing import tidy_words
from needs_assessment.identifiers import (
    DATE_OF_BIRTH,
    E_MAIL,
    FULL_DATE,
    IDENTIFIER_COLUMNS,
    INSURANCE_NUMBER,
    LEARNER_NUMBER,
    MADE_UP,
    NHS_NUMBER,
    PERSON,
    POSTCODE,
    PUPIL_NUMBER,
    Identifier,
)

KEY_VARIABLE = "NEEDS_ASSESSMENT_KEY_FILE"
"""Names the key's file, where it is not the usual one."""

PSEUDONYM = re.compile(r"p1-([0-9a-f]{6})-[0-9a-f]{32}")
"""A pseudonym: its form, six digits that tell which key made it, and 128 bits for what it stands for."""

IN_WORDS = (NHS_NUMBER, LEARNER_NUMBER, PUPIL_NUMBER, INSURANCE_NUMBER, POSTCODE, E_MAIL, FULL_DATE)
"""What no column of words of a child's record may hold, in any row."""

IN_IDENTIFIERS = (PUPIL_NUMBER, INSURANCE_NUMBER, POSTCODE, E_MAIL)
"""What identifiers must not be made of. Ten digits are let through: local case numbers often pass by chance."""

IN_PEOPLES_IDENTIFIERS = (*IN_IDENTIFIERS, FULL_DATE, DATE_OF_BIRTH)

PROJECT = Path(__file__).resolve().parents[2]
KEY_BYTES = 32
_log = logging.getLogger(__name__)


class KeyFileError(EvidenceError):
    """A key that cannot be used, and why. No table with identifiers has been read then."""

    def __init__(self, why: str) -> None:
        super().__init__([Fault("with identifiers", why)])

    def __str__(self) -> str:
        return f"the key of the pseudonyms {self.faults[0].rule}"


def pseudonymised(table: pd.DataFrame) -> pd.DataFrame:
    """The table with a pseudonym in place of each identifier; blanks stay blank, and so does everything else.

    The columns are text. What is a pseudonym already, or was made up by the generator, is left alone, so that a folder
    that was imported and one that was made by hand link to one another. The key is made where there is none.
    Raises KeyFileError where the key cannot be used.
    """
    kinds = {name: kind for name, kind in IDENTIFIER_COLUMNS.items() if name in table}
    return table.assign(**{name: _pseudonyms(table[name], kind) for name, kind in kinds.items()})


def _pseudonyms(cells: pd.Series, kind: str) -> pd.Series:
    words = tidy_words(cells)
    written = [word for word in words.dropna().unique() if not _stands_for_nobody_known(word)]
    if not written:
        return words
    key = read_key()
    form = f"p1-{_digest(key, 'key')[:6]}-"
    made = {word: form + _digest(key, f"{kind}={_plain(word)}")[:32] for word in written}
    # A cell that is not looked up stays as it is: it is blank, a pseudonym or made up.
    return words.map(made).astype("string").fillna(words)


def _stands_for_nobody_known(word: str) -> bool:
    return bool(PSEUDONYM.fullmatch(word) or MADE_UP.fullmatch(word))


def _plain(identifier: str) -> str:
    # What looks the same is the same: an analyst cannot see two spellings behind a pseudonym.
    return " ".join(unicodedata.normalize("NFKC", identifier).split())


def _digest(key: bytes, message: str) -> str:
    return hmac.digest(key, message.encode(), "sha256").hex()


def keys_in(tables: Mapping[str, pd.DataFrame]) -> frozenset[str]:
    """The marks of the keys with which the tables' pseudonyms were made; of more than one, a child may count twice.

    `tables` are evidence tables by name, as in `Evidence.tables`.
    """
    columns = (
        tables[name][column]
        for name in sensitive_tables()
        for column in IDENTIFIER_COLUMNS
        if name in tables and column in tables[name]
    )
    return frozenset(
        mark for cells in columns for mark in cells.str.extract(f"^{PSEUDONYM.pattern}$")[0].dropna().unique()
    )


# The key


def key_file() -> Path:
    """The file of the key: the one that NEEDS_ASSESSMENT_KEY_FILE names, or `key` in the user's folder of settings.

    That folder is `~/.config/needs-assessment`, or as XDG_CONFIG_HOME says; on macOS and Windows, where programs keep
    their settings there.
    """
    from click import get_app_dir

    named = os.environ.get(KEY_VARIABLE)
    return Path(named).expanduser() if named else Path(get_app_dir("needs-assessment", roaming=False)) / "key"


def read_key() -> bytes:
    """The key, of 32 bytes or more; made by chance where there is none, in a file that only its owner can read.

    Raises KeyFileError where the file lies inside the project, others can read it, or it is too short.
    """
    path = key_file()
    if PROJECT in path.resolve().parents:
        raise KeyFileError(f"must not lie inside the project, where the evidence is: {path}")
    try:
        if not path.exists():
            _make_key(path)
        mode, key = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise KeyFileError(f"cannot be read or made ({type(error).__name__}): {path}") from error
    if os.name != "nt" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyFileError(f"can be read by others on this machine; close it with: chmod 600 {shlex.quote(str(path))}")
    if len(key) < KEY_BYTES:
        raise KeyFileError(f"is too short: {path} must hold {KEY_BYTES} bytes or more, made by chance")
    return key


def _make_key(path: Path) -> None:
    """Makes the key whole or not at all; of two programs that need it at once, the first makes it for both.

    The folder of a key that the user has named must be there: where its drive is not connected, a new key is no help.
    """
    if KEY_VARIABLE not in os.environ:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    elif not path.parent.is_dir():
        raise KeyFileError(f"is not there, and neither is its folder; {KEY_VARIABLE} names it: {path}")
    with FileLock(path.with_name(f"{path.name}.lock"), mode=0o600), tempfile.TemporaryDirectory(dir=path.parent) as own:
        if not path.exists():
            new = Path(own) / "key"
            new.touch(mode=0o600)
            new.write_bytes(secrets.token_bytes(KEY_BYTES))
            new.rename(path)
            # Never in silence: pseudonyms of another key do not link to those of this one.
            _log.warning("A new key for pseudonyms was made: %s. Keep a copy of it in a safe place.", path)


# What should never have come


def misplaced_identifiers(name: str, table: pd.DataFrame) -> Iterator[tuple[str, str, np.ndarray]]:
    """For each column of words that holds what identifies a person anywhere: the rule, the column, and the rows'
    places from 0. No cell is given, and a table that holds no records of single children is not looked at.

    `name` is the table's. One row of words is enough. Of identifiers, which chance may make look like something else
    and which become pseudonyms anyway, half of those in the column must look so.
    """
    contract = CONTRACTS[name].columns if name in sensitive_tables() else {}
    for column in (one for one, schema in contract.items() if (schema.metadata or {})["kind"] == "text"):
        kind = IDENTIFIER_COLUMNS.get(column, "")
        cells = tidy_words(table[column])
        written = [word for word in cells.dropna().unique() if not _stands_for_nobody_known(word)]
        for identifier in _sought(kind):
            found = _containing(identifier, written)
            if found and (not kind or 2 * len(found) >= len(written)):
                yield _rule(identifier, kind), column, cells.isin(found).to_numpy().nonzero()[0]


def _sought(kind: str) -> tuple[Identifier, ...]:
    return IN_PEOPLES_IDENTIFIERS if kind == PERSON else IN_IDENTIFIERS if kind else IN_WORDS


def _rule(identifier: Identifier, kind: str) -> str:
    if kind:
        return f"must be a number of the local system, and looks like {identifier.name} or contains one: replace it"
    return f"must not hold {identifier.name}: take it out"


def _containing(identifier: Identifier, words: list[str]) -> set[str]:
    """The words that contain the identifier, looked for in all of them at once, which is ten times as fast."""
    if not words:
        return set()
    ends = np.cumsum([len(word) + 1 for word in words])
    places = np.searchsorted(ends, list(identifier.found("\n".join(words))), side="right")
    return {words[place] for place in places}
