"""`compare`, `accept` and `prove`: the comparison without a run."""

from __future__ import annotations

import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from wireproof.bounds import MOST_BYTES, MOST_OF_A_LINE
from wireproof.cli.arguments import (
    add_as_of,
    add_json,
    add_reports,
    add_run_options,
    add_selection,
    open_input,
    print_json,
    printing_redactor,
    refuse_another_day,
    writing,
)
from wireproof.errors import ExitStatus, UsageError, WireproofError, only_one
from wireproof.escape import json_bytes, say
from wireproof.run_options import SEED, SEVERITIES, InRange, place

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from wireproof.cli.arguments import Commands
    from wireproof.contract.model import Contract
    from wireproof.contract.store import Store
    from wireproof.drift.compare import Comparer
    from wireproof.drift.finding import Finding
    from wireproof.drift.offline import Offline


def add_commands(commands: Commands) -> None:
    """Add this module's commands."""
    command = commands.add_parser(
        "compare",
        help="compare payloads without a run",
        description="Compare DOCUMENTED.json with ACTUAL.json, ACTUAL.json with a stored contract (--contract ID), or"
        " a stream of pairs (--batch FILE.jsonl, - for standard input).",
        examples=(
            "wireproof compare documented.json actual.json",
            "wireproof compare --contract usdm/ws-api/ticker.price answer.json --json",
            "wireproof compare --contract usdm/rest/POST.fapi.v1.order answer.json --as-of 2026-05-01",
            "wireproof compare --batch pairs.jsonl --fail-on risky > verdicts.jsonl",
        ),
    )
    command.add_argument("files", nargs="*", type=place, metavar="FILE", help="DOCUMENTED.json ACTUAL.json, or one")
    command.add_argument(
        "--contract", metavar="CONTRACT", help="a stored contract instead of DOCUMENTED.json; its id or how it begins"
    )
    command.add_argument("--example", default="", metavar="NAME", help="which of its examples; default: the nearest")
    command.add_argument(
        "--batch", type=place, metavar="FILE.jsonl", help="lines of {id, documented or contract (with example), actual}"
    )
    add_as_of(command)
    add_json(command)
    add_run_options(command, "fail_on")
    command.set_defaults(command=compare)

    command = commands.add_parser(
        "accept",
        help="write what a case observed into its contract, for review in a diff",
        description="Write what a case of the last run observed into its contract, for review in a diff.",
        examples=("wireproof accept usdm/ws-api/ticker.price/symbol-sent",),
    )
    command.add_argument("case", metavar="CASE", help="its id, or how it begins")
    add_reports(command)
    command.set_defaults(command=accept)

    command = commands.add_parser(
        "prove",
        help="mutate every stored example and count what the comparison notices",
        description="Mutate every stored example at every path, and count what the comparison notices.",
        examples=("wireproof prove --sample 3", "wireproof prove --product usdm --surface rest --verbose"),
    )
    add_selection(command)
    add_as_of(command)
    command.add_argument("--sample", type=InRange(1, 10**6), metavar="N", help="only so many mutations of each example")
    command.add_argument("--seed", type=SEED, default=0, metavar="N", help="which ones; default: 0")
    command.add_argument("--verbose", action="store_true", help="a line for each contract")
    add_json(command)
    command.set_defaults(command=prove)


def compare(options: argparse.Namespace) -> int:
    """Compare payloads; the exit status says whether a finding is at or above --fail-on."""
    from wireproof.drift.offline import Offline  # noqa: PLC0415
    from wireproof.suite.judging.clean import clean_findings  # noqa: PLC0415

    wanted = 0 if options.batch else 1 if options.contract else 2
    if len(options.files) != wanted:
        raise UsageError(
            f"compare takes {wanted} file(s) here, not {len(options.files)}:"
            " DOCUMENTED.json ACTUAL.json, --contract ID ACTUAL.json, or --batch FILE.jsonl."
        )
    if options.batch and options.contract:
        raise UsageError(
            "--contract is for one ACTUAL.json. The lines of a batch name their own: {id, contract, actual}."
        )
    if options.example and not options.contract:
        where = "the lines of a batch name their own: {id, contract, example, actual}" if options.batch else ""
        raise UsageError(f"--example names one of a contract's: {where or 'name the contract with --contract ID'}.")
    if options.as_of is not None and not (options.contract or options.batch):
        raise UsageError("--as-of is for stored contracts. Name one with --contract ID, or in the lines of a batch.")
    redactor = printing_redactor()
    finder = _Finder(options.as_of)
    offline = Offline(finder, clean=lambda findings: clean_findings(findings, redactor), clean_text=redactor.text)
    if options.batch:
        return _compare_batch(offline, options.batch, options.fail_on)
    actual = _content(options.files[-1])
    try:
        if options.contract:
            findings = offline.with_contract(finder.full(options.contract), actual, example=options.example)
        else:
            findings = offline.payloads(_content(options.files[0]), actual)
    except WireproofError as error:
        said = str(error) if options.contract else f"{options.files[0]}: {error}"
        error.args = (redactor.text(said),)
        raise
    findings = clean_findings(findings, redactor)
    _print_findings(findings, as_json=options.json)
    return _status(max((f.severity.rank for f in findings), default=-1), options.fail_on)


def _status(worst: int, fail_on: str) -> ExitStatus:
    """Return the exit status that the rank of the worst finding deserves."""
    return ExitStatus.FINDINGS if worst >= SEVERITIES.index(fail_on) else ExitStatus.OK


