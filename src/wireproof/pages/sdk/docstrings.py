"""Reads the documentation of a method of an SDK: title, address, security, weight, speed, notes, parameters."""

from __future__ import annotations

import re

from msgspec import Struct, field

from wireproof.contract.model import Security
from wireproof.pages.reading.blocks import Table, clean

#: Characters of a docstring, and of one of its lines, that are read: no official one comes near.
LONGEST, LONGEST_LINE = 200_000, 2_000

_SECURITY_IN_TITLE = re.compile(rf"\((?:HMAC SHA256|{'|'.join(Security)})\)\s*$")
_WEIGHT = re.compile(r"^[-*• ]*(?:Request )?Weight(?:\s*\(?(IP|UID|Orders?)\)?)?\s*:\s*(.*)$", re.IGNORECASE)
_SPEED = re.compile(r"^Update Speed\s*:\s*(.*)$", re.IGNORECASE)
_SECURITY = re.compile(r"^Security(?: Type)?\s*:\s*(\w+)", re.IGNORECASE)
_PARAM = re.compile(r"^\s*(\w+) \((.*?)(?:\s*=\s*[^()]*?)?\):\s*(.*)$")
_LINK = re.compile(r"\[([^\]\[]*)\]\([^()\s]*\)")
_NOTES = re.compile(r"^(?:Response )?Notes?\s*:")
_END = re.compile(r"^(?:Returns|Raises|Yields|Examples?)\s*:\s*$")


class Docstring(Struct):
    """What a docstring says; `weight` and `speed` in its words, `params` by the name in Python."""

    title: str = ""
    url: str = ""
    security: Security | None = None
    weight: str = ""
    weight_of: str = ""  # what the weight is counted for, where that is said: IP, UID, Order
    weight_tables: list[Table] = field(default_factory=list)
    speed: str = ""
    deprecated: bool = False
    words: list[str] = field(default_factory=list)
    params: dict[str, str] = field(default_factory=dict)


def read_docstring(text: str) -> Docstring:
    """Read a docstring, whatever its indentation; what is missing stays empty."""
    out = Docstring()
    lines = [line[:LONGEST_LINE].strip() for line in text[:LONGEST].split("\n")]
    lines = lines[next((i for i, line in enumerate(lines) if line), 0) :]
    if lines:
        out.title = _titled(lines[0], out)
    part = "prose"
    last = ""
    weight: list[str] = []
    prose: list[str] = []
    for line in lines[1:]:
        if re.match(r"^(?:Args|Parameters)\s*:\s*$", line):
            part = "args"
        elif _END.match(line):
            part = "end"
        elif part == "args":
            if found := _PARAM.match(line):
                last = found[1]
                out.params[last] = found[3].strip()
            elif last and line:
                out.params[last] += f" {line}"
        elif part == "end":
            continue
        elif line.startswith("https://") and not out.url:
            out.url = line.split()[0]
        elif found := _WEIGHT.match(line):
            part, out.weight_of = "weight", (found[1] or "").upper()
            weight.append(found[2])
        elif found := _SPEED.match(line):
            part, out.speed = "prose", found[1].strip()
        elif found := _SECURITY.match(line):
            part = "prose"
            out.security = Security.__members__.get(found[1].upper(), out.security)
        elif part == "weight" and not line:
            part = "after weight"  # where its table may follow
        elif part == "after weight" and not line:
            continue
        elif (part == "weight" and not _NOTES.match(line)) or (part == "after weight" and line.startswith("|")):
            weight.append(line)
        else:
            part = "prose"
            prose.append(line)
    out.weight_tables = _tables(weight)
    beside = weight if not out.weight_tables else [line for line in weight if "|" not in line]
    lines = [re.sub(r"[*`]", "", line.lstrip("-*• ")).strip() for line in beside]
    out.weight = "; ".join(line.rstrip(";") for line in lines if line)
    out.words = _sentences(prose)
    out.deprecated = bool(re.search(r"\bdeprecated\b", out.title, re.IGNORECASE))
    return out


def _titled(line: str, out: Docstring) -> str:
    if found := _SECURITY_IN_TITLE.search(line):
        out.security = Security.__members__.get(found[0].strip("() "), None)
        line = line[: found.start()]
    return line.strip()


def _sentences(lines: list[str]) -> list[str]:
    """Return the sentences of running text and lists, each on one line, without marks of emphasis."""
    text = "\n".join(line for line in lines if not re.match(r"^/?[!<\w][^\s]*$|^(?:GET|POST|PUT|DELETE|PATCH) /", line))
    text = _LINK.sub(r"\1", text)
    out: list[str] = []
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*•|>]|\d+\.)\s)", text):
        sentences = re.split(r"(?<=[.;。])\s+", clean(re.sub(r"[*`]|^\s*[->•]\s*", " ", block)))
        out += [sentence.strip() for sentence in sentences if sentence.strip(" .-:")]
    return out


def _tables(lines: list[str]) -> list[Table]:
    """Return the one table among lines, when there is one."""
    ruled = [re.fullmatch(r"[\s|:-]*-[\s|:-]*", line) is not None and "|" in line for line in lines]
    if not any(ruled):
        return []
    shown = [line for line, rule in zip(lines, ruled, strict=True) if "|" in line and not rule]
    rows = [tuple(clean(cell) for cell in line.strip("| ").split("|")) for line in shown]
    return [Table(rows[0], tuple(rows[1:]))] if len(rows) > 1 else []
