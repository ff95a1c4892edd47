"""What a reader says of its source: one row of the evidence table `sources`."""

from __future__ import annotations

import pandas as pd

from needs_assessment.sources.files import SourceFile

OPEN_GOVERNMENT_LICENCE = "Open Government Licence v3.0"


def published_source(file: SourceFile, source_id: str, title: str, publisher: str, **more: object) -> pd.DataFrame:
    """The row of an official publication: public, under the Open Government Licence, with the file it was read from.

    `more` are further columns of the table, such as edition_of, data_to (a date) and published_on.
    """
    known = {"source_id": source_id, "title": title, "publisher": publisher, "public": True}
    return _source(file, **known, **({"licence": OPEN_GOVERNMENT_LICENCE} | more))


def returned_source(file: SourceFile, source_id: str, title: str, publisher: str, **more: object) -> pd.DataFrame:
    """The row of a return that was not published: its figures pass the disclosure gate. `more` as above."""
    # Its file's name may be a child's, and the hash of a small file can be guessed at: both stay in the import report.
    return _source(file, source_id=source_id, title=title, publisher=publisher, public=False, reference=pd.NA, **more)


def _source(file: SourceFile, **fields: object) -> pd.DataFrame:
    row = {"synthetic": False, "reference": f"file {file.name}, SHA-256 {file.sha256[:16]}"} | fields
    return pd.DataFrame([row])
