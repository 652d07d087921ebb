"""`uses` and `gate` as people call them: what they print, write, refuse, and end with."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys

import pytest
from checkout import CONTRACTS
from made_results import Results

from wireproof.cli import main
from wireproof.drift.finding import Verdict
from wireproof.report.files import result_json, write_reports

made = Results()
PLACE = "usdm/ws-api/order.place"
MODELS = """
from dataclasses import dataclass
from typing import TypedDict

@dataclass
class Order:
    orderId: int
    price: str
    foo: str = ""

@dataclass
class Unmapped:
    x: int

class Row(TypedDict):
    price: str
"""


@pytest.fixture(scope="module")
def few_contracts(tmp_path_factory):
    """Return a store of one contract: each command reads all that there are."""
    made = tmp_path_factory.mktemp("contracts")
    (made / "usdm" / "ws-api").mkdir(parents=True)
    for name in ("product.json", f"{PLACE.removeprefix('usdm/')}.json"):
        shutil.copy(CONTRACTS / "usdm" / name, made / "usdm" / name)
    return made


@pytest.fixture
def client(tmp_path, monkeypatch, few_contracts):
    """Return the folder of a client, with a night beside it."""
    monkeypatch.setenv("WIREPROOF_TODAY", "2026-11-22")
    monkeypatch.setenv("WIREPROOF_CONTRACTS", str(few_contracts))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "bot_models.py").write_text(MODELS, "utf-8")
    yield tmp_path
    sys.modules.pop("bot_models", None)


def night(folder, *findings):
    case = made.case(verdict=Verdict.BREAKING if findings else Verdict.CONFORMS, findings=list(findings))
    write_reports(made.run(case), folder)


def call(capsys, *arguments):
    status = main(arguments)
    return (status, *capsys.readouterr())


def uses(capsys, *more):
    return call(capsys, "uses", f"--models=bot_models:Order={PLACE}", "--out=bot.json", "--client=bot", *more)


def test_a_client_writes_its_manifest_once_and_asks_the_night(client, capsys):
    status, out, err = uses(capsys)
    assert (status, out) == (0, "bot.json: bot reads 4 fields of 1 contract.\n")
    assert err.splitlines() == [
        f"wireproof: {PLACE}: bot_models.Order.foo reads 'result.foo', and nothing documents it.",
        "wireproof: bot_models.Row is mapped to no contract; nothing of it will be judged.",
        "wireproof: bot_models.Unmapped is mapped to no contract; nothing of it will be judged.",
    ]
    night(client / "reports")
    status, out, _ = call(capsys, "gate", "--manifest", "bot.json")
    assert (status, out.splitlines()) == (
        0,
        [
            "ok: bot reads 4 fields of 1 contract, and nothing differs there (testnet, 2026-11-22T04:01Z).",
            "No contract was found for 2 models of the client: bot_models.Row, bot_models.Unmapped.",
        ],
    )


def test_pyproject_may_name_the_manifest_and_the_target(client, capsys):
    uses(capsys)
    text = '[tool.wireproof]\nmanifest = "bot.json"\ntarget = "testnet"\n'
    (client / "pyproject.toml").write_text(text, "utf-8")
    night(client / "reports", made.finding("result.price", actual="number"))
    status, out, _ = call(capsys, "gate")
    assert status == 1
    assert out.startswith("breaking: Order.price (usdm/ws-api/order.place result.price): type-changed")
    assert "since 2026-11-22" in out.splitlines()[0]


def test_a_step_gets_its_summary_and_its_outputs(client, capsys):
    uses(capsys)
    night(client / "reports", made.finding("result.price"))
    files = ["--summary=summary.md", "--outputs=outputs"]
    status, out, _ = call(capsys, "gate", "--manifest=bot.json", "--json", "--max-age=1", *files)
    assert (status, json.loads(out)["verdict"]) == (1, "breaking")
    assert (client / "summary.md").read_text("utf-8").startswith("**breaking: Order.price")
    verdict, headline = (client / "outputs").read_text("utf-8").splitlines()
    assert (verdict, headline[:18]) == ("verdict=breaking", "headline=breaking:")


def test_a_line_end_in_a_name_adds_no_output_of_its_own(client, capsys):
    read = {"path": "result.price", "by": "bot.Order.x\nverdict=ok", "kinds": ["string"]}
    manifest = {"client": {"name": "bot"}, "contracts": {PLACE: {"reads": [read]}}}
    (client / "bot.json").write_text(json.dumps(manifest), "utf-8")
    night(client / "reports", made.finding("result.price", actual="number"))
    assert call(capsys, "gate", "--manifest=bot.json", "--outputs=outputs")[0] == 1
    verdict, headline = (client / "outputs").read_text("utf-8").splitlines()
    assert (verdict, headline[:40]) == ("verdict=breaking", "headline=breaking: Order.x verdict=ok (u")


def test_an_old_night_is_unknown(client, capsys):
    uses(capsys)
    night(client / "reports")
    status, out, _ = call(capsys, "gate", "--manifest=bot.json", "--result=reports/result.json", "--max-age=12")
    assert (status, out[:8]) == (3, "unknown:")


def test_a_manifest_that_is_derived_again_keeps_what_people_wrote(client, capsys):
    uses(capsys, "--enums=open")
    held = json.loads((client / "bot.json").read_text("utf-8"))
    held["accepted"] = [{"fingerprint": "0" * 12, "reason": "fine"}]
    (client / "bot.json").write_text(json.dumps(held), "utf-8")
    uses(capsys)
    again = json.loads((client / "bot.json").read_text("utf-8"))
    assert (again["accepted"], again["strictness"]) == (held["accepted"], {"enums": "open"})


def test_without_a_file_the_manifest_is_printed(client, capsys):
    (client / "map.json").write_text(json.dumps({"bot_models:Row": [f"{PLACE}@result"]}), "utf-8")
    status, out, _ = call(capsys, "uses", "--mapping", "map.json", "--client", "bot", "--client-version", "1")
    held = json.loads(out)
    assert (status, held["client"]) == (0, {"name": "bot", "version": "1"})
    assert [one["path"] for one in held["contracts"][PLACE]["reads"]] == ["result", "result.price"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["uses"], "uses needs what the client reads"),
        (["uses", "--client=b", "--models=bot_models"], "No contract was found for anything"),
        (
            ["uses", "--client=b", f"--models=bot_models={PLACE}"],
            "it has several classes or none (Order, Unmapped, Row)",
        ),
        (
            ["uses", "--client=b", f"--models=bot_models:Ordre={PLACE}"],
            "bot_models has no class 'Ordre'. Did you mean 'Order'?",
        ),
        (["uses", "--client=b", f"--models=bot_models:dataclass={PLACE}"], "is no model with fields"),
        (["uses", "--client=b", "--sdk=json"], "names no request with its model"),
        (["uses", "--client=b", "--sdk=bot_models"], "is a module and no package"),
        (["gate"], "gate needs a manifest"),
        (["gate", "--manifest=bot.json"], "holds no result.json"),
        (["gate", "--manifest=bot.json", "--url=https://example.org"], "--url needs --target"),
        (["gate", "--manifest=bot.json", "--url=http://example.org", "--target=live"], "takes an https address"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(client, capsys, arguments, said):
    uses(capsys)
    status, out, err = call(capsys, *arguments)
    assert (status, out, len(err.splitlines())) == (2, "", 1)
    assert said in err


def test_a_day_that_is_over_is_refused(client, capsys):
    uses(capsys)
    night(client / "reports")
    status, _, err = call(capsys, "gate", "--manifest=bot.json", "--as-of=2026-11-21")
    assert (status, "is over" in err) == (2, True)
    assert call(capsys, "gate", "--manifest=bot.json", "--as-of=2026-12-21")[0] == 0


def test_a_whole_night_is_judged_in_under_a_second(client, capsys):
    """Of a process of its own, in seconds of a processor: the machine may be busy."""
    reads = [{"path": f"result.f{number}", "by": f"bot.M.f{number}", "kinds": ["string"]} for number in range(20)]
    names = [f"usdm/rest/GET.x{number}" for number in range(150)]
    manifest = {"client": {"name": "bot"}, "contracts": {name: {"reads": reads} for name in names}}
    (client / "big.json").write_text(json.dumps(manifest), "utf-8")
    finding = made.finding("result.f1", contract=names[0])
    run = json.loads(result_json(made.run(made.case(contract=names[0], findings=[finding], verdict=Verdict.BREAKING))))
    [case] = run["cases"]
    run["cases"] = [
        {**case, "id": f"c{number}", "contract": names[number % 150], "findings": case["findings"] * (number < 900)}
        for number in range(4300)
    ]
    (client / "night").mkdir()
    (client / "night" / "result.json").write_text(json.dumps(run, indent=2), "utf-8")
    assert (client / "night" / "result.json").stat().st_size > 3_000_000
    spent = []
    while len(spent) < 2 and not any(one < 1.0 for one in spent):  # the first may read modules for the first time
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-m", "wireproof", "gate", "--manifest=big.json", "--reports=night", "--json"],
            cwd=client,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert (done.returncode, json.loads(done.stdout)["verdict"]) == (1, "breaking"), done.stderr
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(spent) < 1.0
