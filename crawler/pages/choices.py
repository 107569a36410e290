"""Sizes and colours a buyer can choose: selects, radio buttons, swatches."""

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from crawler.pages.document import Document, clean, text_of
from crawler.pages.labels import field_of
from crawler.pages.options import LONGEST, PROMPT, kind_of, meanings, tidy
from crawler.pages.region import Region

MOST = 80
"""Options of one choice; more are a list of something else."""
CROWD = 1000
"""Elements of one parent that are no longer looked through for each of them."""


def choices(region: Region) -> dict[str, tuple[str, ...]]:
    """Field (size, color) → the values that are offered."""
    found: dict[str, tuple[str, ...]] = {}
    for field, values in _groups(region):
        for meant, column in meanings(values, field):
            found.setdefault(meant, column)
    return found


def chosen_color(region: Region) -> str | None:
    """The colour that is selected."""
    for select in region.document.body.iter("select"):
        if field_of_select(select, region.document) == "color" and not region.foreign(select):
            options = [one for one in select.iter("option") if one.get("selected") is not None]
            values = [_value(one) for one in options] or _option_values(select)
            if values and (len(values) == 1 or options):
                return values[0] or None
    for control in region.document.body.iter("input", "button", "li", "a"):
        on = (
            control.get("checked") is not None
            or control.get("aria-checked") == "true"
            or control.get("aria-pressed") == "true"
        )
        if on and not region.foreign(control) and _group_field(control, region.document) == "color":
            return _control_value(control, region.document) or None
    return None


def _groups(region: Region) -> Iterator[tuple[str | None, list[str]]]:
    """(what the label says, values) of every choice on the page."""
    body = region.document.body
    for select in body.iter("select"):
        if not region.foreign(select):
            yield field_of_select(select, region.document), _option_values(select)
    seen: set[HtmlElement] = set()
    for control in body.iter("input", "button", "li", "a", "span", "label"):
        if control in seen or not _choosable(control) or region.foreign(control):
            continue
        controls = _siblings(control)
        seen.update(controls)
        field = _group_field(control, region.document)
        sure = control.tag in ("button", "input", "label", "li") and len(controls) > 1
        if len(controls) > MOST or not (field in ("size", "color") or (field is None and sure)):
            continue
        values = [value for one in controls if (value := _control_value(one, region.document))]
        if field or kind_of(values) == "size":
            yield field, values


def _choosable(control: HtmlElement) -> bool:
    if control.tag == "input":
        return control.get("type") in ("radio", "checkbox")
    return len(text_of(control, 30)) <= 30


def _siblings(control: HtmlElement) -> list[HtmlElement]:
    """The controls of one group: same tag in one parent, or the one control of each sibling."""
    parent = control.getparent()
    if parent is None:
        return [control]
    tag, outer_tag = str(control.tag), str(parent.tag)
    same = [one for one in parent if one.tag == tag]
    outer = parent.getparent()
    if len(same) > 1 or outer is None or len(outer) > CROWD:
        return same
    inner = [next(one.iter(tag), None) for one in outer if one.tag == outer_tag]
    return [one for one in inner if one is not None]


def options_of(select: HtmlElement) -> list[HtmlElement]:
    """What can be chosen: the options without a prompt such as "Choose a size"."""
    return [
        one
        for one in select.iter("option")
        if not PROMPT.match(text_of(one)) and one.get("value") != "" and _value(one)
    ]


def _option_values(select: HtmlElement) -> list[str]:
    return [_value(one) for one in options_of(select)]


def _value(option: HtmlElement) -> str:
    return tidy(text_of(option))


def _control_value(control: HtmlElement, document: Document) -> str:
    if control.tag == "input":
        label = _label_of(control, document)
        text = text_of(label) if label is not None else ""
        return tidy(
            text or control.get("aria-label") or control.get("title") or control.get("value") or ""
        )
    image = next(control.iter("img"), None)
    return tidy(
        text_of(control)
        or control.get("aria-label")
        or control.get("title")
        or (image.get("alt") if image is not None else "")
        or ""
    )


def _label_of(control: HtmlElement, document: Document) -> HtmlElement | None:
    found = document.labels.get(control.get("id") or "")
    return found if found is not None else next(control.iterancestors("label"), None)


def field_of_select(control: HtmlElement, document: Document) -> str | None:
    """What a select is for, by its label, its name, its prompt or the words before it."""
    label = _label_of(control, document)
    first = next(control.iter("option"), None)
    words = [
        clean(label.text) or text_of(label) if label is not None else "",
        control.get("aria-label") or "",
        *re.split(r"[\[\]_.-]+", control.get("name") or ""),
        *re.split(r"[\[\]_.-]+", control.get("id") or ""),
        text_of(first) if first is not None and PROMPT.match(text_of(first)) else "",
    ]
    return next(filter(None, map(field_of, words)), None) or _words_before(control)


def _group_field(control: HtmlElement, document: Document) -> str | None:
    """What a group of controls is for: its legend, its label, its name or the words before it."""
    for part in re.split(r"[\[\]_.-]+", control.get("name") or ""):
        if field := field_of(part):
            return field
    for outer in list(control.iterancestors())[:4]:
        legend = document.legends.get(outer)
        for words in (outer.get("aria-label"), text_of(legend) if legend is not None else None):
            if words and (field := field_of(words.partition(":")[0])):
                return field
        if field := _words_before(outer):
            return field
    return None


def _words_before(element: HtmlElement) -> str | None:
    before = element.getprevious()
    parent = element.getparent()
    texts = [clean(before.tail), text_of(before, LONGEST)] if before is not None else []
    texts.append(clean(parent.text) if parent is not None and before is None else "")
    return next(filter(None, (field_of(text.partition(":")[0]) for text in texts if text)), None)
