"""`decode`: last night's answers, and what else is documented, through a client's own decoder."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.cli.arguments import add_json, folder
from wireproof.errors import ExitStatus, UsageError
from wireproof.escape import say, say_json
from wireproof.run_options import InRange, place, text

if TYPE_CHECKING:
    import argparse

    from wireproof.cli.arguments import Commands

_OBSERVATIONS = Path("reports/observations.jsonl")


def add_commands(commands: Commands) -> None:
    """Add this module's commands."""
    command = commands.add_parser(
        "decode",
        help="give a client's own decoder last night's answers and their documented variants",
        description="Give a client's own decoder the answers of a night, as they came and with documented variation,"
        " and say what raises, what falls back to raw data, what loses a field, what hangs or crashes. It runs in a"
        " process of its own. Exit status: 0 nothing, 1 something.",
        examples=(
            "wireproof decode --with mybot.decoding:decode --observations reports/observations.jsonl",
            "wireproof decode --with usdm/ws-api/order.place=mybot.models:order_of --takes dict",
            "wireproof decode --sdk binance_sdk_derivatives_trading_options --product options",
        ),
    )
    command.add_argument(
        "--with",
        dest="decoders",
        action="append",
        default=[],
        type=text,
        metavar="FUNCTION",
        help="package.module:function of an answer (and its contract), or CONTRACT=that for one contract; repeatable",
    )
    command.add_argument("--sdk", type=text, metavar="MODULE", help="instead: the models of an official SDK")
    command.add_argument("--takes", choices=("bytes", "str", "dict"), default="", help="default: as its signature says")
    command.add_argument(
        "--observations",
        type=place,
        metavar="FILE",
        help=f"answers of a night; default: {_OBSERVATIONS}, without it the documented examples",
    )
    command.add_argument("--product", metavar="PRODUCT", help="only contracts of this product, or these: usdm,coinm")
    command.add_argument("--contract", action="append", default=[], metavar="CONTRACT", help="only this; repeatable")
    command.add_argument("--path", type=place, metavar="DIR", help="where modules are looked for as well")
    command.add_argument(
        "--answer-timeout", type=InRange(0.01, 600, float), default=5.0, metavar="SECONDS", help="of one; default: 5"
    )
    command.add_argument(
        "--most",
        type=InRange(1, 1000),
        default=10,
        metavar="N",
        help="variants of each kind of one answer; default: 10",
    )
    add_json(command)
    command.set_defaults(command=decode)


def decode(options: argparse.Namespace) -> int:
    """Decode, and report; the exit status says whether anything went wrong."""
    import msgspec  # noqa: PLC0415

    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.errors import only_one  # noqa: PLC0415
    from wireproof.manifest.decoding import DecoderProcess, answers_of, decode_lines, through  # noqa: PLC0415
    from wireproof.manifest.deriving import imported, known_products  # noqa: PLC0415
    from wireproof.report.files import read_observations  # noqa: PLC0415

    if bool(options.decoders) == bool(options.sdk):
        raise UsageError("decode takes the client's decoder: --with package.module:function, or --sdk PACKAGE.")
    if options.path:
        folder("--path", options.path)
    store = load_store()
    products = known_products(store, options.product)
    wanted = {only_one(one, store.contracts, "There is no contract") for one in options.contract}
    decoders = {}
    for one in options.decoders:
        contract, given, function = one.rpartition("=")
        if given:
            contract = only_one(contract, store.contracts, "--with: there is no contract")
        decoders[contract] = _function(function)
    observations = []
    if options.observations or _OBSERVATIONS.is_file():
        observations = read_observations(Path(options.observations or _OBSERVATIONS))
    path = [options.path, ""] if options.path else [""]
    known = None
    if options.sdk:
        from wireproof.manifest.official_decoder import official_models  # noqa: PLC0415

        sys.path[:0] = path
        known = official_models(imported(options.sdk, package=True), store)
        if not known:
            raise UsageError(f"--sdk {options.sdk} names no request with its model. Name its decoder with --with.")
        decoders[""] = options.sdk
    seen = {one.contract for one in observations}
    contracts = [
        (contract, store.products[contract.product], answers_of(contract, observations, most=3))
        for contract in store.contracts.values()
        if (not products or contract.product in products)
        and (not wanted or contract.id in wanted)
        and ("" in decoders or contract.id in decoders)
        and (known is None or contract.id in known)
        and (not seen or contract.id in seen or contract.id in wanted)
        and not contract.is_command
    ]
    with DecoderProcess(decoders, takes=options.takes, seconds=options.answer_timeout, path=path) as process:
        report = through(process, contracts, decoder=options.sdk or ", ".join(decoders.values()), most=options.most)
    if not report.contracts:
        raise UsageError("No contract is left to decode: see --contract, --product and --observations.")
    if options.json:
        say_json(msgspec.json.format(msgspec.json.encode(report), indent=2))
    else:
        say(*decode_lines(report))
    return ExitStatus.FINDINGS if report.problems else ExitStatus.OK


def _function(name: str) -> str:
    module, _, function = name.partition(":")
    if not all(part.isidentifier() for part in [*module.split("."), *function.split(".")]):
        raise UsageError(f"--with takes package.module:function, not {name[:80]!r}.")
    return name
