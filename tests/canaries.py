"""Names and a number to plant in evidence, and a search that finds them however they are written down.

A canary names the table and the column where it was planted, so that whatever is found says where it came from.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import html
import io
import re
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote_to_bytes

from needs_assessment.evidence import CONTRACTS

NUMBER = 4317
"""A count that is always withheld, or money that is never published."""
PEOPLE = 20_000
"""Residents of the areas where it is planted: as a rate per 10,000 a year it is 2,158.5."""
PSEUDONYM, DIGEST = "a pseudonym", "an unkeyed digest of a canary"
DEEPEST = 4


def canary(table: str, column: str, number: int = 1) -> str:
    """A text with a letter beyond ASCII and with spaces, which encodings write in different ways."""
    return f"Żq {table} {column} vx {number}"


def _plain(text: str) -> str:
    """Letters and digits alone, in lower case: separators, accents and capitals hide nothing."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKD", text)).casefold()


def _core(table: str, column: str) -> str:
    return f"q{_plain(table + column)}vx"


COLUMNS = {_core(table, name): f"{table}.{name}" for table, schema in CONTRACTS.items() for name in schema.columns}
_NAMES = re.compile("|".join(sorted(COLUMNS, key=len, reverse=True)))
# In a CSV file it stands between commas.
_NUMBERS = {
    str(NUMBER): re.compile(r"(?<![\w.])(?<![0-9a-f]-)4[,' \u00a0\u2009\u202f’]?317(?:\.\d+)?(?!\w|-[0-9a-f])"),
    f"{NUMBER} as a rate": re.compile(r"(?<![\w.])2,?158\.50*(?!\d)"),
}
_PSEUDONYMS = re.compile(r"p1-[0-9a-f]{6}-[0-9a-f]{32}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{8,}={0,2}")
_TAGS, _ESCAPES = re.compile(rb"<[^<>]*>"), re.compile(rb"\\u([0-9a-fA-F]{4})")


def _as_base64(word: bytes) -> list[bytes]:
    """The word as it stands within base64 of a longer text, wherever in the text it begins."""
    shifted = [base64.b64encode(b"\0" * shift + word).rstrip(b"=") for shift in range(3)]
    return [written[start:-2] for written, start in zip(shifted, (0, 2, 3), strict=True)]


_IN_BASE64 = {
    piece: name
    for name in COLUMNS.values()
    for piece in _as_base64(canary(*name.split(".")).rpartition(" ")[0].encode())
}
_ANY_BASE64 = re.compile(b"|".join(re.escape(piece) for piece in _IN_BASE64))
_DIGESTS = {
    hashlib.new(kind, canary(*name.split("."), number).encode()).hexdigest()
    for name in COLUMNS.values()
    for number in range(1, 4)
    for kind in ("md5", "sha1", "sha256")
}
_HEXADECIMAL = re.compile(r"[0-9a-f]{32,64}")


def needles_in(content: bytes) -> set[str]:
    """What of the planted is in the content: `table.column` of each canary, the number, and what it was turned into.

    Looked into are archives, compressed streams, base64, percent-encoding, character references, JSON escapes, UTF-16
    and UTF-32, one within the other.
    """
    return {needle for layer in _layers(content) for needle in _in_text(layer)}


def _in_text(layer: bytes) -> Iterator[str]:
    text = layer.decode("utf-8", "replace")
    yield from (COLUMNS[found] for found in _NAMES.findall(_plain(text)))
    yield from (name for name, pattern in _NUMBERS.items() if pattern.search(text))
    yield from (_IN_BASE64[found] for found in _ANY_BASE64.findall(layer))
    yield from [PSEUDONYM] if _PSEUDONYMS.search(text) else []
    yield from [DIGEST] if _DIGESTS & {*_HEXADECIMAL.findall(text.lower())} else []


def _layers(content: bytes) -> Iterator[bytes]:
    """The content and everything that is encoded in it, each once."""
    seen: set[bytes] = set()
    left = [(content, 0)]
    while left:
        layer, depth = left.pop()
        if layer in seen:
            continue
        seen.add(layer)
        yield layer
        left += [(inner, depth + 1) for inner in _decoded(layer)] if depth < DEEPEST else []


def _decoded(layer: bytes) -> Iterator[bytes]:
    if b"\0" in layer:
        yield layer.replace(b"\0", b"")
    if b"%" in layer:
        yield unquote_to_bytes(layer)
    if b"&" in layer:
        yield html.unescape(layer.decode("utf-8", "replace")).encode()
    if b"<" in layer:
        yield _TAGS.sub(b"", layer)
    if b"\\u" in layer:
        yield _ESCAPES.sub(lambda found: chr(int(found[1], 16)).encode("utf-8", "replace"), layer)
    yield from map(_from_base64, _BASE64.findall(layer))
    yield from _unpacked(layer)


def _from_base64(run: bytes) -> bytes:
    whole = run.rstrip(b"=")
    return base64.urlsafe_b64decode(
        whole[: len(whole) - (len(whole) % 4 == 1)].translate(bytes.maketrans(b"+/", b"-_")) + b"=="
    )


def _unpacked(layer: bytes) -> Iterator[bytes]:
    if layer.startswith(b"PK\3\4"):
        with suppress(zipfile.BadZipFile), zipfile.ZipFile(io.BytesIO(layer)) as archive:
            yield from map(archive.read, archive.namelist())
    if layer.startswith(b"\x1f\x8b"):
        with suppress(OSError, EOFError, zlib.error):
            yield gzip.decompress(layer)
    # As in a chunk of a PNG or an object of git: a stream may begin anywhere.
    for start in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", layer):
        with suppress(zlib.error):
            yield zlib.decompressobj().decompress(layer[start.start() :])


def leaks_under(*roots: Path, but: tuple[Path, ...] = ()) -> dict[str, set[str]]:
    """The needles of each file under the folders, in its content or its name; `but` are folders not looked into."""
    paths = [path for root in roots for path in (root, *root.rglob("*"))]
    looked = [path for path in paths if not any(path.is_relative_to(one) for one in but)]
    found = {str(path): needles_in(_content(path)) | needles_in(path.name.encode()) for path in looked}
    return {name: needles for name, needles in found.items() if needles}


def _content(path: Path) -> bytes:
    return str(path.readlink()).encode() if path.is_symlink() else path.read_bytes() if path.is_file() else b""


def png(name: bytes, body: bytes) -> bytes:
    """A picture of nothing with one chunk of text."""
    return b"".join([b"\x89PNG\r\n\x1a\n", _chunk(name, body), _chunk(b"IEND", b"")])


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
