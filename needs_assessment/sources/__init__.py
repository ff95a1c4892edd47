"""Files as their publishers lay them out, recognised by what they hold and turned into evidence tables."""

from __future__ import annotations

from needs_assessment.sources.importing import Import, import_files, read_files, sensitive_tables_of
from needs_assessment.sources.notes import Coercion, Notes, RefusedError
from needs_assessment.sources.report import REPORT_FILE

__all__ = [
    "REPORT_FILE",
    "Coercion",
    "Import",
    "Notes",
    "RefusedError",
    "import_files",
    "read_files",
    "sensitive_tables_of",
]
