"""`init`: what a client's repository needs to be tested, written once and never over something of its own."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from wireproof.cli.arguments import add_run_options, writing
from wireproof.errors import ExitStatus, UsageError
from wireproof.escape import say
from wireproof.project_settings import FILE as PYPROJECT
from wireproof.run_options import TARGETS, place, shown

if TYPE_CHECKING:
    from wireproof.cli.arguments import Commands

WORKFLOW = Path(".github/workflows/wireproof.yml")
EDITOR = Path(".vscode/settings.json")
_PLACEHOLDER = "OWNER/wireproof"

_JOB = """\
# The answers of the exchange compared with its documentation: before a release, every morning, and on demand. What is
# asked stands in [tool.wireproof] of pyproject.toml; waivers and the baseline are in {overlay}/.
# The key is one of its own, on an account of its own, without permission to withdraw.
name: wireproof

on:
  workflow_dispatch:
  schedule:
    - cron: "17 5 * * *"
  push:
    tags: ["v*"]

permissions:
  contents: read

concurrency:
  group: wireproof-key
  cancel-in-progress: false

jobs:
  contract:
    runs-on: ubuntu-latest
    timeout-minutes: 60
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - uses: actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97 # v7.0.0
        with:
          python-version: "3.13"
      - run: pip install "wireproof @ git+https://github.com/{repository}@{ref}"
      - run: wireproof run --no-html
        env:
          WIREPROOF_API_KEY: ${{{{ secrets.WIREPROOF_API_KEY }}}}
          WIREPROOF_API_SECRET: ${{{{ secrets.WIREPROOF_API_SECRET }}}}
      - if: ${{{{ !cancelled() }}}}
        run: |
          wireproof report summary >> "$GITHUB_STEP_SUMMARY"
          wireproof report annotations
      - if: ${{{{ !cancelled() }}}}
        uses: actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0
        with:
          name: wireproof
          path: reports/
          if-no-files-found: ignore
"""

_TABLE = """\
[tool.wireproof]
# Options of `wireproof run` beat these; -k and -m are `select` and `marks`.
target = "{target}"
products = [{products}]
fail-on = "breaking"
strictness = "confirm"  # or "at-once": report what differs without exercising it again
overlay = "{overlay}"
"""


class _Wanted(NamedTuple):
    """A file of a client's repository: its content, and whether --force may write it anew."""

    file: Path
    text: str
    is_ours: bool


def add_commands(commands: Commands) -> None:
    """Add this module's commands."""
    command = commands.add_parser(
        "init",
        help="write what a client's repository needs: workflow, settings, waivers, editor settings",
        description="Writes a workflow, [tool.wireproof] in pyproject.toml, a file of waivers for each product, and the"
        " schema of contracts with the editor's mapping to it. What is there stays as it is; --force writes the"
        " workflow and the schema anew, and nothing else.",
        examples=(
            "wireproof init --product usdm,coinm --repository OWNER/wireproof",
            "wireproof init ../client --target live --force",
        ),
    )
    command.add_argument(
        "folder", nargs="?", type=place, default=".", metavar="DIR", help="the repository; default: this folder"
    )
    add_run_options(command, "product")
    command.add_argument("--target", choices=TARGETS, default="testnet", help="what is asked; default: testnet")
    command.add_argument(
        "--repository",
        type=_repository,
        default=_PLACEHOLDER,
        metavar="OWNER/NAME",
        help="where the workflow finds wireproof",
    )
    command.add_argument(
        "--ref", type=_ref, default="main", metavar="REF", help="its branch, tag or commit; default: main"
    )
    command.add_argument("--force", action="store_true", help="write workflow and schema anew")
    command.set_defaults(command=init)


def _repository(text: str) -> str:
    """Return the name of a repository as it is; ArgumentTypeError for anything else."""
    if not re.fullmatch(r"[A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100}", text):
        raise argparse.ArgumentTypeError(f"takes a repository of GitHub such as owner/name, not {shown(text)}")
    return text


