"""Answers through a client's own decoder: what raises, what it silently leaves raw, what it loses, where it hangs."""

from __future__ import annotations

import base64
import contextlib
import os
import selectors
import subprocess
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from wireproof.contract.model import Surface
from wireproof.counts import counted, first_few
from wireproof.drift.documented_shape import answer_shape, groups
from wireproof.errors import UsageError
from wireproof.escape import one_line, prose
from wireproof.manifest.decoder_process import DecodedAnswer, ToDecode
from wireproof.manifest.documented_variants import KINDS, OTHER_EXAMPLE, RECORDED, Variant, marked, variants

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Self

    from wireproof.contract.model import Contract, Product
    from wireproof.results.model import Observation

Outcome = Literal["raises", "falls back", "loses", "hangs", "crashes"]
_ORDER: tuple[Outcome, ...] = ("crashes", "hangs", "raises", "falls back", "loses")
_MOST_DEATHS = 3  # crashes and hangs of one contract; each costs a start
_START_SECONDS = 60.0  # that the client may take to be imported


class DecodeProblem(Struct, kw_only=True, frozen=True):
    """What a decoder does with some variants of the answers of one contract, all of one kind."""

    contract: str
    outcome: Outcome
    kind: str  # of the variants: `as it came`, `null`, `a new word`, …
    count: int  # variants with which it happens
    of: int  # variants of that kind that were tried
    where: tuple[str, ...] = ()  # the places of the first of them; of what is lost, its paths
    says: str = ""  # the first error, or what was made instead


class DecodeReport(Struct, kw_only=True):
    """What a client's decoder makes of the answers of a night, or of the documented examples."""

    decoder: str
    contracts: int
    tried: int  # answers and variants
    problems: list[DecodeProblem] = msgspec.field(default_factory=list)
    raw: list[str] = msgspec.field(default_factory=list)  # contracts whose answers it leaves as they are


class DecoderDiedError(Exception):
    """The process of the decoder ended, or did not answer in time."""

    def __init__(self, outcome: Outcome, said: str) -> None:
        super().__init__(said)
        self.outcome: Outcome = outcome


