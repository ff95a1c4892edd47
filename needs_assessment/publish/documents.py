"""The documents that an area can have, each from a notebook of its own, and what their pages are called.

Light to import: the command line lists them in its help.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from needs_assessment.area_view import AreaView


@dataclass(frozen=True, kw_only=True)
class Document:
    """A kind of report that areas have.

    `name` is its word on the command line, `title` the one on pages; `about` says what it shows, and is followed by
    "in" and the area. A page is called by the area's code and `suffix`. Of the tables of the release that it `needs`
    one must speak of the area or of its police force area; else the area has no such document, and none is missed.
    """

    name: str
    notebook: Path
    title: str
    about: str
    suffix: str = ""
    needs: tuple[str, ...] = ()

    def page(self, area_code: str) -> str:
        """The file name of an area's page."""
        return f"{area_code}{self.suffix}.html"

    def is_for(self, view: AreaView) -> bool:
        """Whether the release has what the document needs about the area."""
        return not self.needs or any(not view.here(table).empty for table in self.needs)


AREA_REPORT = Document(
    name="area_report",
    notebook=Path("notebooks/area_report.ipynb"),
    title="Needs assessment",
    about="Recorded exploitation, risk levels and services for children",
)
PROBLEM_PROFILE = Document(
    name="problem_profile",
    notebook=Path("notebooks/problem_profile.ipynb"),
    title="Problem profile",
    about="Recorded offences of child exploitation: scale, victims, suspects, groups and places",
    suffix="-problem-profile",
)
PANEL_PACK = Document(
    name="panel_pack",
    notebook=Path("notebooks/panel_pack.ipynb"),
    title="Panel pack",
    about="Risk levels of children at risk of exploitation, for a panel of agencies,",
    suffix="-panel-pack",
    needs=("risk_caseload",),
)
SHIPPED = (AREA_REPORT, PROBLEM_PROFILE, PANEL_PACK)
"""The documents of this project, in the order in which they are made and named. Their notebooks stand in the project's
folder and are stored without results.
"""


def addresses(documents: Iterable[Document], area_code: str) -> dict[str, str]:
    """Title and address of each document of an area; none where there is only one, which has nothing to lead to."""
    pages = {document.title: document.page(area_code) for document in documents}
    return pages if len(pages) > 1 else {}
