"""Brings what writers of Markdown add to CommonMark into CommonMark: Docusaurus MDX, GitBook, MkDocs, pandoc.

The words stay, the marks go: imports, tabs, admonitions, attributes of headings, tables drawn with dashes. Code blocks
are left alone, and lines keep their numbers, so that a report about a line names the one in the file.
"""

from __future__ import annotations

import re

#: Characters of a line that arranges others, and of a row of a drawn table. Whatever is longer is text.
LONGEST_MARK, LONGEST_ROW = 500, 4000

_FENCE = re.compile(r"^(?:[ >\t]|[*+-] |\d+[.)] )*(`{3,}|~{3,})")
#: Lines that only arrange what is around them.
_ARRANGEMENT = re.compile(
    r"^\s*(?:"
    r"import\s+[^;]+?\s+from\s+[\"'][^\"']+[\"'];?"  # MDX
    r"|import\s+[\"'][^\"']+[\"'];?"
    r"|export\s+(?:const|default|function)\b.*"
    r"|\{/\*.*\*/\}"
    r"|</?(?:Tabs|TabItem|CodeGroup|Columns?|Cards?|Steps?|Accordion|AccordionGroup|Frame|Note|Tip|Warning|Info)\b[^>]*>"
    r"|\{%-?\s*(?:end)?(?:tabs?|hint|content-ref|code|embed|stepper|step|columns?|swagger[\w-]*)\b.*?%\}"  # GitBook
    r"|:{3,}\s*(?:\{[^}]*\})?\s*"  # the end of an admonition, and pandoc's divisions
    r"|\[\[?_?toc_?\]?\]|\[TOC\]"
    r")\s*$",
    re.IGNORECASE,
)
_ADMONITION = re.compile(r"^\s*:{3,}\s*\{?\.?([a-z][\w-]*)(?:[ \t]+(?:\{[^}]*\}|\[?(.*?)\]?))?\s*\}?\s*$")
_INDENTED_ADMONITION = re.compile(r"^(?:!!!|\?\?\?\+?|===)\s*(?:[\w-]+(?:\s[\w-]+)*)?\s*(?:\"([^\"]*)\")?\s*$")
_CALLOUT = re.compile(r"^(\s*>\s*)\[!(?:NOTE|TIP|WARNING|IMPORTANT|CAUTION|INFO|DANGER)\]\s*", re.IGNORECASE)
_RULER = re.compile(r"^\s*-{2,}(?:\s+-{2,})+\s*$")
_FULL_RULER = re.compile(r"^\s*-{8,}\s*$")
_GRID = re.compile(r"^\s*\+(?:[-=:]+\+)+\s*$")


def plain(text: str) -> str:
    """Return a text as CommonMark with tables; it has as many lines as before."""
    lines = text.split("\n")
    out: list[str] = []
    index = 0
    while index < len(lines):
        fence = _FENCE.match(lines[index])
        if fence is not None:
            end = _end_of_fence(lines, index, fence[1])
            out += [lines[index].rstrip(), *lines[index + 1 : end]]
            index = end
            continue
        taken = _table_at(lines, index) or _indented_at(lines, index)
        if taken is not None:
            new, index = taken
            out += new
            continue
        out.append(_line(lines[index]))
        index += 1
    return "\n".join(out)


def _end_of_fence(lines: list[str], start: int, marks: str) -> int:
    """Return the line after a fenced block."""
    closing = re.compile(rf"(?:[ >\t]|[*+-] |\d+[.)] )*{re.escape(marks[0])}{{{len(marks)},}}[ \t]*")
    for index in range(start + 1, len(lines)):
        if closing.fullmatch(lines[index]):
            return index + 1
    return len(lines)


def _line(line: str) -> str:
    if len(line) > LONGEST_MARK:
        return line
    if _ARRANGEMENT.match(line):
        return ""
    if found := _ADMONITION.match(line):
        return (found[2] or "").strip()
    line = _CALLOUT.sub(r"\1", line)
    return _without_attributes(line) if line.lstrip().startswith("#") else line


def _without_attributes(heading: str) -> str:
    """Return a heading without `{#anchor .class}` at its end."""
    before, brace, inner = heading.rstrip().rpartition("{")
    marked = brace and inner.endswith("}") and inner.lstrip(": ").startswith(("#", "."))
    return before.rstrip() if marked else heading


