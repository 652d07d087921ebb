"""The options of a run, the same for the command and for plain pytest, and the values that options take."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

TARGETS = ("local", "testnet", "live")
SURFACES = ("ws-api", "rest", "stream", "event")
SEVERITIES = ("additive", "risky", "breaking")

#: What is said to whoever starts a run with pytest-xdist.
ONE_PROCESS = (
    "A run is one process: several would share rate limits and a listen key. Leave -n out; cases wait side by side."
)

_SHOWN = 40  # characters of a value that is refused


class InRange:
    """Reads a number from `least` to `most`, both included; ArgumentTypeError with a sentence for anything else."""

    def __init__(self, least: float, most: float, kind: Callable[[str], Any] = int) -> None:
        self.least, self.most, self.kind = least, most, kind

    def __call__(self, text: str) -> Any:
        """Return the number that a text says."""
        what = "a whole number" if self.kind is int else "a number"
        sentence = f"takes {what} from {self.least:,} to {self.most:,}, not {shown(text)}"
        try:
            number = self.kind(text)
            if math.isfinite(number) and self.least <= number <= self.most:
                return number
        except (ValueError, ArithmeticError):
            pass
        raise argparse.ArgumentTypeError(sentence)


#: Reads what random choices begin with.
SEED = InRange(0, 2**63 - 1)


def place(text: str) -> str:
    """Return the name of a file or folder as it is; ArgumentTypeError for one that no file system can have."""
    raw = text.encode("utf-8", "surrogateescape")
    if not raw or b"\0" in raw or len(raw) > 4095 or any(len(part) > 255 for part in raw.split(b"/")):
        raise argparse.ArgumentTypeError(f"takes the name of a file or folder, not {shown(text)}")
    return text


def page(text: str) -> str:
    """Return the name of a file or folder, or a web address, as it is."""
    return text if "://" in text else place(text)


def address(text: str) -> str:
    """Return a web address as it is; ArgumentTypeError for anything else."""
    if not text.startswith(("https://", "http://")) or not text.isprintable() or " " in text:
        raise argparse.ArgumentTypeError(f"takes a web address such as https://example.org/, not {shown(text)}")
    return text


def text(said: str) -> str:
    """Return words as they are; ArgumentTypeError for none."""
    if not said.strip():
        raise argparse.ArgumentTypeError("takes words, and got none")
    return said


def day(text: str) -> str:
    """Return a day as it is written, `2026-08-01`; ArgumentTypeError for anything else."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{shown(text)} is no day; write one such as 2026-08-01") from None


def json_object(text: str) -> str:
    """Return a JSON object as it is written; ArgumentTypeError for anything else."""
    with contextlib.suppress(ValueError, RecursionError):
        if isinstance(json.loads(text), dict):
            return text
    raise argparse.ArgumentTypeError(f"takes a JSON object, not {shown(text)}")


def shown(text: str) -> str:
    """Return a refused value in quotes, of a long one the beginning."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")


@dataclass(frozen=True, slots=True)
class Option:
    """One option, as `add_argument` of argparse and `addoption` of pytest take it."""

    flag: str
    group: str
    more: dict[str, Any]

    @property
    def name(self) -> str:
        """The attribute that it is read from."""
        return self.flag.removeprefix("--").replace("-", "_")


SENT, TRADED, JUDGED, WRITTEN = "what is sent", "orders on live", "judging", "reports"

#: What `wireproof run` and pytest with wireproof's plugin both take.
RUN_OPTIONS = (
    Option("--target", SENT, {"choices": TARGETS, "default": "local", "help": "what is asked; default: local"}),
    Option("--product", SENT, {"metavar": "PRODUCT", "help": "only this product, such as usdm, or these: usdm,coinm"}),
    Option(
        "--surface", SENT, {"choices": SURFACES, "metavar": "SURFACE", "help": f"only this one: {', '.join(SURFACES)}"}
    ),
    Option(
        "--as-of",
        SENT,
        {
            "type": day,
            "metavar": "DAY",
            "help": "with the contracts of this day, such as 2026-05-01, and the local venue of it; docs/as-of.md",
        },
    ),
    Option(
        "--fault",
        SENT,
        {
            "action": "append",
            "type": json_object,
            "metavar": "JSON",
            "help": "let the local venue misbehave, to see that it is found; `wireproof venue --faults` lists how",
        },
    ),
    Option(
        "--allow-trading",
        TRADED,
        {"action": "store_true", "help": "place orders on live; without it live is read-only"},
    ),
    Option(
        "--max-notional",
        TRADED,
        {
            "type": InRange(0.01, 10**12, Decimal),
            "metavar": "N",
            "help": "no order is worth more than this, in USDT or USD; live needs it with --allow-trading",
        },
    ),
    Option(
        "--ledgers",
        JUDGED,
        {
            "action": "append",
            "type": place,
            "metavar": "DIR",
            "help": "reports of the other one of testnet and live, to compare with; default: those beside the reports",
        },
    ),
    Option(
        "--fail-on",
        JUDGED,
        {"choices": SEVERITIES, "default": "breaking", "help": "fail on findings this bad or worse; default: breaking"},
    ),
    Option(
        "--no-confirm",
        JUDGED,
        {
            "action": "store_true",
            "help": "report at once what would fail, without exercising it twice more",
        },
    ),
    Option(
        "--answer-timeout",
        JUDGED,
        {
            "type": InRange(0.001, 3600, float),
            "default": 10.0,
            "metavar": "SECONDS",
            "help": "how long an answer may take; default: 10",
        },
    ),
    Option(
        "--show-values",
        WRITTEN,
        {"action": "store_true", "help": "show values of private answers on testnet and live; without it their kinds"},
    ),
    Option("--reports", WRITTEN, {"type": place, "metavar": "DIR", "default": "reports", "help": "default: reports"}),
)


def suite_folder() -> Path:
    """Return the folder of the suite: the installed wheel's own, or the checkout's; it may be missing."""
    package = Path(__file__).resolve().parent
    installed = package / "_data" / "suite"
    return installed if installed.is_dir() else package.parents[1] / "tests" / "contract"
