"""Reads what a request costs: a number, numbers by condition, or a table by the value of a parameter."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wireproof.contract.model import Weight, WeightRule
from wireproof.pages.reading.blocks import clean

if TYPE_CHECKING:
    from wireproof.pages.reading.blocks import Table

_BOUND = re.compile(r"([\[(])\s*(\d+)\s*,\s*(\d+)\s*([\])])")
_ABOVE = re.compile(r">\s*(\d+)")
_LIST = re.compile(r"\d+(?:\s*[,/]\s*\d+)*")


def weight_of(
    text: str, tables: tuple[Table, ...] = (), *, orders: str = "", uid: str = "", limit_default: object = None
) -> Weight | None:
    """Return the weight that the words and tables of a page give, or None when they give none.

    `orders` and `uid` are the words under headings of their own; `limit_default` is the default of parameter `limit`,
    which says what a request without it costs.
    """
    text = _tidy(text)
    counted = _orders_of(text, orders)
    account = _number_after(r"\(?UID\)?", text) or _first_number(_tidy(uid))
    for table in tables:
        rules = _table_rules(table, limit_default)
        if rules is not None:
            return Weight(ip=rules[1], uid=account or 0, rules=rules[0], **counted)
    listed = _listed_rules(text, limit_default)
    if listed is not None:
        return Weight(ip=listed[1], uid=account or 0, rules=listed[0], **counted)
    rules_by_param, otherwise = _conditional(text)
    ip = otherwise if otherwise is not None else _plain_ip(text)
    if ip is None and (counted or account is not None or re.search(r"share\b", text)):
        ip = 0
    if ip is None:
        return None
    return Weight(ip=ip, uid=account or 0, rules=rules_by_param, **counted)


def _tidy(text: str) -> str:
    text = clean(text)
    merged = re.search(r"after CM migration:\s*([^)]*)\)", text)  # announced for 30 June 2026, in force since
    return merged[1].replace("/", ";").replace(" flat", "") if merged else text


def _first_number(text: str) -> int | None:
    found = re.search(r"\d+", text)
    return int(found[0]) if found else None


def _number_after(mark: str, text: str) -> int | None:
    found = re.search(rf"{mark}\s*:?\s*(\d+)", text, re.IGNORECASE) or re.search(
        rf"(\d+)\s*{mark}", text, re.IGNORECASE
    )
    return int(found[1]) if found else None


def _orders_of(text: str, orders: str) -> dict[str, int]:
    out: dict[str, int] = {}
    for name, pattern in (("orders_10s", r"(\d+)\s+on 10s order"), ("orders_1m", r"(\d+)\s+on 1min order")):
        found = re.search(pattern, text + " " + orders, re.IGNORECASE)
        if found:
            out[name] = int(found[1])
    bare = re.fullmatch(r"\s*(\d+)\s*", orders)
    if bare and not out:
        out["orders_1m"] = int(bare[1])
    return out


def _plain_ip(text: str) -> int | None:
    found = re.search(r"(\d+)\s+on IP rate limit", text, re.IGNORECASE)
    if found:
        return int(found[1])
    if re.search(r"on (?:10s|1min) order", text):
        return None
    text = re.sub(r"/[a-z]+/v\d\S*", "", text)
    text = re.sub(r"\d+\s*/\s*(?:\d*\s*(?:hour|day|min|h|d|m)\w*)(?:/IP)?|(?:\(?UID\)?)\s*\d+|\d+\s*\(UID\)", "", text)
    return _first_number(text)


def _rule_rows(
    cells: list[tuple[str, str]], param: str, limit_default: object
) -> tuple[tuple[WeightRule, ...], int] | None:
    """Return rules for rows of (values, weight): intervals, lists of values, or `> 1000`."""
    rules: list[WeightRule] = []
    top: int | None = None
    spans: list[tuple[int, int, int]] = []
    for values, cost in cells:
        if not re.fullmatch(r"\d+", cost.strip()):
            return None
        ip = int(cost)
        if bound := _BOUND.search(values):
            high = int(bound[3]) - (1 if bound[4] == ")" else 0)
            low = int(bound[2]) + (1 if bound[1] == "(" else 0)
            spans.append((low, high, ip))
            rules.append(WeightRule(param=param, at_most=high, ip=ip))
        elif _ABOVE.search(values):
            top = ip
        elif _LIST.fullmatch(values.strip()):
            listed = tuple(int(v) for v in re.findall(r"\d+", values))
            spans += [(v, v, ip) for v in listed]
            rules.append(WeightRule(param=param, one_of=listed, ip=ip))
        else:
            return None
    if not rules:
        return None
    if isinstance(limit_default, int):
        cost_of_default = next((ip for low, high, ip in spans if low <= limit_default <= high), top)
        if cost_of_default is not None:
            rules.append(WeightRule(param=param, given=False, ip=cost_of_default))
    return tuple(rules), top if top is not None else max(rule.ip for rule in rules)


def _table_rules(table: Table, limit_default: object) -> tuple[tuple[WeightRule, ...], int] | None:
    if len(table.header) != 2 or not re.search(r"weight|权重", table.header[1], re.IGNORECASE):
        return None
    param = table.header[0].strip().lower() or "limit"
    if re.fullmatch(r"\w+", param) is None:
        return None
    return _rule_rows([(row[0], row[1]) for row in table.rows if any(row)], param, limit_default)


def _listed_rules(text: str, limit_default: object) -> tuple[tuple[WeightRule, ...], int] | None:
    """Read `limit [1,100): 1; [100, 500): 2` and `limit 5, 10: 2; limit 100: 5`."""
    if not re.match(r"limit\s*[\[\d>]", text, re.IGNORECASE):
        return None
    rows = [part.rpartition(":") for part in text.split(";") if ":" in part]
    return _rule_rows(
        [(re.sub(r"limit", "", a, flags=re.IGNORECASE).strip(), c) for a, _, c in rows], "limit", limit_default
    )


_WITH = re.compile(
    r"(\d+)\s*(?:,|if|when)?\s*(?:with|for a single|for single|单个|单)\s*(symbol|pair|asset|交易对)", re.IGNORECASE
)
_SENT = re.compile(
    r"(\d+)\s*(?:if|when)\s*(?:the\s+)?(?:parameter\s+)?(symbol|pair|asset)\s*(?:parameter\s+)?is sent", re.IGNORECASE
)
_ABSENT = re.compile(
    r"(\d+)\s*(?:,\s*)?(?:without\s+(?:symbol|pair|asset)|(?:if|when)\s+(?:the\s+)?(?:symbol|pair|asset)\s*(?:parameter\s+)?is\s+"
    r"(?:omitted|not sent)|for\s+mu\w*tiple symbols|for all symbols|不带|不传|没有|无)",
    re.IGNORECASE,
)


def _conditional(text: str) -> tuple[tuple[WeightRule, ...], int | None]:
    """Read `1 for a single symbol; 40 when the symbol parameter is omitted` and `20 with symbol, 40 with pair`."""
    sent = [(m[2], int(m[1])) for pattern in (_WITH, _SENT) for m in pattern.finditer(text)]
    sent = [("symbol" if name == "交易对" else name.lower(), cost) for name, cost in sent]
    absent = _ABSENT.search(text)
    if not sent or (len(sent) == 1 and absent is None):
        return (), None
    rules = tuple(WeightRule(param=name, given=True, ip=cost) for name, cost in sent)
    return rules, int(absent[1]) if absent else max(cost for _, cost in sent)
