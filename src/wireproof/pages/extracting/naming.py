"""Names that follow from the wire: contract ids, stream names, example names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wireproof.contract.model import Surface


def request_name(method: str, path: str = "") -> str:
    """Return the file-safe name of a request: `GET.fapi.v1.order`, `order.place`, `v2.account.status`."""
    if path:
        return f"{method.upper()}.{path.strip('/').replace('/', '.')}"
    return method.replace("/", ".")


def stream_name(pattern: str) -> str:
    """Return the file-safe name of a stream pattern.

    `<symbol>@kline_<interval>` is `kline`, `!ticker@arr` `allTicker`, `<pair>@markPrice@<updateSpeed>` `pairMarkPrice`,
    `<symbol>@depth<levels>` `partialDepth`.
    """
    text = re.sub(r"\{([^}]*)\}", r"<\1>", pattern.strip())
    everything = text.startswith("!")
    head, _, rest = text.removeprefix("!").partition("@")
    kind = head if everything or not rest else rest
    kind = kind.partition("@")[0]
    partial = bool(re.search(r"<levels?>", kind))
    kind = re.sub(r"_?<[^>]*>", "", kind).strip("_") or "stream"
    if everything:
        prefix = "all"
    elif partial:
        prefix = "partial"
    elif head == "<pair>":
        prefix = "pair"
    else:
        prefix = ""
    kind = re.sub(r"\W", "", kind)
    return f"{prefix}{kind[:1].upper()}{kind[1:]}" if prefix else kind


def event_name(name: str) -> str:
    """Return the file-safe name of an event."""
    return re.sub(r"[^\w.-]", "_", name)


def contract_id(product: str, surface: Surface, name: str) -> str:
    """Return a contract's permanent id: `usdm/rest/GET.fapi.v1.order`."""
    return f"{product}/{surface.value}/{name}"


def merged_pattern(text: str) -> tuple[str, tuple[str, ...], bool]:
    """Return the one pattern that alternatives of a stream name stand for, its speeds, and if they may be left out.

    `<symbol>@markPrice or <symbol>@markPrice@1s` is `<symbol>@markPrice@<updateSpeed>`, `1s`, optional.
    """
    text = re.sub(r"\{([^}]*)\}", r"<\1>", text).replace("&lt;", "<").replace("&gt;", ">")
    text = re.sub(r"\s+e\.?g\.?\b.*$", "", text, flags=re.IGNORECASE | re.DOTALL)
    names = [
        part.strip(" `.,;:\"'")
        for part in re.split(r"\s+or\s+|\s*/\s*|,\s+|\n|\s+或\s*|\s+&\s+|;", text, flags=re.IGNORECASE)
    ]
    names = [name for name in dict.fromkeys(names) if re.fullmatch(r"!?[\w<>@!]+", name)]
    if not names:
        return "", (), False
    base = re.sub(r"@(\d+m?s)$", "", names[0])
    speeds = [found[1] for name in names if (found := re.fullmatch(re.escape(base) + r"@(\d+m?s)", name))]
    if speeds and (base in names or len(speeds) > 1):
        return f"{base}@<updateSpeed>", tuple(speeds), base in names
    return names[0], (), False


def slug(text: str) -> str:
    """Return a short file-safe word chain for a condition: `hedge-position-mode`."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].rstrip("-")


def example_names(conditions: list[str]) -> list[str]:
    """Return a unique name per example: the slug of its condition, `default` for none, numbers where several agree."""
    names = [slug(condition) or ("default" if condition == "" else "variant") for condition in conditions]
    out: list[str] = []
    for index, name in enumerate(names):
        number = names[:index].count(name) + 1
        unique = name if number == 1 else f"{name}-{number}"
        while unique in out:
            unique += "-x"
        out.append(unique)
    return out
