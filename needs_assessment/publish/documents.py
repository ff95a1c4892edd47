"""The documents that an area can have, each from a notebook of its own, and what their pages are called.

Light to import: the command line lists them in its help.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from needs_assessment.vocabulary import AreaType

if TYPE_CHECKING:
    from needs_assessment.area_view import AreaView


@dataclass(frozen=True, kw_only=True)
class Document:
    """A kind of report that areas have.

    `name` is its word on the command line, `title` the one on pages; `about` says what it shows, and is followed by
    "in" and the area. A page is called by the area's code and `suffix`. It is `of` local authorities or of police force
    areas. Of the tables of the release that it `needs` one must speak of the area or of its police force area, or of
    those that it needs `within` one of the area or of an authority in it; else the area has no such document, and none
    is missed.
    """

    name: str
    notebook: Path
    title: str
    about: str
    suffix: str = ""
    of: AreaType = AreaType.LOCAL_AUTHORITY
    needs: tuple[str, ...] = ()
    within: tuple[str, ...] = ()

    def page(self, area_code: str) -> str:
        """The file name of an area's page."""
        return f"{area_code}{self.suffix}.html"

    def is_for(self, view: AreaView) -> bool:
        """Whether the document is of such areas, and the release has what it needs about this one."""
        if view.is_force != (self.of is AreaType.POLICE_FORCE_AREA):
            return False
        told = [*map(view.here, self.needs), *map(view.within, self.within)]
        return not told or any(not rows.empty for rows in told)


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
SERVICE_COVERAGE = Document(
    name="service_coverage",
    notebook=Path("notebooks/service_coverage.ipynb"),
    title="Services and coverage",
    about="Services for children at risk of exploitation: whom they take, and where need has no service,",
    suffix="-services",
    needs=("service_funding",),
)
QUARTERLY_OVERVIEW = Document(
    name="quarterly_overview",
    notebook=Path("notebooks/quarterly_overview.ipynb"),
    title="Quarterly commissioning overview",
    about="What providers of services for exploited children reported for a quarter, and what was awarded and spent,",
    suffix="-quarterly-overview",
    of=AreaType.POLICE_FORCE_AREA,
    needs=("return_comparisons",),
)
FOI_RESPONSE = Document(
    name="foi_response",
    notebook=Path("notebooks/foi_response.ipynb"),
    title="Freedom of information response",
    about="Services commissioned for child victims of exploitation",
    suffix="-foi-response",
    of=AreaType.POLICE_FORCE_AREA,
    within=("commissioned",),
)
SHIPPED = (AREA_REPORT, PROBLEM_PROFILE, PANEL_PACK, SERVICE_COVERAGE, QUARTERLY_OVERVIEW, FOI_RESPONSE)
"""The documents of this project, in the order in which they are made and named. Their notebooks stand in the project's
folder and are stored without results.
"""
