"""`report`: what the workflows on GitHub say of a run, from the reports that it left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.cli.arguments import add_reports, folder
from wireproof.errors import ExitStatus, UsageError, WireproofError
from wireproof.escape import say
from wireproof.run_options import InRange, address, place

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from wireproof.cli.arguments import Commands

_HELP = {
    "annotations": "print workflow commands: the verdict, the worst differences",
    "summary": "print Markdown for the summary of a job",
    "verdict": "print `verdict=ok|breaking|unknown` and `headline=…` for the outputs of a step",
    "issue": "open, rewrite or close the target's issue",
    "heartbeat": "open, rewrite or close the issue about nights that nothing was said of",
    "site": "lay out the pages of several targets",
    "documentation-pull-request": "open or rewrite the pull request with what documentation changed; print its text",
}


_EXAMPLES = {
    "annotations": "wireproof report annotations --reports reports/testnet",
    "summary": 'wireproof report summary >> "$GITHUB_STEP_SUMMARY"',
    "verdict": 'wireproof report verdict >> "$GITHUB_OUTPUT"',
    "issue": "wireproof report issue --reports reports/testnet --url https://example.org/run/7",
    "heartbeat": "wireproof report heartbeat --reports history --hours 36",
    "site": "wireproof report site --reports reports --out site --url https://example.org/",
    "documentation-pull-request": "wireproof report documentation-pull-request --reports found",
}


def add_commands(commands: Commands) -> None:
    """Add this module's commands."""
    command = commands.add_parser(
        "report",
        help="say what a run found: to GitHub, or as a site",
        description="Read the reports of a run, and lay them out for where they are read. A run that left no result is"
        " unknown, which fails no step. `issue` and `heartbeat` need GH_TOKEN and GH_REPO (owner/name).",
        examples=("wireproof report summary --reports reports/testnet",),
    )
    actions = command.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, words in _HELP.items():
        action = actions.add_parser(
            name, help=words, description=f"{words[0].upper()}{words[1:]}.", examples=(_EXAMPLES[name],)
        )
        add_reports(action)
        action.set_defaults(command=report, action=name)
        if name == "issue":
            action.add_argument(
                "--url", action="append", default=[], type=address, metavar="URL", help="a page to link to; repeatable"
            )
        if name == "heartbeat":
            action.add_argument(
                "--hours",
                type=InRange(0, 10**10, float),
                default=36.0,
                metavar="N",
                help="of normal silence; default: 36",
            )
        if name == "site":
            action.add_argument("--out", type=place, required=True, metavar="DIR", help="folder of the pages")
            action.add_argument("--url", type=address, metavar="URL", help="of the site, for its feed")
            action.add_argument(
                "--document",
                action="append",
                default=[],
                type=place,
                metavar="FILE",
                help="Markdown that becomes a page of the site, such as docs/clients.md; repeatable",
            )


def report(options: argparse.Namespace) -> int:
    """Do what was asked; what goes wrong is an annotation as well where GitHub runs this."""
    from wireproof.report import github  # noqa: PLC0415
    from wireproof.report.files import RESULT  # noqa: PLC0415

    reports = folder("--reports", options.reports)
    try:
        if options.action == "annotations":
            github.annotate(reports)
        elif options.action == "summary":
            github.summarise(reports)
        elif options.action == "verdict":
            github.say_verdict(reports)
        elif options.action == "issue":
            github.keep_issue(reports, options.url)
        elif options.action == "heartbeat":
            github.keep_heartbeat(reports, options.hours)
        elif options.action == "documentation-pull-request":
            _documentation(reports)
        else:
            from wireproof.report.site import read_document  # noqa: PLC0415

            documents = [Path(one) for one in options.document]
            for one in documents:
                read_document(one)
            out = folder("--out", options.out)
            if (reports / RESULT).exists():
                raise UsageError(
                    f"--reports: {reports} holds the reports of one run, and a site shows a folder of them per target:"
                    " name the folder above it."
                )
            _site(reports, out, options.url, documents)
    except WireproofError as problem:
        github.complain(problem)
        raise
    return ExitStatus.OK


def _documentation(reports: Path) -> None:
    """Keep the pull request, and print its text, which is the summary of the job."""
    from wireproof.contract.store import default_folder  # noqa: PLC0415
    from wireproof.report.documentation import keep_pull_request, read_reports, text_of  # noqa: PLC0415
    from wireproof.report.github_api import GitHub  # noqa: PLC0415

    found = read_reports(reports)
    say(text_of(found), "")
    contracts = default_folder().resolve()
    here = Path.cwd().resolve()
    prefix = contracts.relative_to(here).as_posix() if contracts.is_relative_to(here) else contracts.name
    say(keep_pull_request(found, contracts, prefix, GitHub()))


def _site(reports: Path, site: Path, url: str | None, documents: Sequence[Path]) -> None:
    """Lay out the pages, with what the contracts know of changes of the documentation."""
    from wireproof.contract.dated_changes import load_changes  # noqa: PLC0415
    from wireproof.contract.store import load_store  # noqa: PLC0415
    from wireproof.report.site import write_site  # noqa: PLC0415

    store = load_store()
    documented = {name: load_changes(store.folder / name) for name in store.products}
    write_site(reports, site, documented=documented, url=f"{url.rstrip('/')}/" if url else "", documents=documents)
