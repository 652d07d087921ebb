"""`doctor`: what would keep a run from saying something, each with what to do about it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from wireproof.cli.arguments import add_json, add_run_options, print_json
from wireproof.errors import ExitStatus, WireproofError
from wireproof.escape import say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from wireproof.cli.arguments import Commands
    from wireproof.suite.diagnosis import Diagnosis

_PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "WSS_PROXY", "WS_PROXY")


def add_commands(commands: Commands) -> None:
    """Add this module's commands."""
    command = commands.add_parser(
        "doctor",
        help="look at what runs need: Python, Node.js, network, proxy, keys, clock, region, limits",
        description="Looks at this machine, and asks the target a few things that change nothing. Each line says what"
        " to do where something is wrong. The exit status is 1 when something would keep a run from saying anything.",
        examples=(
            "wireproof doctor --target testnet",
            "wireproof doctor --target live --product usdm,portfolio-margin-pro --json",
        ),
    )
    add_run_options(command, "target", "product")
    add_json(command)
    command.set_defaults(command=doctor)


def doctor(options: argparse.Namespace) -> int:
    """Print a line for each thing looked at; 1 when one is bad."""
    from wireproof.suite.diagnosis import Checkup  # noqa: PLC0415

    found = [*_machine(), *_of_target(options)]
    checkup = Checkup(ok=all(one.state != "bad" for one in found), checks=found)
    if options.json:
        print_json("doctor", checkup)
    else:
        for one in found:
            say(f"{one.state:8} {one.what}: {one.said}", *([f"{'':8} → {one.advice}"] if one.advice else []))
    return ExitStatus.OK if checkup.ok else ExitStatus.FINDINGS


def _machine() -> Iterator[Diagnosis]:
    """Yield what is seen of this machine."""
    import platform  # noqa: PLC0415  # only this needs it

    from wireproof import __version__  # noqa: PLC0415
    from wireproof.report.tools import ToolsMissingError, find_node  # noqa: PLC0415
    from wireproof.suite.diagnosis import Diagnosis  # noqa: PLC0415
    from wireproof.wire.blocked import host_of  # noqa: PLC0415

    yield Diagnosis(what="Python", state="ok", said=f"{platform.python_version()}, wireproof {__version__}.")
    try:
        node = find_node()
    except ToolsMissingError as missing:
        yield Diagnosis(what="Node.js", state="warning", said=str(missing), advice="Or run with --no-html.")
    else:
        npm = "" if node.npm else ", without npm"
        yield Diagnosis(what="Node.js", state="ok" if node.npm else "warning", said=f"{node.version}{npm}.")
    named = [f"{name}={host_of(value)}" for name, value in _proxies()]
    said = f"{', '.join(named)}." if named else "none is named."
    yield Diagnosis(what="proxy", state="ok", said=said)


def _proxies() -> Iterator[tuple[str, str]]:
    """Yield the variables that name a proxy, and what they name."""
    for name in _PROXIES:
        if value := os.environ.get(name) or os.environ.get(name.lower()):
            yield name, value


def _of_target(options: argparse.Namespace) -> list[Diagnosis]:
    """Return what is seen of the target and its keys; where it cannot be opened, why."""
    import asyncio  # noqa: PLC0415

    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.suite.diagnosis import Diagnosis, examine, telling_permissions  # noqa: PLC0415
    from wireproof.suite.products.registry import FIRST_PRODUCT  # noqa: PLC0415
    from wireproof.suite.target import open_target  # noqa: PLC0415

    try:
        store = load_store()
    except WireproofError as error:
        return [Diagnosis(what="contracts", state="bad", said=str(error))]
    contracts = store.select(product=FIRST_PRODUCT if options.product is None else options.product)
    products = list(dict.fromkeys(contract.product for contract in contracts))
    try:
        telling = [store.products[name] for name in telling_permissions() if options.target == "live"]
        target = open_target(options.target, [store.products[name] for name in products], sources=telling)
    except WireproofError as error:
        return [Diagnosis(what="configuration", state="bad", said=str(error))]
    try:
        found = [Diagnosis(what="contracts", state="ok", said=f"{len(contracts):,} of {', '.join(products)}.")]
        found += [Diagnosis(what="overlay", state="warning", said=one) for one in store.outdated]
        if not target.accounts:
            found.append(
                Diagnosis(
                    what="keys",
                    state="warning",
                    said="none is set, so that private cases are skipped.",
                    advice="Set WIREPROOF_API_KEY and WIREPROOF_API_SECRET or WIREPROOF_PRIVATE_KEY, or use -m public.",
                )
            )
        return found + asyncio.run(examine(target, store, products))
    finally:
        target.close()
