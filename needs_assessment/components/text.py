"""Components of words alone: key messages, warnings, glossaries, paragraphs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from needs_assessment.components.markup import Html, each, fill, html, refuse

MOST_KEY_MESSAGES = 5


@dataclass(frozen=True)
class KeyMessage:
    """One sentence for the board and, with `anchor`, a link to the figure or table that shows it.

    `link_text` names that figure or table: a link has to make sense when it is read alone.
    """

    sentence: str
    anchor: str = ""
    link_text: str = ""


def key_messages(messages: Iterable[str | KeyMessage], heading: str = "Key messages") -> Html:
    """The box of key messages, at most five, each with a link to its evidence where it names one."""
    items = [message if isinstance(message, KeyMessage) else KeyMessage(message) for message in messages]
    wordless = [str(number) for number, item in enumerate(items, 1) if item.anchor and not item.link_text.strip()]
    faults = [f"no words for the link of message {', '.join(wordless)}"] if wordless else []
    if not 1 <= len(items) <= MOST_KEY_MESSAGES:
        faults.append(f"expected 1 to {MOST_KEY_MESSAGES} messages, got: {len(items)}")
    refuse("key messages", faults)
    return html(
        '<section class="key" aria-labelledby="key-messages">'
        '<h2 id="key-messages">{heading}</h2><ul>{items}</ul></section>',
        heading=heading,
        items=each("<li>{}</li>", map(_with_link, items)),
    )


def _with_link(message: KeyMessage) -> Markup:
    if not message.anchor:
        return fill("{}", message.sentence)
    return fill('{} <a href="#{}">{}</a>', message.sentence, message.anchor, message.link_text)


def warning(title: str, text: str) -> Html:
    """A box that a reader must not miss."""
    return html('<div class="warning"><p><strong>{}</strong></p><p>{}</p></div>', title, text)


def definitions(meanings: Mapping[str, str]) -> Html:
    """A glossary: each term with its meaning."""
    groups = (fill("<dt>{}</dt><dd>{}</dd>", term, meaning) for term, meaning in meanings.items())
    return html('<dl class="definitions">{}</dl>', each("<div>{}</div>", groups))


def paragraph(text: str) -> Html:
    """A paragraph of body text."""
    return html("<p>{}</p>", text)


def lede(text: str) -> Html:
    """The paragraph in larger type that opens a page or a section."""
    return html('<p class="lede">{}</p>', text)


def section_note(text: str) -> Html:
    """A paragraph in smaller type: a caveat or a definition that belongs to what stands beside it."""
    return html('<p class="notes">{}</p>', text)


def bullets(items: Iterable[str]) -> Html:
    """A bulleted list."""
    return html("<ul>{}</ul>", each("<li>{}</li>", items))


def end_mark(text: str, code: str) -> Html:
    """The last line of a page; it carries `code`, by which whoever ran the notebook knows that it came to its end."""
    return html('<p class="notes" {}>{}</p>', end_mark_text(code), text)


def end_mark_text(code: str) -> Markup:
    """What stands in the HTML of the end mark of `code`, and nowhere else."""
    return fill('data-end-of="{}"', code)
