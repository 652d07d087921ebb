"""`export`: contracts in the languages of other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wireproof.cli.arguments import add_run_options, add_selection
from wireproof.errors import ExitStatus, UsageError, only_one
from wireproof.escape import say_json

if TYPE_CHECKING:
    import argparse
    from typing import Any

    from wireproof.cli.arguments import Commands
    from wireproof.contract.model import Contract, Product


def add_commands(commands: Commands) -> None:
    """Add this module's commands."""
    group = commands.add_parser(
        "export",
        help="contracts in the languages of other tools",
        description="Print contracts in the languages of other tools.",
        examples=(
            "wireproof export openapi --product usdm > usdm.openapi.json",
            "wireproof export jsonschema --product usdm > usdm.json",
        ),
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
    command = formats.add_parser(
        "openapi",
        help="an OpenAPI 3.1 document of a product's REST requests",
        description="Print an OpenAPI 3.1 document of a product's REST requests: parameters, answers, refusals,"
        " security and servers, with weights as x-weight. Objects are open: a new field breaks no client made of it.",
        examples=("wireproof export openapi --product usdm > usdm.openapi.json",),
    )
    add_run_options(command, "product")
    command.set_defaults(command=export_openapi)
    command = formats.add_parser(
        "asyncapi",
        help="an AsyncAPI 3.0 document of a product's WebSocket API, streams and events",
        description="Print an AsyncAPI 3.0 document of a product's WebSocket API, streams and events: the exchange"
        " receives requests and replies, and sends streams and events.",
        examples=("wireproof export asyncapi --product usdm > usdm.asyncapi.json",),
    )
    add_run_options(command, "product")
    command.set_defaults(command=export_asyncapi)


def export_json_schema(options: argparse.Namespace) -> int:
    """Print the schemas of the selected contracts as one JSON object: contract id -> example -> schema."""
    from wireproof.contract.shape_schema import json_schema  # noqa: PLC0415
    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.drift.documented_shape import answer_shape  # noqa: PLC0415

    store = load_store()
    if options.contracts and (options.product or options.surface):
        raise UsageError("Name contracts, or select them with --product and --surface; not both.")
    ids = [only_one(name, store.contracts, "There is no contract") for name in options.contracts]
    named = [store.contracts[one] for one in ids]
    chosen = named or store.select(product=options.product, surface=options.surface)
    schemas = {
        contract.id: {
            example.name: json_schema(
                answer_shape(contract, example.name, store.products[contract.product]),
                title=f"{contract.name}: {example.when or example.name}",
            )
            for example in contract.examples
        }
        for contract in chosen
    }
    return _print(schemas)


def export_openapi(options: argparse.Namespace) -> int:
    """Print the REST requests of a product as an OpenAPI document."""
    from wireproof.contract.exporting.openapi import openapi_document  # noqa: PLC0415
    from wireproof.drift.documented_shape import answer_shape, rejection_shape  # noqa: PLC0415

    product, contracts = _one_product(options.product, "An OpenAPI document")
    return _print(openapi_document(product, contracts, answer_shape, rejection_shape))


def export_asyncapi(options: argparse.Namespace) -> int:
    """Print what a product does over WebSocket as an AsyncAPI document."""
    from wireproof.contract.exporting.asyncapi import asyncapi_document  # noqa: PLC0415
    from wireproof.drift.documented_shape import answer_shape, rejection_shape  # noqa: PLC0415
    from wireproof.suite.products.registry import DRIVERS  # noqa: PLC0415

    product, contracts = _one_product(options.product, "An AsyncAPI document")
    driver = DRIVERS.get(product.product)
    in_path = driver is not None and driver.listen_key is not None and driver.listen_key.in_path
    return _print(asyncapi_document(product, contracts, answer_shape, rejection_shape, key_in_path=in_path))


def _one_product(name: str | None, document: str) -> tuple[Product, list[Contract]]:
    """Return the product that an option names, with its contracts; UsageError where it does not name exactly one."""
    from wireproof.contract.store import load_store  # noqa: PLC0415

    store = load_store()
    if name is None or "," in name:
        raise UsageError(f"{document} describes one product. Name it with --product: {', '.join(store.products)}.")
    return store.product(name), store.select(product=name)


def _print(document: Any) -> int:
    import msgspec  # noqa: PLC0415

    say_json(msgspec.json.format(msgspec.json.encode(document), indent=2))
    return ExitStatus.OK
