"""`uses` and `gate`: what a client reads of the exchange's answers, and whether a night touches it."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.cli.arguments import add_json, folder, refuse_unwritable, writing
from wireproof.counts import counted
from wireproof.errors import ExitStatus, UsageError
from wireproof.escape import one_line, say, say_json
from wireproof.run_options import TARGETS, InRange, address, day, place, text

if TYPE_CHECKING:
    import argparse

    from wireproof.cli.arguments import Commands
    from wireproof.contract.dated_changes import DatedChange
    from wireproof.manifest.affected import GateReport
    from wireproof.manifest.client_manifest import Manifest
    from wireproof.manifest.deriving import Deriving, ModelMapping
    from wireproof.results.model import RunResult

_HOURS = 36.0  # as the heartbeat: a night, and half a day of delay


def add_commands(commands: Commands) -> None:
    """Add this module's commands."""
    _add_uses(commands)
    _add_gate(commands)


def _add_uses(commands: Commands) -> None:
    command = commands.add_parser(
        "uses",
        help="derive the manifest of a client: what it reads of which answers",
        description="Derive the manifest of a client, for `wireproof gate`: which paths of which contracts it reads,"
        " with which of its models, and how strictly. It is made of model classes (pydantic, msgspec, dataclasses,"
        " attrs, TypedDict), of schemas, of an official SDK, or of what tests recorded. What no contract documents"
        " is said.",
        examples=(
            "wireproof uses --models mybot.models:Order=usdm/ws-api/order.place --out wireproof.manifest.json",
            "wireproof uses --models 'mybot.models:Trade=GET /fapi/v1/trades@[]' --enums open",
            "wireproof uses --sdk binance_sdk_derivatives_trading_usds_futures --out sdk.manifest.json",
            "wireproof uses --openapi openapi.json --client mybot-ts --client-version 1.4.0",
            "wireproof uses --recorded uses.json   # of pytest -p wireproof.manifest.uses_recording --record-uses FILE",
        ),
    )
    sources = command.add_argument_group("what is read")
    sources.add_argument(
        "--models",
        action="append",
        default=[],
        type=text,
        metavar="MODEL",
        help="package.module:Class=CONTRACT[@path]: a class, what it reads, where in the answer; repeatable",
    )
    sources.add_argument("--mapping", type=place, metavar="FILE", help="a JSON object of the same, model to contracts")
    sources.add_argument("--sdk", type=text, metavar="MODULE", help="the package of an official SDK; maps itself")
    sources.add_argument("--openapi", type=place, metavar="FILE", help="an OpenAPI document in JSON; maps itself")
    sources.add_argument(
        "--json-schema",
        action="append",
        default=[],
        type=text,
        metavar="FILE=CONTRACT",
        help="a JSON Schema of the answers of a contract; repeatable",
    )
    sources.add_argument(
        "--recorded", action="append", default=[], type=place, metavar="FILE", help="what tests recorded; repeatable"
    )
    sources.add_argument("--product", metavar="PRODUCT", help="only contracts of this product, or these: usdm,coinm")
    sources.add_argument("--path", type=place, metavar="DIR", help="where modules are looked for as well")
    client = command.add_argument_group("the client")
    client.add_argument("--client", type=text, metavar="TEXT", help="its name; default: that of its package")
    client.add_argument("--client-version", type=text, metavar="TEXT", help="its version; default: that installed")
    client.add_argument("--enums", choices=("closed", "open"), default="", help="what a new word is; default: closed")
    client.add_argument(
        "--unknown-fields", choices=("refused", "ignored"), default="", help="default: as models say, else ignored"
    )
    client.add_argument(
        "--numbers",
        choices=("declared", "float", "integer", "decimal-string", "any"),
        default="",
        help="which notations it takes where it reads a number; default: as each field declares",
    )
    command.add_argument(
        "--out", type=place, metavar="FILE", help="write it there, and keep what people wrote into that file"
    )
    command.set_defaults(command=uses)


