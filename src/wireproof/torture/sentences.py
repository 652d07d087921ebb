"""What is printed of a proof."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from wireproof.counts import counted
from wireproof.torture.verdicts import Detection, accused_line, missed_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wireproof.torture.proof import Proof

COLUMNS = (Detection.FOUND, Detection.MISSED, Detection.EXPLAINED)


def table(proof: Proof) -> Iterator[str]:
    """Yield a table of fates by surface and kind, a total for each surface and one for all."""
    by_kind: dict[tuple[str, str], Counter[Detection]] = {}
    for verdict in proof.verdicts:
        one = verdict.alteration
        by_kind.setdefault((one.surface, one.kind), Counter())[verdict.fate] += 1
    width = max([len("wrongly accused"), *(len(kind) for _, kind in by_kind)])
    yield f"{'surface':8} {'kind':{width}} {'altered':>8} {'found':>8} {'missed':>8} {'explained':>10}"
    total: Counter[Detection] = Counter()
    for surface in sorted({surface for surface, _ in by_kind}):
        whole: Counter[Detection] = Counter()
        for (of, kind), number in sorted(by_kind.items()):
            if of == surface:
                yield _row(surface, kind, number, width)
                whole += number
        yield _row(surface, "(all)", whole, width)
        total += whole
    yield _row("all", "", total, width)


def _row(surface: str, kind: str, counted: Counter[Detection], width: int) -> str:
    found, missed, explained = (counted[fate] for fate in COLUMNS)
    return f"{surface:8} {kind:{width}} {counted.total():>8} {found:>8} {missed:>8} {explained:>10}"


def lines(proof: Proof) -> Iterator[str]:
    """Yield everything that is to be said of a proof: the table, each miss, each wrong accusation, and a verdict."""
    yield from table(proof)
    yield ""
    for verdict in proof.verdicts:
        if verdict.fate is Detection.MISSED:
            yield missed_line(verdict, proof.plan.again)
    explained = Counter(one.words for one in proof.verdicts if one.fate is Detection.EXPLAINED)
    for words, number in explained.most_common():
        yield f"explained  {number}: {words}"
    for one in proof.accusations:
        yield accused_line(one)
    if proof.left_out:
        yield f"left out, as they deviate without any alteration: {', '.join(proof.left_out)}"
    if proof.blocked:
        yield (
            f"{counted(proof.blocked, 'case')} of contracts that were not altered came to no statement, {proof.unnamed}"
            " of them with a reason that names no altered request."
        )
    fates = Counter(one.fate for one in proof.verdicts)
    yield (
        f"{counted(len(proof.verdicts), 'alteration')} in {counted(proof.runs, 'run')}:"
        f" {fates[Detection.FOUND]} found, {fates[Detection.MISSED]} missed, {fates[Detection.EXPLAINED]} explained;"
        f" {counted(len(proof.accusations), 'case')} wrongly accused."
    )