def _indented_at(lines: list[str], start: int) -> tuple[list[str], int] | None:
    """Return an admonition or a tab of MkDocs, whose text is indented under it, with that text where others have it."""
    found = _INDENTED_ADMONITION.match(lines[start]) if len(lines[start]) <= LONGEST_MARK else None
    if found is None:
        return None
    end = start + 1
    while end < len(lines) and (not lines[end].strip() or lines[end].startswith(("    ", "\t"))):
        end += 1
    inner = [line[4:] if line.startswith("    ") else line.removeprefix("\t") for line in lines[start + 1 : end]]
    return [found[1] or "", *plain("\n".join(inner)).split("\n")][: end - start] if inner else [found[1] or ""], end


def _table_at(lines: list[str], start: int) -> tuple[list[str], int] | None:
    """Return a table that pandoc draws with dashes as one with pipes, and the line after it."""
    if len(lines[start]) > LONGEST_ROW:
        return None
    if _GRID.match(lines[start]):
        return _grid(lines, start)
    if _FULL_RULER.match(lines[start]) and not (start and lines[start - 1].strip()):
        return _multiline(lines, start)
    if start + 1 < len(lines) and lines[start].strip() and "|" not in lines[start] and _is_ruler(lines[start + 1]):
        return _simple(lines, start)
    return None


def _simple(lines: list[str], start: int) -> tuple[list[str], int]:
    spans = _spans(lines[start + 1])
    end = start + 2
    while end < len(lines) and lines[end].strip() and not _is_ruler(lines[end]):
        end += 1
    rows = [_cut(lines[start], spans), *(_cut(line, spans) for line in lines[start + 2 : end])]
    if end < len(lines) and _is_ruler(lines[end]):
        end += 1
    return _piped(rows, end - start), end


def _multiline(lines: list[str], start: int) -> tuple[list[str], int] | None:
    """Read a table whose rows are parted by empty lines, between two lines of dashes."""
    ruler = next((i for i in range(start + 1, min(start + 6, len(lines))) if _is_ruler(lines[i])), None)
    end = next((i for i in range(start + 1, len(lines)) if _FULL_RULER.match(lines[i])), None)
    if ruler is None or end is None or end < ruler:
        return None
    spans = _spans(lines[ruler])
    rows, row = [_joined([_cut(line, spans) for line in lines[start + 1 : ruler]])], list[list[str]]()
    for line in [*lines[ruler + 1 : end], ""]:
        if line.strip():
            row.append(_cut(line, spans))
        elif row:
            rows.append(_joined(row))
            row = []
    return _piped(rows, end + 1 - start), end + 1


def _grid(lines: list[str], start: int) -> tuple[list[str], int]:
    end = start
    rows: list[list[str]] = []
    row: list[list[str]] = []
    while end < len(lines) and lines[end].lstrip().startswith(("+", "|")):
        if _GRID.match(lines[end]):
            rows += [_joined(row)] if row else []
            row = []
        else:
            row.append([cell.strip() for cell in lines[end].strip().strip("|").split("|")])
        end += 1
    rows += [_joined(row)] if row else []
    return _piped(rows, end - start), end


def _is_ruler(line: str) -> bool:
    return len(line) <= LONGEST_ROW and _RULER.match(line) is not None


def _spans(ruler: str) -> list[tuple[int, int]]:
    starts = [found.start() for found in re.finditer(r"-+", ruler)]
    return list(zip(starts, [*starts[1:], 1_000_000], strict=True))


def _cut(line: str, spans: list[tuple[int, int]]) -> list[str]:
    return [line[start:end].strip() for start, end in spans]


def _joined(lines: list[list[str]]) -> list[str]:
    """Return the cells of a row that takes several lines."""
    width = max(map(len, lines), default=0)
    return [" ".join(filter(None, (line[at] if at < len(line) else "" for line in lines))) for at in range(width)]


def _piped(rows: list[list[str]], room: int) -> list[str]:
    """Return rows as a table with pipes, in as many lines as the drawn one had."""
    header, *below = rows or [[""]]
    shown = [header, ["---"] * len(header), *below]
    out = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in shown]
    return [*out[:room], *[""] * (room - len(out))]