def _add_gate(commands: Commands) -> None:
    command = commands.add_parser(
        "gate",
        help="say whether last night's differences touch a client",
        description="Judge a night for one client, offline: ok, breaking (which of its fields and models, what differs,"
        " since when) or unknown (too old, blocked, never exercised). Exit status: 0 ok, 1 breaking, 3 unknown.",
        examples=(
            "wireproof gate --manifest wireproof.manifest.json",
            "wireproof gate --manifest wireproof.manifest.json --reports artifact --target testnet --max-age 30",
            "wireproof gate --manifest wireproof.manifest.json --url https://example.org/wireproof --target live",
            "wireproof gate --manifest wireproof.manifest.json --as-of 2027-01-31 --json",
        ),
    )
    command.add_argument(
        "--manifest", type=place, metavar="FILE", help="what `wireproof uses` wrote; default: that of pyproject.toml"
    )
    command.add_argument("--target", choices=TARGETS, help="whose night; needed where there are several")
    source = command.add_mutually_exclusive_group()
    source.add_argument(
        "--reports", type=place, default="reports", metavar="DIR", help="reports, or an artifact; default: reports"
    )
    source.add_argument("--result", type=place, metavar="FILE", help="one result.json")
    source.add_argument(
        "--url", type=address, metavar="URL", help="a site of nightly runs, which is asked for the night"
    )
    command.add_argument(
        "--max-age",
        type=InRange(0, 10**6, float),
        default=_HOURS,
        metavar="HOURS",
        help=f"an older night is unknown; default: {_HOURS:g}",
    )
    command.add_argument(
        "--as-of", type=day, metavar="DAY", help="judge announced changes as well that are in force by then"
    )
    command.add_argument("--summary", type=place, metavar="FILE", help="append Markdown: one sentence and one table")
    command.add_argument("--outputs", type=place, metavar="FILE", help="append verdict=… and headline=… for a step")
    add_json(command)
    command.set_defaults(command=gate)


def uses(options: argparse.Namespace) -> int:
    """Derive a manifest, and print it or write it; what nothing documents is said on stderr."""
    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.manifest.client_manifest import Strictness, manifest_json, read_manifest  # noqa: PLC0415
    from wireproof.manifest.contract_mapping import ContractMapping  # noqa: PLC0415
    from wireproof.manifest.deriving import (  # noqa: PLC0415
        Deriving,
        client_name,
        known_products,
        mapping_of,
        with_what_people_wrote,
    )

    given = [mapping_of(one) for one in options.models]
    refuse_unwritable("--out", options.out)
    if options.path:
        folder("--path", options.path)
    store = load_store()
    products = known_products(store, options.product)
    if not (given or options.mapping or options.sdk or options.openapi or options.json_schema or options.recorded):
        raise UsageError("uses needs what the client reads: --models, --mapping, --sdk, --openapi, or --recorded.")
    out = Path(options.out) if options.out else None
    before = read_manifest(out) if out is not None and out.exists() else None
    recorded = [read_manifest(Path(one)) for one in options.recorded]
    sys.path[:0] = [options.path, ""] if options.path else [""]
    strictness = Strictness(enums=options.enums, unknown_fields=options.unknown_fields, numbers=options.numbers)
    name, version = options.client or "", options.client_version or ""
    if before is not None and not name:
        name = before.client.name
    if recorded and not name:
        name, version = recorded[0].client.name, version or recorded[0].client.version
    packages = [*([options.sdk] if options.sdk else []), *(one.module for one in given)]
    client = client_name(name, version, packages)
    deriving = Deriving(ContractMapping(store, products), client, strictness)
    _derive(deriving, given, options)
    for one in recorded:
        deriving.recorded(one)
    made = deriving.manifest()
    if not made.contracts:
        raise UsageError("No contract was found for anything that the client reads. Map its models with --models.")
    if before is not None:
        made = with_what_people_wrote(made, before)
    for warning in deriving.warnings:
        say(f"wireproof: {warning}", stream=sys.stderr)
    _say_unmapped(made)
    content = manifest_json(made)
    if out is None:
        say_json(content.rstrip())
        return ExitStatus.OK
    with writing(out):
        out.write_bytes(content)
    fields = sum(len(use.reads) for use in made.contracts.values())
    say(f"{out}: {client.name} reads {counted(fields, 'field')} of {counted(len(made.contracts), 'contract')}.")
    return ExitStatus.OK


