"""HTML that cannot be injected into: every value put into a template is escaped, unless it is HTML made here."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

SAFE_LINK = re.compile(r"#.|https://|mailto:|(?![/#])[^:]+$")


@dataclass(frozen=True, repr=False)
class Html:
    """A finished piece of HTML. Jupyter, nbconvert and Jinja show it as it is."""

    markup: str

    def _repr_html_(self) -> str:
        return self.markup

    def __html__(self) -> Markup:
        return Markup(self.markup)

    def __repr__(self) -> str:
        return f"Html({len(self.markup):,} characters)"


def link(text: str, href: str) -> Html:
    """A link: to an anchor (`#figure-cse-trend`), a relative path, `https:` or `mailto:`; ValueError for any other."""
    refuse("link", [] if SAFE_LINK.match(href) else ["expected #anchor, a relative path, https: or mailto:"])
    return html('<a href="{href}">{text}</a>', href=href, text=text)


def together(*components: Html) -> Html:
    """Several components as one, in the order given: a notebook cell shows only its last expression."""
    return Html("".join(component.markup for component in components))


def html(template: str, *values: object, **named: object) -> Html:
    """The filled template as a component."""
    return Html(str(fill(template, *values, **named)))


def fill(template: str, *values: object, **named: object) -> Markup:
    """The template with every value escaped, except values that are HTML already."""
    return Markup(template).format(*values, **named)


def each(template: str, values: Iterable[object]) -> Markup:
    """The template filled once for each value, one after another."""
    return Markup("").join(fill(template, value) for value in values)


def embedded(media_type: str, content: bytes) -> str:
    """The content as a `data:` address, so that a page is one file and asks the network for nothing."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode('ascii')}"


def refuse(what: str, faults: Sequence[str]) -> None:
    """Raises one ValueError that lists every fault, or does nothing when there is none."""
    if faults:
        raise ValueError(f"{what}: " + "; ".join(faults))
