"""The condition under which a page shows an example, in this project's words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from wireproof.pages.reading.blocks import clean

if TYPE_CHECKING:
    from wireproof.contract.model import Param

# What captions say, in either language, and the condition they stand for.
_KNOWN: tuple[tuple[str, str], ...] = (
    (r"one-?\s?way|单向", "one-way position mode"),
    (r"hedge|双向", "hedge position mode"),
    (r"single[- ]?assets?|单币|单资产", "account in single-asset mode"),
    (r"multi[- ]?assets?|联合保证金|多资产|多币", "account in multi-assets mode"),
    (r"processing|is being prepared|正在处理|处理中", "the download is still being prepared"),
    (r"account violation|violation triggered|账户.*触发", "an account-wide rule was violated"),
    (r"no order (?:response|found)|无订单", "no such order"),
    (
        (
            r"(?:without|no)\s+symbol|symbol\s+(?:is\s+|parameter\s+is\s+)?(?:omitted|not\s+sent)|"
            r"不(?:发送|带|传).{0,4}(?:symbol|交易对)"
        ),
        "symbol omitted",
    ),
    (r"(?:with|single)\s+symbol|symbol\s+(?:is\s+)?sent|发送.{0,4}(?:symbol|交易对)", "symbol sent"),
    (r"(?:without|no)\s+asset|asset\s+(?:is\s+)?(?:omitted|not\s+sent)", "asset omitted"),
    (r"(?:with\s+asset|asset\s+(?:is\s+)?sent)", "asset sent"),
    (r"(?:with|when|if)\s+(?:a\s+)?pair|pair\s+(?:is\s+)?sent", "pair sent"),
    (r"\back\b", "newOrderRespType ACK"),
    (r"\bresult\b", "newOrderRespType RESULT"),
    (r"\bfull\b", "newOrderRespType FULL"),
    (r"isolated", "isolated margin"),
    (r"cross(?:ed)? margin|crossed position", "crossed margin"),
)  # fmt: skip

# The other half of a pair, for the one of two examples that has no caption.
_COUNTERPARTS = {
    "the download is still being prepared": "the download is ready",
    "an account-wide rule was violated": "per-symbol indicators",
    "no such order": "order found",
    "symbol omitted": "symbol sent",
    "symbol sent": "symbol omitted",
    "asset omitted": "asset sent",
    "asset sent": "asset omitted",
    "hedge position mode": "one-way position mode",
    "one-way position mode": "hedge position mode",
    "account in multi-assets mode": "account in single-asset mode",
    "account in single-asset mode": "account in multi-assets mode",
}

_NOISE = re.compile(
    r"\b(?:or|response|responses|example|examples|payload|sample|when|if|for|and)\b|响应|返回|示例|或者?|如下|[:()*`#>\-]",
    re.IGNORECASE,
)
MAX_WORDS = 8


def condition_of(caption: str) -> str:
    """Return the condition that a caption gives; empty for captions such as `Response:` and `OR`."""
    caption = clean(caption)
    for pattern, condition in _KNOWN:
        if re.search(pattern, caption, re.IGNORECASE):
            return condition
    words = " ".join(_NOISE.sub(" ", caption).split())
    return " ".join(words.split()[:MAX_WORDS])[:60].strip(" ,.;\u3002") if len(words) > 1 else ""


def settle(conditions: list[str], documents: list[Any], params: tuple[Param, ...]) -> list[str]:
    """Fill in conditions that follow from the others: the counterpart of a pair, an object beside a list of such.

    Examples of equal outline keep an empty condition: they are merged.
    """
    out = list(conditions)
    if len(out) == 2:
        for here, there in ((0, 1), (1, 0)):
            if not out[here] and out[there] in _COUNTERPARTS:
                out[here] = _COUNTERPARTS[out[there]]
        if not any(out):
            out = _by_form(documents, params)
    return out


def _by_form(documents: list[Any], params: tuple[Param, ...]) -> list[str]:
    """Tell a single object from a list by the optional parameter that selects one."""
    forms = [type(_result(document)) for document in documents]
    if sorted(form.__name__ for form in forms) != ["dict", "list"]:
        return ["", ""]
    optional = {param.name for param in params if not param.required}
    selector = next((name for name in ("symbol", "pair", "asset", "orderId") if name in optional), None)
    if selector is None:
        return ["one", "several"] if forms[0] is dict else ["several", "one"]
    return [f"{selector} {'sent' if form is dict else 'omitted'}" for form in forms]


def _result(document: Any) -> Any:
    if isinstance(document, dict) and {"id", "status", "result"} <= set(document):
        return document["result"]
    return document