def _ref(text: str) -> str:
    """Return the name of a branch, tag or commit as it is; ArgumentTypeError for anything else."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,199}", text):
        raise argparse.ArgumentTypeError(f"takes a branch, tag or commit, not {shown(text)}")
    return text


def init(options: argparse.Namespace) -> int:
    """Write what is missing, and say of each file what became of it."""
    from wireproof.contract.store import default_folder, read_products  # noqa: PLC0415
    from wireproof.errors import did_you_mean  # noqa: PLC0415
    from wireproof.suite.products.registry import FIRST_PRODUCT  # noqa: PLC0415

    folder = Path(options.folder)
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder. Name the client's repository.")
    known = read_products(default_folder())
    products = (FIRST_PRODUCT if options.product is None else options.product).split(",")
    for name in products:
        if name not in known:
            raise UsageError(f"There is no product {name!r}. {did_you_mean(name, known)}")
    settings = folder / PYPROJECT
    table = _with_table(settings, options.target, products)
    for wanted in _files(options, products):
        say(f"{wanted.file}: {_put(folder / wanted.file, wanted, force=options.force)}")
    if table is None:
        say(f"{PYPROJECT}: has [tool.wireproof] already; left as it is")
    else:
        with writing(settings):
            settings.write_text(table, "utf-8")
        say(f"{PYPROJECT}: [tool.wireproof] added")
    if options.repository == _PLACEHOLDER and (folder / WORKFLOW).read_text("utf-8").count(_PLACEHOLDER):
        say(f"Next: write the repository of wireproof for {_PLACEHOLDER} in {WORKFLOW}.")
    say(
        "Then: `wireproof doctor` looks at keys and network, `wireproof run` begins, `wireproof baseline` takes what is"
        " old as known."
    )
    return ExitStatus.OK


def _files(options: argparse.Namespace, products: list[str]) -> list[_Wanted]:
    import json  # noqa: PLC0415  # only this needs it

    from wireproof.cli.contracts import schema_words  # noqa: PLC0415
    from wireproof.contract.json_schema import file_schema  # noqa: PLC0415
    from wireproof.contract.overlay import DEFAULT  # noqa: PLC0415
    from wireproof.contract.store import SURFACE_FOLDERS  # noqa: PLC0415

    schema = DEFAULT / "contract.schema.json"
    mapping = {
        "json.schemas": [
            {"fileMatch": [f"/{DEFAULT}/*/{surface}/*.json" for surface in SURFACE_FOLDERS], "url": f"./{schema}"}
        ]
    }
    workflow = _JOB.format(repository=options.repository, ref=options.ref, overlay=DEFAULT)
    waivers = [_Wanted(DEFAULT / name / "waivers.json", '{\n  "waivers": []\n}\n', is_ours=False) for name in products]
    return [
        _Wanted(WORKFLOW, workflow, is_ours=True),
        *waivers,
        _Wanted(schema, file_schema("contract", schema_words()) + "\n", is_ours=True),
        _Wanted(EDITOR, json.dumps(mapping, indent=2) + "\n", is_ours=False),
    ]


def _put(file: Path, wanted: _Wanted, *, force: bool) -> str:
    """Write a file where there is none, or where it may be written anew; return what became of it, in words."""
    there = file.read_text("utf-8", errors="replace") if file.is_file() else None
    if there == wanted.text:
        return "as it should be"
    if there is not None and not (force and wanted.is_ours):
        if wanted.file == EDITOR:
            missing = '"json.schemas"' not in there
            return f"left as it is; add to it: {' '.join(wanted.text.split())}" if missing else "left as it is"
        return "differs, left as it is (--force writes it anew)" if wanted.is_ours else "left as it is"
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(wanted.text, "utf-8")
    return "written" if there is None else "written anew"


def _with_table(file: Path, target: str, products: list[str]) -> str | None:
    """Return a pyproject.toml with the table at its end, all else untouched; None where it has one.

    Raises UsageError where the file is no TOML, or cannot take a table at its end.
    """
    import tomllib  # noqa: PLC0415

    from wireproof.contract.overlay import DEFAULT  # noqa: PLC0415

    table = _TABLE.format(target=target, products=", ".join(f'"{product}"' for product in products), overlay=DEFAULT)
    if not file.exists():
        return table
    try:
        before = file.read_text("utf-8")
        held = tomllib.loads(before)
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {error}. Nothing was written.") from None
    tools = held.get("tool", {})
    if isinstance(tools, dict) and "wireproof" in tools:
        return None
    text = f"{before.rstrip()}\n\n{table}" if before.strip() else table
    try:
        after = tomllib.loads(text)
        del after["tool"]["wireproof"]
    except (tomllib.TOMLDecodeError, KeyError, TypeError):
        after = {}
    if {**after, "tool": after.get("tool") or None} != {**held, "tool": tools or None}:
        raise UsageError(f"{file} cannot take a table at its end. Add this by hand:\n\n{table}\nNothing was written.")
    return text
