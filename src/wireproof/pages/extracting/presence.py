"""What a comment says of when a field is there: never said, only sometimes, or where a sibling has some values.

A comment about the value of a field that is always there is none about its presence: "if can trade" beside a boolean
says what it answers, "please ignore when order type is X" and "only for USDT asset" what the value is good for.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from wireproof.contract.model import When
from wireproof.pages.reading.blocks import half_width

if TYPE_CHECKING:
    from wireproof.contract.model import JsonScalar


class Presence(Struct, frozen=True):
    """A field is there only sometimes; `when` says where, as far as a sibling field can say it."""

    when: When | None = None


_VERB = (
    r"(?:(?:be|is|are|was|being|get|gets)\s+)?(?:returned|returns?|shown|shows?|present|sent|appears?|available|visible|"
    r"exists?|have|has|included|pushed|provided|given|there|displayed)"
)
_IF = r"(?:if|when|whenever|after|once|while|as long as|unless)"
_TYPE = r"[\"'`]?[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*[\"'`]?"
_ONLY = re.compile(
    rf"\bonly\s+(?i:{_VERB})\s+(?P<a>(?i:with|for|in|on|{_IF})\b.*)"
    rf"|(?i:{_VERB})\s+only\s+(?P<b>(?i:with|for|in|on|{_IF})\b.*)"
    rf"|\bonly\s+(?P<c>(?i:{_IF})\b.*)"
    rf"|\bonly\s+(?P<d>(?i:with|for|in)\s+(?i:order type\s+)?[\"'`]?[A-Z]+_[A-Z_]+.*)"
    rf"|(?i:not\s+{_VERB})\s+(?P<e>(?i:unless)\b.*)",
    re.DOTALL,
)
_NOT = re.compile(
    rf"\bwill\s+not\s+(?:be\s+)?{_VERB}|\b(?:is|are)\s+not\s+{_VERB}|\bnot\s+{_VERB}\s+{_IF}\b|"
    r"\b(?:may|might|will|can|could)\s+be\s+(?:absent|omitted|missing|left out)|\bwon't\s+(?:be\s+)?" + _VERB + r"|"
    r"\boptional(?:\s+field)?\b|\b(?:absent|omitted|missing|hidden|invisible)\s+" + _IF + r"\b|"
    rf"\b(?:this\s+field|field|it)\s+{_VERB}\s+{_IF}\b|"
    r"仅.{0,12}(?:时|才|下)(?:会)?(?:返回|显示|出现|推送)|(?:不会?|不)(?:返回|显示|出现|推送)|可能(?:不存在|缺失)",
    re.IGNORECASE,
)
_WORD = r"[\"'`]?[A-Za-z0-9_]+[\"'`]?"
_SIBLING = re.compile(
    r"(?:the\s+)?[\"'`]?(?P<field>[A-Za-z][\w ]{0,30}?)[\"'`]?\s*(?:is|=|==|equals|are|:)\s*"
    rf"(?P<values>(?:(?:either|one of|in)\s+)?\(?{_WORD}(?:\s*(?:/|,|\||\bor\b|\band\b)\s*{_WORD})*)",
    re.IGNORECASE,
)
_KNOWN_FIELDS = {
    "type": ("strategyType", "type", "orderType", "origType", "o"),  # of a conditional order, not of what it triggers
    "status": ("status", "algoStatus", "strategyStatus", "orderStatus", "X"),
    "executiontype": ("executionType", "x"),
    "timeinforce": ("timeInForce", "f"),
    "side": ("side", "S"),
}


def presence_of(text: str, siblings: list[dict[str, Any]]) -> Presence | None:
    """Return what a comment says of its field's presence; None when it says nothing of it.

    `siblings` are the objects that hold the field: what a condition names must be one of their fields.
    """
    text = half_width(text)
    only = _ONLY.search(text)
    if only is not None:
        return Presence(_when(next(filter(None, only.groups())), siblings))
    return Presence() if _NOT.search(text) else None


def _when(condition: str, siblings: list[dict[str, Any]]) -> When | None:
    """Read `when X is REJECTED`, `if order type is A or B`, `with A/B order`."""
    if found := _SIBLING.search(re.sub(rf"^(?:with|for|in|on|{_IF})\s+", "", condition, flags=re.IGNORECASE)):
        field = _field(found["field"], siblings)
        values = _values(found["values"], field, siblings)
        return When(field=field, one_of=values) if field and values else None
    types = tuple(dict.fromkeys(re.findall(r"(?<![\w])[A-Z][A-Z]+_[A-Z_]+(?!\w)", condition)))
    field = _field("type", siblings)
    return When(field=field, one_of=types) if types and field else None


def _field(words: str, siblings: list[dict[str, Any]]) -> str:
    """Return the sibling that words name: its own name, or what people call it (`order type`)."""
    names = {name for document in siblings for name in document}
    if words.strip() in names:
        return words.strip()
    plain = re.sub(r"\W", "", words).lower().removeprefix("order").removeprefix("the") or "order"
    candidates = _KNOWN_FIELDS.get(plain, ())
    known = next((name for name in candidates if any(isinstance(d.get(name), str) for d in siblings)), "")
    return known or next((name for name in sorted(names) if name.lower() == plain and len(plain) > 1), "")


def _values(text: str, field: str, siblings: list[dict[str, Any]]) -> tuple[JsonScalar, ...]:
    """Return the values of a list of words, in the type that the sibling shows; none unless they look like values."""
    words = [
        w.strip("\"'`() ")
        for w in re.split(r"\s*(?:/|,|\||\bor\b|\band\b)\s*", re.sub(r"^(?:either|one of|in)\s+", "", text))
    ]
    shown = [d[field] for d in siblings if field in d]
    out: list[JsonScalar] = []
    for word in filter(None, words):
        if any(isinstance(value, bool) for value in shown):
            if word.lower() not in {"true", "false"}:
                return ()
            out.append(word.lower() == "true")
        elif shown and all(type(value) is int for value in shown):
            if not word.isdecimal():
                return ()
            out.append(int(word))
        elif re.fullmatch(r"[A-Z][A-Z0-9_]+", word) or word in shown:
            out.append(word)
        else:
            return ()
    return tuple(dict.fromkeys(out))