class _Finder:
    """Finds stored contracts; the store is read when it is first asked for."""

    def __init__(self, day: str | None) -> None:
        self._day = day  # as of which the contracts are
        self._comparers: dict[str, Comparer] = {}

    def __call__(self, contract_id: str) -> tuple[Contract, Comparer]:
        from wireproof.drift.compare import Comparer  # noqa: PLC0415

        contract = self._store.contract(contract_id)
        product = self._store.products[contract.product]
        return contract, self._comparers.setdefault(contract.product, Comparer(product))

    def full(self, beginning: str) -> str:
        """Return the id of the only contract that begins so."""
        return only_one(beginning, self._store.contracts, "There is no contract")

    @cached_property
    def _store(self) -> Store:
        from wireproof.contract.as_of import load_as_of  # noqa: PLC0415

        return load_as_of(self._day)


def _compare_batch(offline: Offline, name: str, fail_on: str) -> int:
    """Answer each line with a line.

    The exit status is 2 when a line could not be compared, for then nobody knows; else that of the worst finding, and
    without one that counts 3 when an answer says nothing of its contract.
    """
    output = sys.stdout.buffer
    number = 0
    with open_input(name) as lines:
        for number, line in enumerate(offline.batch(_lines(lines, name)), 1):
            output.write(json_bytes(line))
            if number % 1000 == 0:
                output.flush()
    output.flush()
    if not number:
        raise UsageError(f"{name} holds no line to compare.")
    if offline.failed:
        return ExitStatus.USAGE
    status = _status(offline.worst, fail_on)
    return ExitStatus.BLOCKED if status is ExitStatus.OK and offline.blocked else status


def _lines(file: BinaryIO, name: str) -> Iterator[bytes]:
    """Yield each line, of one that is too long only the beginning: `Offline` refuses it."""
    whole = True
    try:
        while line := file.readline(MOST_OF_A_LINE + 1):
            if whole:
                yield line
            whole = line.endswith(b"\n") or len(line) <= MOST_OF_A_LINE
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror}.") from None


def _content(name: str) -> bytes:
    """Return what a file holds; of one that is too long for an answer no more than shows that it is."""
    parts, room = [], MOST_BYTES + 1
    with open_input(name) as file:
        try:
            while room and (part := file.read(room)):
                parts.append(part)
                room -= len(part)
        except OSError as error:
            raise UsageError(f"{name} cannot be read: {error.strerror}.") from None
    return b"".join(parts)


def _print_findings(findings: list[Finding], *, as_json: bool) -> None:
    from wireproof.drift.compare import verdict_of  # noqa: PLC0415
    from wireproof.drift.explain import readable  # noqa: PLC0415
    from wireproof.drift.offline import Compared, reported  # noqa: PLC0415

    verdict = verdict_of(findings)
    if as_json:
        print_json("compare", Compared(verdict=verdict, findings=[reported(finding) for finding in findings]))
    else:
        say("\n".join([*([readable(findings)] if findings else []), str(verdict)]))


def accept(options: argparse.Namespace) -> int:
    """Write what a case of the last run observed into its contract."""
    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.drift.accept import Origin  # noqa: PLC0415
    from wireproof.drift.accept import accept as write  # noqa: PLC0415
    from wireproof.report.files import OBSERVATIONS, RESULT, read_observations, read_result  # noqa: PLC0415
    from wireproof.results.wording import moment  # noqa: PLC0415
    from wireproof.suite.judging.clean import clean_findings  # noqa: PLC0415

    run = read_result(Path(options.reports) / RESULT)
    cases = {case.id: case for case in run.cases}
    case = cases[only_one(options.case, cases, "The last run has no case")]
    observations = read_observations(Path(options.reports) / OBSERVATIONS)
    observed = next((one for one in observations if one.case == case.id), None)
    if observed is None or observed.response is None:
        raise UsageError(f"Nothing was observed in case {case.id!r}; there is nothing to accept.")
    redactor = printing_redactor()
    refuse_another_day(run)
    findings = clean_findings(case.lasting_findings, redactor)
    if not findings:
        raise UsageError(f"Case {case.id!r} has no finding; there is nothing to accept.")
    store = load_store()
    contract = store.contract(case.contract)
    file = store.file_to_write(f"{contract.id}.json")
    origin = Origin(run.target, moment(observed.received_at or run.started_at)[:10])
    with writing(file):
        sentences = write(
            store.file_of(contract),
            findings,
            redactor.frame(observed.response).encode(),
            example=observed.example,
            origin=origin,
            product=store.products[contract.product],
            written=file,
        )
    for sentence in sentences:
        say(f"{file}: {sentence}")
    return ExitStatus.OK


def prove(options: argparse.Namespace) -> int:
    """Print the score of the comparison on every mutation, and every miss."""
    from wireproof.contract.as_of import load_as_of  # noqa: PLC0415
    from wireproof.drift.compare import Comparer  # noqa: PLC0415
    from wireproof.drift.proving.prove import prove as mutate  # noqa: PLC0415

    store = load_as_of(options.as_of)
    comparers = {name: Comparer(product) for name, product in store.products.items()}
    contracts = store.select(product=options.product, surface=options.surface)
    result = mutate(contracts, lambda contract: comparers[contract.product], options.sample, options.seed)
    if options.json:
        print_json("prove", result)
        return ExitStatus.OK if result.holds else ExitStatus.FINDINGS
    for proof in result.contracts:
        for word, sentences in (
            ("missed", proof.missed),
            ("named wrongly", proof.caught_wrongly),
            ("false alarm", proof.false_alarms),
        ):
            for sentence in sentences:
                say(f"{proof.contract}: {word}: {sentence}")
        if options.verbose:
            say(f"{proof.contract}: {proof.caught:,} of {proof.mutations:,} caught")
    for cause, count in sorted(result.impossible.items()):
        say(f"cannot be noticed, {cause}: {count:,}")
    say(result.sentence)
    return ExitStatus.OK if result.holds else ExitStatus.FINDINGS