class DecoderProcess:
    """A client's decoder in a process of its own, which is started anew after a crash or a hang.

    Args:
        decoders: Functions `package.module:function` by contract; with an empty one for all others.
        takes: What they take, bytes, str or dict; empty: as their signatures say.
        seconds: How long one answer may take.
        path: Folders where modules are looked for as well.
    """

    def __init__(
        self, decoders: Mapping[str, str], *, takes: str = "", seconds: float = 5.0, path: Sequence[str] = ()
    ) -> None:
        self._decoders, self._takes, self._seconds, self._path = dict(decoders), takes, seconds, list(path)
        self._process: subprocess.Popen[bytes] | None = None
        self._left = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def decode(self, number: int, contract: str, body: bytes, *, show: bool = False) -> DecodedAnswer:
        """Return what the decoder makes of an answer.

        Raises DecoderDiedError where it crashes or hangs, UsageError where it cannot be started.
        """
        if self._process is None:
            self._start()
        one = ToDecode(number, contract, base64.b64encode(body).decode(), show)
        try:
            self._write(msgspec.json.encode(one) + b"\n")
            return self._read(self._seconds)
        except DecoderDiedError:
            self.stop()
            raise

    def _start(self) -> None:
        words = msgspec.json.encode(self._decoders).decode(), msgspec.json.encode(self._path).decode(), self._takes
        self._left = b""
        self._process = subprocess.Popen(  # noqa: S603  # this Python, and our own module
            [sys.executable, "-m", "wireproof.manifest.decoder_process", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            said = self._read(_START_SECONDS)
        except DecoderDiedError as error:
            self.stop()
            raise UsageError(f"The decoder cannot be started: importing it {error.outcome} ({error}).") from None
        if said.error:
            self.stop()
            raise UsageError(f"--with: {said.error} Run wireproof in the client's environment, in its folder.")

    def _write(self, line: bytes) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line)
            self._process.stdin.flush()
        except OSError:
            raise self._died() from None

    def _read(self, seconds: float) -> DecodedAnswer:
        assert self._process is not None
        assert self._process.stdout is not None
        end = time.monotonic() + seconds
        with selectors.DefaultSelector() as ready:
            ready.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._left:
                left = end - time.monotonic()
                if left <= 0 or not ready.select(left):
                    raise DecoderDiedError("hangs", f"no answer within {seconds:g} s")
                part = os.read(self._process.stdout.fileno(), 1 << 20)
                if not part:
                    raise self._died()
                self._left += part
        line, _, self._left = self._left.partition(b"\n")
        return msgspec.json.decode(line, type=DecodedAnswer)

    def _died(self) -> DecoderDiedError:
        assert self._process is not None
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        return DecoderDiedError("crashes", f"the process ended with status {self._process.returncode}")


def answers_of(contract: Contract, observations: Iterable[Observation], *, most: int) -> list[bytes]:
    """Return answers of success of one contract, the longest of each example first; of streams, messages."""
    found: dict[bytes, None] = {}
    for one in observations:
        if one.contract != contract.id or one.expect_codes or one.status not in {None, 200} or not one.example:
            continue
        for text in one.messages or ((one.response,) if one.response else ()):
            found.setdefault(text.encode("utf-8", "backslashreplace"))
    return sorted(found, key=len, reverse=True)[:most]


def through(
    process: DecoderProcess,
    contracts: Iterable[tuple[Contract, Product, list[bytes]]],
    *,
    decoder: str,
    most: int,
) -> DecodeReport:
    """Return what a decoder makes of the answers of contracts and of their documented variants.

    Without answers, the documented examples are taken. `most` bounds the variants of each kind of one answer.
    """
    report = DecodeReport(decoder=decoder, contracts=0, tried=0)
    for contract, product, bodies in contracts:
        if contract.examples:
            report.contracts += 1
            _through_contract(process, contract, product, bodies, report, most)
    report.problems.sort(key=lambda one: (one.contract, KINDS.index(one.kind), _ORDER.index(one.outcome)))
    return report


def _through_contract(  # noqa: PLR0917  # once
    process: DecoderProcess, contract: Contract, product: Product, bodies: list[bytes], report: DecodeReport, most: int
) -> None:
    tried: Counter[str] = Counter()
    happened: dict[tuple[str, Outcome], list[tuple[str, str]]] = {}
    usual, deaths = "", 0
    for variant, document in _each(contract, product, bodies, most):
        tried[variant.kind] += 1
        report.tried += 1
        outcome, said = _one(process, contract.id, variant.body, report.tried)
        if isinstance(said, DecodedAnswer):
            if variant.kind in {RECORDED, OTHER_EXAMPLE}:
                usual = usual or ("" if said.is_raw else said.made)
                if said.is_raw and not usual and contract.id not in report.raw:
                    report.raw.append(contract.id)
            is_empty_list = said.made == "list" and usual.startswith("list of ")
            if usual and said.is_raw and not is_empty_list:
                outcome, words = "falls back", f"{said.made} in place of {usual}"
                happened.setdefault((variant.kind, outcome), []).append((variant.where, words))
        elif outcome is not None:
            happened.setdefault((variant.kind, outcome), []).append((variant.where, said))
            deaths += outcome in {"hangs", "crashes"}
            if deaths >= _MOST_DEATHS:
                break
        if document is not None and outcome is None:
            lost = _lost(process, contract.id, document, report)
            if lost:
                happened.setdefault((variant.kind, "loses"), []).extend((path, "") for path in lost)
    for (kind, outcome), several in happened.items():
        places = tuple(dict.fromkeys(one_line(where, 120) for where, _ in several if where))
        count = len(several) if outcome != "loses" else 1
        says = one_line(several[0][1], 300)
        report.problems.append(
            DecodeProblem(
                contract=contract.id, outcome=outcome, kind=kind, count=count, of=tried[kind], where=places, says=says
            )
        )


def _one(
    process: DecoderProcess, contract: str, body: bytes, number: int
) -> tuple[Outcome | None, DecodedAnswer | str]:
    try:
        made = process.decode(number, contract, body)
    except DecoderDiedError as error:
        return error.outcome, str(error)
    return ("raises", made.error) if made.error else (None, made)


def _lost(process: DecoderProcess, contract: str, document: Any, report: DecodeReport) -> list[str]:
    """Return the paths of values that a decoded object shows nowhere."""
    for unlike in (True, False):  # where the decoder takes no other numbers, those that came must do
        changed, expected = marked(document, unlike=unlike)
        report.tried += 1
        try:
            made = process.decode(report.tried, contract, msgspec.json.encode(changed), show=True)
        except DecoderDiedError:
            return []
        if not made.error:
            shown = set(made.values)
            return [] if made.is_raw else sorted(path for value, path in expected.items() if value not in shown)
    return []


def _each(contract: Contract, product: Product, bodies: list[bytes], most: int) -> Iterator[tuple[Variant, Any]]:
    """Yield what is decoded of a contract, and the document where its values are looked for afterwards."""
    documented = [(group[0].name, example.response) for group in groups(contract) for example in group]
    taken = []
    for body in bodies:
        with contextlib.suppress(msgspec.DecodeError):
            taken.append(msgspec.json.decode(body))
    shapes = {name: answer_shape(contract, name, product) for name, _ in documented}
    if contract.surface is Surface.WS_API:
        documented = [(name, shown if _is_enveloped(shown) else _enveloped(shown)) for name, shown in documented]
    if not taken:
        taken, documented = [documented[0][1]], documented[1:]
    for document in taken:
        node = min(shapes.values(), key=lambda shape: _misfit(shape, document))
        for variant in variants(node, document, most=most):
            yield variant, document if variant.kind == RECORDED else None
    for _, shown in documented:
        yield Variant(OTHER_EXAMPLE, "", msgspec.json.encode(shown)), None


def _is_enveloped(shown: Any) -> bool:
    return isinstance(shown, dict) and "status" in shown and ("result" in shown or "id" in shown)


def _enveloped(shown: Any) -> dict[str, Any]:
    return {"id": "1", "status": 200, "result": shown}


def _misfit(shape: Any, document: Any) -> int:
    """Return how many places of a document differ from a shape."""
    from wireproof.drift.explain import explain  # noqa: PLC0415  # slow to load

    return len(explain("", shape, document))


def decode_lines(report: DecodeReport) -> Iterator[str]:
    """Yield a line for each contract and kind of variant that makes trouble."""
    for one in report.problems:
        places = first_few(one.where)
        count = f" ({one.count} of {one.of})" if one.of > 1 and one.outcome != "loses" else ""
        said = f": {one.says}" if one.says else ""
        yield f"{one.outcome:10} {one.contract}: {one.kind}{count}" + (f" at {places}" if places else "") + said
    if report.raw:
        count = counted(len(report.raw), "contract")
        yield f"raw        answers of {count} stay as they are: {first_few(report.raw)}"
    problems = len(report.problems)
    yield (
        f"{report.decoder}: {counted(report.tried, 'answer or variant', 'answers and variants')} "
        f"of {counted(report.contracts, 'contract')}, "
        + (f"{counted(problems, 'kind')} of trouble." if problems else "no trouble.")
    )


def rows_of(report: DecodeReport) -> Iterator[str]:
    """Yield a row of a Markdown table for each contract and kind of variant that makes trouble."""
    for one in report.problems:
        places = first_few(f"`{where}`" for where in one.where)
        says = prose(one.says, 160) if one.says else ""
        yield f"| {one.outcome} | `{one.contract}` | {one.kind} | {cell_text(places)} | {says} |"
    yield from (f"| raw | `{name}` | as it came | | |" for name in report.raw)


def cell_text(text: str) -> str:
    """Return text whose pipes do not end a cell."""
    return text.replace("|", "\\|")