def _derive(deriving: Deriving, given: list[ModelMapping], options: argparse.Namespace) -> None:
    from wireproof.bounds import read_file  # noqa: PLC0415
    from wireproof.manifest.deriving import read_mapping  # noqa: PLC0415

    if options.mapping:
        try:
            content = json.loads(read_file(options.mapping))
        except OSError as error:
            raise UsageError(f"--mapping: {options.mapping} cannot be read: {error.strerror}.") from None
        except (ValueError, RecursionError) as error:
            raise UsageError(f"--mapping: {options.mapping} is not JSON: {error}.") from None
        given = [*given, *read_mapping(Path(options.mapping), content)]
    if given:
        deriving.models(given)
    if options.sdk:
        deriving.sdk(options.sdk)
    if options.openapi:
        deriving.openapi(Path(options.openapi))
    for one in options.json_schema:
        file, _, contract = one.partition("=")
        if not file or not contract or not file.isprintable():
            raise UsageError(f"--json-schema takes FILE=CONTRACT, not {one[:80]!r}.")
        deriving.json_schema(Path(file), contract)


def _say_unmapped(made: Manifest) -> None:
    for name in made.unmapped:
        say(f"wireproof: {name} is mapped to no contract; nothing of it will be judged.", stream=sys.stderr)


def gate(options: argparse.Namespace) -> int:
    """Judge a night for a client; the exit status is 0 for ok, 1 for breaking, 3 for unknown."""
    import msgspec  # noqa: PLC0415

    from wireproof.manifest.client_manifest import read_manifest  # noqa: PLC0415
    from wireproof.manifest.gate_page import gate_lines, gate_markdown  # noqa: PLC0415
    from wireproof.results.conclusion import Outcome  # noqa: PLC0415

    for flag, name in (("--summary", options.summary), ("--outputs", options.outputs)):
        refuse_unwritable(flag, name)
    if options.manifest is None:
        raise UsageError(
            "gate needs a manifest: name one with --manifest, or as `manifest` in [tool.wireproof] of pyproject.toml."
            " `wireproof uses` makes it."
        )
    manifest = read_manifest(Path(options.manifest))
    report = _judged(options, manifest)
    for name, said in (
        (options.summary, gate_markdown(report)),
        (options.outputs, f"verdict={report.verdict}\nheadline={one_line(report.sentence, 1000)}\n"),
    ):
        if name:
            with writing(Path(name)), Path(name).open("a", encoding="utf-8") as file:
                file.write(said)
    if options.json:
        # Not by way of `cli.outputs`, which imports what all commands print, for a second.
        say_json(msgspec.json.format(msgspec.json.encode(report), indent=2))
    else:
        say(*gate_lines(report))
    return {Outcome.OK: ExitStatus.OK, Outcome.BREAKING: ExitStatus.FINDINGS}.get(report.verdict, ExitStatus.BLOCKED)


def _judged(options: argparse.Namespace, manifest: Manifest) -> GateReport:
    from wireproof.contract.dated_changes import load_changes  # noqa: PLC0415
    from wireproof.contract.store import default_folder  # noqa: PLC0415
    from wireproof.day import now, today  # noqa: PLC0415
    from wireproof.manifest.affected import judge_night  # noqa: PLC0415
    from wireproof.report.history import load_history  # noqa: PLC0415

    run, reports = _night(options)
    changes: list[DatedChange] = []
    as_of = date.fromisoformat(options.as_of) if options.as_of else None
    if as_of is not None:
        if as_of < today():
            raise UsageError(f"--as-of {as_of} is over. It judges what is announced for a day to come.")
        for product in dict.fromkeys(name.partition("/")[0] for name in manifest.contracts):
            changes += load_changes(default_folder() / product).changes
    history = load_history(reports / "history.jsonl", look=True) if reports is not None else None
    return judge_night(
        run,
        manifest,
        now=now(),
        most_hours=options.max_age,
        since=lambda name: history.first_seen(run.target, name) if history is not None else "",
        changes=changes,
        as_of=as_of,
    )


def _night(options: argparse.Namespace) -> tuple[RunResult, Path | None]:
    """Return the night that options name, and the folder with its history."""
    from wireproof.manifest.night_source import night_of_file, night_of_folder  # noqa: PLC0415

    target = options.target or ""
    if options.url:
        from wireproof.manifest.night_download import night_of_site, refuse_address  # noqa: PLC0415

        refuse_address(options.url)
        if not target and not options.url.endswith(".json"):
            raise UsageError("--url needs --target: a site has a night for each.")
        return night_of_site(options.url, target), None
    if options.result:
        run = night_of_file(Path(options.result))
        if target and run.target != target:
            raise UsageError(f"{options.result} is a night of {run.target}, not of {target}.")
        return run, Path(options.result).parent
    return night_of_folder(folder("--reports", options.reports), target)
