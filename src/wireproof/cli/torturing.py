"""`torture`: how far the suite can be trusted, proven by altering what a target sends."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wireproof.cli.arguments import add_run_options, open_input, refuse_unwritable, writing
from wireproof.counts import counted
from wireproof.errors import ExitStatus, UsageError, did_you_mean
from wireproof.escape import say
from wireproof.run_options import SEED, InRange, place, shown

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping, Sequence

    from wireproof.cli.arguments import Commands
    from wireproof.contract.store import Store
    from wireproof.torture.proof import Proof, ProofPlan, Prover
    from wireproof.torture.traffic import Place

COUNT = 600

DESCRIPTION = """\
Runs the suite through proxies that alter what the target sends, and says what it made of that: found, missed,
explained, and which contracts were accused without cause. A first run without alterations learns the traffic. Only what
comes back is altered; what is sent reaches the target as it is. Everything that is not named here goes to the suite's
runs, such as --no-confirm, -m public or --answer-timeout."""


def add_commands(commands: Commands) -> None:
    """Add this module's command."""
    command = commands.add_parser(
        "torture",
        help="alter what a target sends, and see whether the suite notices",
        description=DESCRIPTION,
        passes_rest_on=True,
        examples=(
            "wireproof torture --count 600",
            "wireproof torture --surface stream --kind message-twice --json proof.json",
            "wireproof torture --plan proof.json --index 7",
        ),
    )
    add_run_options(command, "target", "product", "surface")
    command.add_argument("--seed", type=SEED, default=0, metavar="N", help="which alterations are chosen; default: 0")
    many = command.add_mutually_exclusive_group()
    many.add_argument("--count", type=InRange(1, 10**6), default=COUNT, metavar="N", help=f"how many; default: {COUNT}")
    many.add_argument("--all", action="store_true", help="one of each kind at each contract; takes hours")
    command.add_argument("--kind", metavar="KIND", help="only this kind, such as removed or id-foreign")
    command.add_argument(
        "--index", metavar="N[,N]", help="only these of the alterations that the other options choose, each alone"
    )
    command.add_argument(
        "--together", action="store_true", help="in as few runs as possible: what others depend on is altered gently"
    )
    command.add_argument("--plan", type=place, metavar="FILE", help="those of a file that --save-plan or --json wrote")
    command.add_argument("--save-plan", type=place, metavar="FILE", help="write the chosen ones to a file and end")
    command.add_argument("--json", type=place, metavar="FILE", help="write everything that came of it to a file")
    command.set_defaults(command=torture, passes_rest_on=True)


def torture(options: argparse.Namespace) -> int:
    """Plan alterations, carry them out, print what came of them."""
    import asyncio  # noqa: PLC0415  # only this command needs it and what follows

    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.torture.kinds import KINDS  # noqa: PLC0415

    if options.kind is not None and options.kind not in KINDS:
        raise UsageError(f"There is no kind {options.kind!r}. {did_you_mean(options.kind, KINDS)}")
    refuse_unwritable("--save-plan", options.save_plan)
    refuse_unwritable("--json", options.json)
    numbers = _numbers(options.index) if options.index is not None else []
    kept = read_plan(options.plan) if options.plan else None
    store = load_store()
    contracts = [one for one in store.select(product=options.product, surface=options.surface) if one.cases]
    products = sorted({one.product for one in contracts})
    if not products:
        raise UsageError(f"Nothing is exercised of {options.product} {options.surface or ''}: it has no cases.".strip())
    prover = _prover(options, store, products)
    if options.target != "local":
        say(f"wireproof: only what {options.target} answers is altered, on its way to the suite.", stream=sys.stderr)
    proof = asyncio.run(_prove(options, prover, kept, numbers))
    if proof is None:
        return int(ExitStatus.OK)
    from wireproof.torture.sentences import lines  # noqa: PLC0415

    for line in lines(proof):
        say(line)
    if options.json:
        _write(options.json, proof)
    return int(ExitStatus.OK if proof.is_kept else ExitStatus.FINDINGS)


