"""Divides a page into what it describes: one unit per request, stream or event, each with its parts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct, field

from wireproof.pages.extracting.naming import merged_pattern
from wireproof.pages.reading.blocks import Block, Code, Heading, Listing, Paragraph, Table
from wireproof.pages.reading.loose_json import UnreadableJson, read
from wireproof.pages.reading.terms import Part, part_of, title_of

if TYPE_CHECKING:
    from wireproof.pages.reading.page import Page

_VERB_AND_PATH = re.compile(
    r"\b(GET|POST|PUT|DELETE|PATCH)\b[\s`:]*(?:https?://[\w.]+)?(/?[A-Za-z][\w.{}-]*/[\w./{}-]+)"
)
_WS_METHOD = re.compile(r"[\"'`]?((?:v\d+/)?[a-z][A-Za-z]*(?:\.[A-Za-z]+)*)[\"'`]?")
_STREAM_URL = re.compile(r"wss://[^\s/]+(?:/[\w-]+)*/(?:ws/|stream\?streams=)([^\s`\"']+)")
_STREAM_COMMANDS = {"SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS", "SET_PROPERTY", "GET_PROPERTY"}
_EVENT_TITLE = re.compile(r"^\s*(?:event|payload|事件)\s*:|推送$", re.IGNORECASE)


class Unit(Struct):
    """A title and the parts below it."""

    title: str
    level: int
    parts: dict[Part, list[Block]] = field(default_factory=dict)

    def text(self, part: Part) -> str:
        """Return the words of a part on lines."""
        lines: list[str] = []
        for block in self.parts.get(part, ()):
            match block:
                case Paragraph() | Code():
                    lines.append(block.text.strip())
                case Listing():
                    lines += block.items
        return "\n".join(lines)

    def tables(self, *parts: Part) -> tuple[Table, ...]:
        """Return the tables of parts, in order."""
        return tuple(block for part in parts for block in self.parts.get(part, ()) if isinstance(block, Table))

    def codes(self, part: Part) -> list[Code]:
        """Return the code blocks of a part."""
        return [block for block in self.parts.get(part, ()) if isinstance(block, Code)]


class Subject(Struct, frozen=True):
    """What a unit describes: exactly one of method, verb with path, stream and event."""

    method: str = ""
    path: str = ""
    stream: str = ""
    is_event: bool = False
    event: str = ""


def units_of(page: Page) -> list[Unit]:
    """Divide a page at the headings that name no part; a unit's parts follow its title."""
    unit = Unit(title="", level=0)
    part, part_level = Part.DESCRIPTION, 7
    units = [unit]
    for block in page.blocks:
        named = _named_part(block)
        if named is not None:
            if isinstance(block, Heading):
                part_level = block.level
                title = title_of(block.text)
                if title != block.text.strip() and title.lower() != unit.title.lower() and part_of(title) is None:
                    unit = Unit(title=title, level=block.level - 1)
                    units.append(unit)
            part = named
            unit.parts.setdefault(part, [])
        elif isinstance(block, Heading) and (block.level < part_level or part_level == 7 or part is Part.NOTES):
            unit = Unit(title=block.text, level=block.level)
            units.append(unit)
            part, part_level = Part.DESCRIPTION, 7
        elif isinstance(block, Heading) and block.level == part_level:
            # A heading beside the parts that names none of them: its text belongs to no part.
            part = Part.NOTES
        elif isinstance(block, Heading):
            unit.parts.setdefault(part, []).append(Paragraph(block.text))
        else:
            unit.parts.setdefault(part, []).append(block)
    return units


def _named_part(block: Block) -> Part | None:
    if isinstance(block, Heading):
        return part_of(block.text)
    if isinstance(block, Paragraph) and block.bold and "\n" not in block.text:
        part = part_of(block.text)
        return part if part in {Part.PARAMETERS, Part.RESPONSE, Part.NOTES, Part.WEIGHT} else None
    return None


def subject_of(unit: Unit) -> Subject | None:
    """Return what a unit describes, or None when it describes no request, stream or event."""
    if Part.HTTP in unit.parts and (found := _VERB_AND_PATH.search(unit.text(Part.HTTP))):
        return Subject(method=found[1], path=_tidy_path(found[2]))
    if Part.METHOD in unit.parts and (method := _ws_method(unit.text(Part.METHOD))):
        return Subject(method=method)
    if Part.STREAM_NAME in unit.parts and merged_pattern(unit.text(Part.STREAM_NAME))[0]:
        return Subject(stream=unit.text(Part.STREAM_NAME))
    if Part.EVENT_NAME in unit.parts:
        return Subject(is_event=True, event=_event_name(unit.text(Part.EVENT_NAME)))
    if Part.REQUEST in unit.parts and (subject := _from_request(unit)):
        return subject
    if Part.RESPONSE in unit.parts and _EVENT_TITLE.search(unit.title):
        return Subject(is_event=True)
    return None


def _tidy_path(path: str) -> str:
    return "/" + path.strip("/").rstrip("./")


def _ws_method(text: str) -> str:
    for line in text.split("\n"):
        found = _WS_METHOD.fullmatch(line.strip())
        if found:
            return found[1]
    return ""


def _event_name(text: str) -> str:
    first = text.split("\n", maxsplit=1)[0].strip(" `\"'.")
    return first if re.fullmatch(r"[\w.-]+", first) else ""


def _from_request(unit: Unit) -> Subject | None:
    """Find the subject in a request part, where newer pages have it."""
    text = unit.text(Part.REQUEST)
    if found := _VERB_AND_PATH.search(text):
        return Subject(method=found[1], path=_tidy_path(found[2]))
    if found := _STREAM_URL.search(text):
        return Subject(stream=found[1])
    for code in unit.codes(Part.REQUEST):
        try:
            documents = read(code.text).documents
        except UnreadableJson:
            continue
        for document in documents:
            method = document.value.get("method") if isinstance(document.value, dict) else None
            if isinstance(method, str) and method not in _STREAM_COMMANDS:
                return Subject(method=method)
    return None
