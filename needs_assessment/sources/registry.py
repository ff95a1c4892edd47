"""The readers of publishers' files, and which recognises a file: by its headings or its tags, never its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from needs_assessment.sources.files import Form, SourceFile
from needs_assessment.sources.notes import Notes, RefusedError
from needs_assessment.sources.tables import missing_headings

Tables = Mapping[str, pd.DataFrame]
"""Evidence tables by name. Columns of the contract that a source says nothing of may be absent."""


@dataclass(frozen=True)
class Reader:
    """How one kind of file is recognised and read.

    `title` is its name in the import report. A table or a workbook is recognised by `headings`, which must stand in one
    row of a sheet (in lower case, as `tables.heading` writes them); another form by `recognises`. `read` turns the file
    into evidence tables; it is given the areas that the other files of the import name, so a reader that sets
    `needs_areas` is called after those that do not. Its own faults and coercions go to the notes.
    """

    title: str
    read: Callable[[SourceFile, Notes, pd.DataFrame], Tables]
    headings: tuple[str, ...] = ()
    recognises: Callable[[SourceFile], bool] | None = None
    needs_areas: bool = False

    def matches(self, file: SourceFile) -> bool:
        """Whether the file is of this kind."""
        if self.recognises is not None:
            return self.recognises(file)
        return file.form in {Form.TABLE, Form.WORKBOOK} and not missing_headings(file, self.headings)


def recognised(file: SourceFile, readers: Iterable[Reader]) -> Reader:
    """The reader of a file. Where several match, the one that asks for the most headings.

    Raises RefusedError, with the kind that came nearest and the headings it lacks, where none does.
    """
    readers = list(readers)
    matching = [reader for reader in readers if reader.matches(file)]
    if not matching:
        raise RefusedError(f"is no file that this project reads{_nearest(file, readers)}")
    return max(matching, key=lambda reader: len(reader.headings))


def _nearest(file: SourceFile, readers: list[Reader]) -> str:
    by_headings = [reader for reader in readers if reader.headings]
    if file.form not in {Form.TABLE, Form.WORKBOOK} or not by_headings:
        return f" (it is {file.form})"
    lacking = {reader.title: missing_headings(file, reader.headings) for reader in by_headings}
    share = {reader.title: 1 - len(lacking[reader.title]) / len(reader.headings) for reader in by_headings}
    title = max(share, key=lambda one: share[one])
    if share[title] < 0.5:
        return ""
    return f"; it is nearest to {title}, but has no heading: {', '.join(lacking[title])}"