async def _prove(
    options: argparse.Namespace, prover: Prover, kept: ProofPlan | None, numbers: Sequence[int]
) -> Proof | None:
    unaltered = None
    if kept is not None:
        made = kept
        made.again = f"--plan {options.plan}"
    else:
        count = None if options.all else options.count
        made, unaltered = await prover.plan(
            seed=options.seed, count=count, wanted=_wanted(options), together=options.together
        )
        made.again = _again(options)
    if options.save_plan:
        _write(options.save_plan, made)
        say(f"{counted(len(made.alterations), 'alteration')} are in {options.save_plan}.")
        return None
    if numbers:
        made.alterations = _chosen(made, numbers)
    if not made.alterations:
        raise UsageError("No alteration fits: nothing of that kind came over that surface.")
    return await prover.carry_out(made, unaltered)


def _again(options: argparse.Namespace) -> str:
    """Return the options that choose the same alterations of the same traffic."""
    chosen = [f"--seed {options.seed}", "--all" if options.all else f"--count {options.count}"]
    for name in ("target", "product", "surface", "kind"):
        value = getattr(options, name)
        if value not in (None, "local"):
            chosen.append(f"--{name} {value}")
    return " ".join([*chosen, *(["--together"] if options.together else []), *options.rest])


def _numbers(text: str) -> list[int]:
    try:
        numbers = [int(one) for one in text.split(",")]
    except ValueError:
        numbers = [-1]
    if min(numbers) < 0:
        raise UsageError(f"--index takes numbers, such as 17 or 17,42, not {shown(text)}.")
    return numbers


def _chosen(made: ProofPlan, numbers: Sequence[int]) -> list[Any]:
    from msgspec.structs import replace  # noqa: PLC0415

    known = {one.index: one for one in made.alterations}
    lacking = [number for number in numbers if number not in known]
    if lacking:
        raise UsageError(f"--index: there is no alteration {lacking[0]}; {len(known)} were chosen.")
    return [replace(known[number], run=run) for run, number in enumerate(numbers)]


def _wanted(options: argparse.Namespace) -> Callable[[Place, str], bool]:
    def wanted(place: Place, kind: str) -> bool:
        _, surface, _ = place.contract.split("/", 2)
        return options.surface in (None, surface) and options.kind in (None, kind)

    return wanted


def _prover(options: argparse.Namespace, store: Store, products: Sequence[str]) -> Prover:
    from wireproof.torture.proof import Prover  # noqa: PLC0415
    from wireproof.torture.suite_runs import Setting  # noqa: PLC0415

    hosts = {name: _hosts(store, name, "live") for name in products}
    urls: Mapping[str, Mapping[str, str]] = {}
    if options.target != "local":
        urls = {name: _endpoints(store, name, options.target) for name in products}
    asked = [f"--{name}={value}" for name in ("product", "surface") if (value := getattr(options, name))]
    setting = Setting(options.target, products, urls, (*asked, *options.rest))
    return Prover(setting, store, hosts, lambda words: say(words, stream=sys.stderr))


def _hosts(store: Store, product: str, target: str) -> dict[str, str]:
    found = store.products[product].hosts
    return {surface.value: at[target][0].url for surface, at in found.items() if at.get(target)}


def _endpoints(store: Store, product: str, target: str) -> dict[str, str]:
    from wireproof.wire.endpoints import resolve  # noqa: PLC0415

    hosts = {
        surface.value: {name: [host.url for host in found] for name, found in targets.items()}
        for surface, targets in store.products[product].hosts.items()
    }
    at = resolve(product, target, hosts, os.environ)
    urls = {"ws-api": at.ws_api, "rest": at.rest, "stream": at.stream, "event": at.user_stream}
    return {surface: url for surface, url in urls.items() if url}


def read_plan(name: str) -> ProofPlan:
    """Read a plan, or the plan of a proof that was written; UsageError when it is neither."""
    import msgspec  # noqa: PLC0415

    from wireproof.torture.proof import Proof, ProofPlan  # noqa: PLC0415

    with open_input(name) as stream:
        raw = stream.read()
    try:
        try:
            return msgspec.json.decode(raw, type=ProofPlan)
        except msgspec.ValidationError:
            return msgspec.json.decode(raw, type=Proof).plan
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{name} holds no plan: {error}. Write one with --save-plan.") from None


def _write(name: str, what: ProofPlan | Proof) -> None:
    import msgspec  # noqa: PLC0415

    file = Path(name)
    with writing(file):
        file.write_bytes(msgspec.json.format(msgspec.json.encode(what), indent=1) + b"\n")
