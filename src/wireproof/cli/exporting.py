"""`export`: contracts in the languages of other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.cli.arguments import add_selection
from wireproof.errors import ExitStatus, UsageError, only_one
from wireproof.escape import say_json

if TYPE_CHECKING:
    import argparse

    from wireproof.cli.arguments import Commands


def add_commands(commands: Commands) -> None:
    """Add this module's commands."""
    group = commands.add_parser(
        "export",
        help="contracts in the languages of other tools",
        description="Print contracts in the languages of other tools.",
        examples=("wireproof export jsonschema --product usdm > usdm.json",),
    )
    formats = group.add_subparsers(title="formats", required=True, metavar="FORMAT")
    command = formats.add_parser(
        "jsonschema",
        help="a JSON Schema (draft 2020-12) of each documented answer, stream message and event",
        description="Print a JSON Schema (draft 2020-12) of each documented answer, stream message and event, by"
        " contract and example. Answers of the WebSocket API are described with their envelope.",
        examples=("wireproof export jsonschema usdm/event/ORDER_TRADE_UPDATE > order-trade-update.json",),
    )
    command.add_argument(
        "contracts", nargs="*", metavar="CONTRACT", help="ids, or how they begin; default: all that are selected"
    )
    add_selection(command)
    command.set_defaults(command=export_json_schema)


def export_json_schema(options: argparse.Namespace) -> int:
    """Print the schemas of the selected contracts as one JSON object: contract id -> example -> schema."""
    import msgspec  # noqa: PLC0415

    from wireproof.contract.shape_schema import json_schema  # noqa: PLC0415
    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.drift.compare import Comparer  # noqa: PLC0415

    store = load_store()
    if options.contracts and (options.product or options.surface):
        raise UsageError("Name contracts, or select them with --product and --surface; not both.")
    ids = [only_one(name, store.contracts, "There is no contract") for name in options.contracts]
    named = [store.contracts[one] for one in ids]
    chosen = named or store.select(product=options.product, surface=options.surface)
    comparers = {name: Comparer(product) for name, product in store.products.items()}
    schemas = {
        contract.id: {
            example.name: json_schema(
                comparers[contract.product].response_judge(contract, example.name).node,
                title=f"{contract.name}: {example.when or example.name}",
            )
            for example in contract.examples
        }
        for contract in chosen
    }
    say_json(msgspec.json.format(msgspec.json.encode(schemas), indent=2))
    return ExitStatus.OK
