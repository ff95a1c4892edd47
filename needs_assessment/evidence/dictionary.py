"""The data dictionary, written from the contracts themselves."""

from __future__ import annotations

import pandera.pandas as pa

from needs_assessment.evidence.contracts import CONTRACTS, REQUIRED_TABLES

KINDS = {"text": "text", "day": "date", "whole": "whole number", "number": "number", "yes_no": "true or false"}
HEADING = """# Data dictionary

Evidence is a folder of tables, one file each, as `<table>.csv` (UTF-8) or `<table>.parquet`. Dates are written
2024-04-01 or 01/04/2024, which is 1 April. A blank cell means not stated. Every column must be there, in any order; a
table that is not supplied is left out.

This page is written by `needs-assessment dictionary` from the contracts that validate the evidence.
"""


def data_dictionary() -> str:
    """The dictionary of all evidence tables, as Markdown."""
    return "\n".join([HEADING, *(_table(name, contract) for name, contract in CONTRACTS.items())])


def _table(name: str, contract: pa.DataFrameSchema) -> str:
    about = contract.metadata or {}
    marks = [
        "Required." if name in REQUIRED_TABLES else "",
        "Sensitive: one row is one child's record." if about["sensitive"] else "",
    ]
    lines = [
        f"## {name}",
        "",
        " ".join(filter(None, [str(contract.description), *marks])),
        f"Rows differ in {', '.join(about['key'])}.",
        *(f"Rule: {check.error}." for check in contract.checks),
        "",
        "| column | kind | may be blank | meaning | rule |",
        "|---|---|---|---|---|",
        *(_column(column, schema) for column, schema in contract.columns.items()),
        "",
    ]
    return "\n".join(lines)


def _column(name: str, schema: pa.Column) -> str:
    rules = "; ".join(str(check.error) for check in schema.checks).replace("|", "\\|")
    kind = KINDS[(schema.metadata or {})["kind"]]
    description = str(schema.description).replace("|", "\\|")
    return f"| `{name}` | {kind} | {'yes' if schema.nullable else 'no'} | {description} | {rules} |"
