"""The main job as a user runs it: `wireproof run` against a venue that can misbehave."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import shutil
import signal
import sys
from unittest import mock

import msgspec
import pytest
import pytest_asyncio
from checkout import ROOT
from second_judge import disagreements
from wireproof_command import Suite

from wireproof.contract.store import load_store
from wireproof.results.model import Observation
from wireproof.suite.events import stream_life
from wireproof.venue.serving.server import Venue

# -- what a run leaves -------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def whole(keys, tmp_path_factory):
    """Return what one run of everything left, what it printed, its status, and the listen keys that were issued."""
    own_keys = [dataclasses.replace(key) for key in keys]
    async with Venue(seed=3, weight_limit=1_000_000, keys=own_keys) as venue:
        suite = Suite(tmp_path_factory.mktemp("whole"), venue)
        start, issued = type(venue.listen_keys).start, set()

        def noting(*arguments, **named):
            issued.add(key := start(*arguments, **named))
            return key

        with mock.patch.object(type(venue.listen_keys), "start", noting):
            status, printed = await suite.run()
        yield suite, status, printed, issued


async def test_every_documented_request_is_exercised_and_the_reports_say_so(whole):
    """Exit status 0; the coverage table is computed from what was sent; every file is there."""
    suite, status, printed, _ = whole
    assert status == 0, printed
    [row] = [row for row in suite.result["coverage"] if row["surface"] == "ws-api"]
    assert (row["documented"], row["exercised"], row["cases"]) == (21, 21, row["cases_exercised"])
    variants = {case["id"] for case in suite.result["cases"] if case["kind"] == "documented"}
    assert len(variants) > 60
    assert "21" in (suite.reports / "summary.md").read_text("utf-8")
    observed = (suite.reports / "observations.jsonl").read_text("utf-8").splitlines()
    beside = sum('"aside":true' in line for line in observed)  # weights that differ, which waivers know
    assert len(observed) - beside == suite.result["exercised"]
    assert (suite.reports / "junit.xml").is_file()
    assert list((suite.reports / "allure-results").glob("*-result.json"))


async def test_answers_that_the_run_altered_itself_were_found_and_are_no_part_of_it(whole):
    """Of every surface, in every way; one line says so."""
    suite, _, printed, _ = whole
    rows = suite.result["canaries"]
    assert {row["surface"] for row in rows} == {row["surface"] for row in suite.result["coverage"]}
    assert all(row["altered"] == row["found"] >= 5 for row in rows)
    number = sum(row["altered"] for row in rows)
    assert f"{number} of {number} canaries were found" in printed
    assert "__wireproofAdded" not in (suite.reports / "observations.jsonl").read_text("utf-8")


async def test_a_second_judge_agrees_on_every_answer_of_a_run(whole):
    """A validator that knows nothing but JSON Schema."""
    lines = (whole[0].reports / "observations.jsonl").read_text("utf-8").splitlines()
    kept = [msgspec.json.decode(line, type=Observation) for line in lines]
    assert list(disagreements(load_store(ROOT / "contracts"), kept)) == []


async def test_a_run_leaves_nothing_on_the_account(whole):
    state = whole[0].venue.control.state()["accounts"].values()
    assert not any(a["open_orders"] or a["algo_orders"] or a["positions"] or a["listen_key"]["active"] for a in state)


async def test_no_secret_is_in_any_report(whole):
    """No key, secret, private key, signature or listen key of three kinds of key, whatever file is searched."""
    suite, _, printed, secrets = whole
    secrets = set(secrets)
    assert len(secrets) > 1
    for account in suite.venue.accounts:
        secrets.add(account.key.api_key)
        secrets |= {account.key.secret} if account.key.secret else set()
        secrets |= {line for line in account.key.private_key_pem().splitlines() if not line.startswith("-----")}
    assert len(secrets) > 10
    written = [printed.encode(), *(file.read_bytes() for file in suite.reports.rglob("*") if file.is_file())]
    assert [secret for secret in secrets if any(secret.encode() in content for content in written)] == []
    signatures = [json.loads(line) for line in (suite.reports / "observations.jsonl").read_text("utf-8").splitlines()]
    signed = [o for o in signatures if '"signature"' in o["request"]]
    assert len(signed) > 40
    assert all('"signature":"<redacted signature>"' in observation["request"] for observation in signed)


# -- exit status -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("drift", "arguments", "expected", "verdict"),
    [
        ({"set": {"result.time": "soon"}}, (), 1, "breaking"),
        ({"set": {"result.added": 1}}, (), 0, "additive"),
        ({"set": {"result.added": 1}}, ("--fail-on", "additive"), 1, "additive"),
        ({"set": {"rateLimits.0.interval": "FORTNIGHT"}}, (), 0, "risky"),
        ({"set": {"rateLimits.0.interval": "FORTNIGHT"}}, ("--fail-on", "risky"), 1, "risky"),
    ],
)
async def test_findings_at_or_above_fail_on_give_1(suite, drift, arguments, expected, verdict):
    suite.venue.faults.add("drift", method="ticker.price", times=None, **drift)
    status, printed = await suite.run("-k", "ticker.price/symbol-sent", *arguments)
    assert (status, suite.result["cases"][0]["verdict"]) == (expected, verdict), printed


async def test_a_dead_private_stream_is_one_finding_in_every_report(suite, monkeypatch):
    """Exit status 1, one failed statement, and the cases of events wait; judged again it is the same."""
    monkeypatch.setattr(stream_life, "LIFE_SECONDS", 1.0)
    suite.venue.faults.add("mute", method="private")
    names = "event/TRADE_LITE or event/ACCOUNT_CONFIG_UPDATE/leverage or ws-api/ticker.price/symbol-sent"
    status, printed = await suite.run("-k", names)
    assert status == 1, printed
    verdicts = {case["id"]: (case["verdict"], case["reason"]) for case in suite.result["cases"]}
    dead = "usdm/event/ORDER_TRADE_UPDATE/private-stream"
    assert verdicts.pop(dead)[0] == "breaking"
    assert verdicts.pop("usdm/ws-api/ticker.price/symbol-sent")[0] == "conforms"
    assert set(verdicts.values()) == {("blocked", "waits on: the private stream delivered nothing")}
    assert (suite.result["selected"], suite.result["exercised"]) == (3, 1)
    assert "usdm/event/ORDER_TRADE_UPDATE" in [name for idle in suite.result["idle"] for name in idle["contracts"]]
    assert "silent-stream" in (suite.reports / "summary.md").read_text("utf-8")
    allure = [json.loads(file.read_bytes()) for file in (suite.reports / "allure-results").glob("*-result.json")]
    (written,) = [result for result in allure if result["fullName"] == dead]
    assert written["status"] == "failed"
    assert "nothing at all came although" in written["statusDetails"]["message"]

    finding = next(case["findings"][0] for case in suite.result["cases"] if case["id"] == dead)
    again = suite.folder / "again"
    status, printed = await suite.command(
        *("judge", str(suite.reports / "observations.jsonl"), "--no-html", "--reports", str(again))
    )
    assert status == 1, printed
    judged = {case["id"]: case for case in json.loads((again / "result.json").read_text("utf-8"))["cases"]}
    assert judged[dead]["findings"] == [finding]


async def test_an_event_type_that_no_contract_knows_passes_and_is_listed(suite):
    """Exit status 0, and 1 when additions are to fail."""
    publish = suite.venue.streams.publish

    def with_news(listen_key, event, roots):
        publish(listen_key, {"e": "BRAND_NEW", "E": event["E"]}, roots)
        publish(listen_key, event, roots)

    suite.venue.streams.publish = with_news
    for arguments, expected in (((), 0), (("--fail-on", "additive"), 1)):
        status, printed = await suite.run("-k", "event/TRADE_LITE", *arguments)
        assert status == expected, printed
        verdicts = {case["id"]: case["verdict"] for case in suite.result["cases"]}
        assert verdicts["usdm/event/ORDER_TRADE_UPDATE/undocumented/BRAND_NEW"] == "additive"
        assert "undocumented event BRAND_NEW" in printed
        assert (suite.result["selected"], suite.result["exercised"]) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "environ", "sentence"),
    [
        (("--product", "usdmm"), {}, "There is no product 'usdmm'. Did you mean 'usdm'?"),
        (("--surface", "websocket"), {}, "--surface: there is no 'websocket'. Known: event, rest, stream, ws-api."),
        (("-k", "no-such-case"), {}, "no case fits the selection"),
        ((), {"WIREPROOF_CREDENTIALS": "/nowhere/keys.json"}, "/nowhere/keys.json"),
        ((), {"WIREPROOF_USDM_WS_API_URL": "http://here"}, "WIREPROOF_USDM_WS_API_URL"),
        ((), {"WIREPROOF_CONTRACTS": "/nowhere"}, "no such folder"),
        ((), {"WIREPROOF_TODAY": "yesterday"}, "WIREPROOF_TODAY"),
        (("--target", "testnet"), {"WIREPROOF_CREDENTIALS": "", "WIREPROOF_API_SECRET": "x" * 64}, "WIREPROOF_API_KEY"),
        (
            ("--target", "testnet", "--product", "portfolio-margin-pro"),
            {"WIREPROOF_CREDENTIALS": ""},
            "every selected case is left out (101 cases: there is no testnet for this product)",
        ),
    ],
)
async def test_what_cannot_be_done_is_said_in_a_sentence_and_gives_2(suite, arguments, environ, sentence):
    suite.environ |= environ
    status, printed = await suite.run(*arguments)
    assert status == 2, printed
    assert sentence in printed
    assert "Traceback" not in printed


async def test_a_broken_contract_file_names_file_and_key_and_gives_2(suite):
    contracts = suite.folder / "contracts" / "usdm"
    (contracts / "ws-api").mkdir(parents=True)
    source = ROOT / "contracts" / "usdm"
    (contracts / "product.json").write_bytes((source / "product.json").read_bytes())
    text = (source / "ws-api" / "depth.json").read_text("utf-8")
    (contracts / "ws-api" / "depth.json").write_text(text.replace('"examples"', '"exampels"'), "utf-8")
    suite.environ["WIREPROOF_CONTRACTS"] = str(suite.folder / "contracts")
    status, printed = await suite.run()
    assert status == 2
    assert "depth.json: unknown key 'exampels' at $, line " in printed
    assert ". Did you mean 'examples'?" in printed
    assert "Traceback" not in printed


async def test_private_cases_without_a_key_are_skipped_counted_and_not_green(suite):
    """On testnet without a key: public cases run, private ones are skipped with the way out, exit status 3."""
    suite.environ["WIREPROOF_CREDENTIALS"] = ""
    status, printed = await suite.run("--target", "testnet", "-k", "ws-api/ticker.price or ws-api/account.balance")
    assert status == 3, printed
    assert suite.result["skipped"] > 0
    assert suite.result["exercised"] == 3
    assert "WIREPROOF_API_KEY" in printed
    status, printed = await suite.run(
        "--target", "testnet", "-k", "ws-api/ticker.price or ws-api/account.balance", "-m", "public"
    )
    assert status == 0, printed


async def test_live_is_read_only(suite):
    """Nothing that changes an account is sent; what was left out is counted."""
    status, printed = await suite.run(
        "--target", "live", "-k", "order.place or userDataStream or account.balance or listenKey or v1.order"
    )
    assert status == 0, printed
    sent = suite.venue.control.state()["requests"]
    assert not {
        name for name in sent if name.startswith(("order.", "algoOrder.", "userDataStream.", "POST", "PUT", "DELETE"))
    }
    assert any("read-only" in reason for reason in suite.result["excluded"])


# -- one case goes wrong -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "verdict", "words"),
    [
        ("silent", "blocked", "not answered within"),
        ("not-json", "unsteady", "unparseable"),
        ("foreign-id", "unsteady", "an-id-that-nobody-sent"),
        ("twice", "unsteady", "answered 2 times"),
    ],
)
async def test_a_bad_answer_concerns_its_own_case_only(suite, fault, verdict, words):
    """One that comes once; see `test_confirm_run` for those that come again."""
    suite.venue.faults.add(fault, method="ticker.price")
    status, printed = await suite.run("-k", "ticker.price/symbol-sent or depth/limit", "--answer-timeout", "2")
    by_id = {case["id"]: case for case in suite.result["cases"]}
    touched = by_id.pop("usdm/ws-api/ticker.price/symbol-sent")
    assert touched["verdict"] == verdict, printed
    assert words in json.dumps(touched)
    assert {case["verdict"] for case in by_id.values()} == {"conforms"}
    assert status == (0 if verdict == "unsteady" else 3)


async def test_a_dropped_connection_costs_no_case(suite):
    """Reads are repeated; an order whose fate is unknown is looked up and undone, and its case begins again."""
    for method in ("depth", "order.place"):
        suite.venue.faults.add("drop-after", method=method, nth=2)
    status, printed = await suite.run("-k", "depth/limit or order.place/limit")
    assert {case["verdict"] for case in suite.result["cases"]} == {"conforms"}, printed
    assert status == 0
    state = suite.venue.control.state()["accounts"].values()
    assert not any(account["open_orders"] for account in state)


# -- interrupted -------------------------------------------------------------------------------------------------------


async def until(condition, seconds=150):
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  # another process changes it
            await asyncio.sleep(0.01)


async def test_ctrl_c_takes_everything_back(tmp_path):
    """Orders, positions and listen keys are gone when the process has ended; exit status 3."""
    async with Venue(seed=3, weight_limit=1_000_000, latency_ms=150) as venue:
        suite = Suite(tmp_path, venue)
        # Without market streams, whose hundred connections a loaded machine opens before the first order.
        which = "order or osition or listenKey or userDataStream"
        process = await suite.start("run", "--no-html", "--product", "usdm", "-k", which)
        await until(lambda: any(account.open_orders for account in venue.accounts))
        process.send_signal(signal.SIGINT)
        printed, _ = await asyncio.wait_for(process.communicate(), 60)
        assert process.returncode == 3, printed.decode()
        state = venue.control.state()["accounts"].values()
        assert not any(
            a["open_orders"] or a["algo_orders"] or a["positions"] or a["listen_key"]["active"] for a in state
        )


async def test_leftovers_of_a_killed_run_are_removed_by_the_next(tmp_path):
    """After kill -9 in the middle, another run leaves no order, no position, no listen key and no changed mode."""
    async with Venue(seed=3, weight_limit=1_000_000, latency_ms=100) as venue:
        suite = Suite(tmp_path, venue)
        process = await suite.start("run", "--no-html", "--product", "usdm")
        await until(
            lambda: any(a.open_orders for a in venue.accounts) and any(a.open_positions() for a in venue.accounts)
        )
        process.kill()
        await process.communicate()
        left = venue.control.state()["accounts"].values()
        assert any(account["open_orders"] for account in left)
        status, printed = await suite.run("-k", "account.balance/default")
        assert status == 0, printed
        assert suite.result["leftovers"]
        for account in venue.control.state()["accounts"].values():
            assert not account["open_orders"]
            assert not account["algo_orders"]
            assert not account["positions"]
            assert not account["listen_key"]["active"]
            assert not account["hedge_mode"]
            assert not account["multi_assets"]


# -- other ways in -----------------------------------------------------------------------------------------------------


async def test_plain_pytest_runs_the_suite(suite):
    process = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-m",
            "pytest",
            "tests/contract",
            "--target",
            "local",
            "-k",
            "usdm/ws-api/ticker.price",
            "-q",
        ),
        *("--reports", str(suite.reports), "-p", "no:cacheprovider"),
        cwd=ROOT,
        env=suite.environ,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 120)
    assert process.returncode == 0, printed.decode()
    assert suite.result["exercised"] == 3


async def test_the_venue_of_a_local_run_is_its_own_and_ends_with_it(tmp_path):
    suite = Suite(tmp_path)
    status, printed = await suite.run("-k", "ws-api/ticker.price")
    assert status == 0, printed
    port = suite.result["endpoints"]["usdm rest"].rpartition(":")[2]
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", int(port))


async def test_plan_sends_nothing_and_names_weights_and_duration(tmp_path):
    suite = Suite(tmp_path)
    status, printed = await suite.command("plan", "--target", "live", "--product", "usdm", "--allow-trading")
    assert status == 0
    assert "usdm/ws-api/userDataStream.stop/active" in printed
    assert "weight per minute:" in printed
    assert "shortest possible duration:" in printed


async def test_a_new_user_sees_what_there_is(tmp_path):
    suite = Suite(tmp_path)
    status, printed = await suite.command("contracts", "list", "--product", "usdm", "--surface", "ws-api")
    assert status == 0
    assert len(printed.splitlines()) == 21
    status, printed = await suite.command("contracts", "check")
    assert status == 0, printed
    assert "no problem" in printed


async def test_a_past_run_is_judged_again_without_sending_anything(suite):
    """The same verdicts and findings as the night before; a waiver written since then holds."""
    suite.venue.faults.add("drift", method="ticker.price", times=None, set={"result.time": "soon"})
    assert (await suite.run("-k", "ticker.price or depth/limit-5"))[0] == 1
    before, sent = suite.result, dict(suite.venue.control.state()["requests"])

    status, printed = await suite.command("judge", "--no-html")
    assert status == 1, printed
    told = [
        [(case["id"], case["verdict"], case["findings"]) for case in run["cases"]] for run in (before, suite.result)
    ]
    assert sorted(told[0]) == sorted(told[1])
    assert dict(suite.venue.control.state()["requests"]) == sent

    contracts = suite.folder / "contracts"
    shutil.copytree(ROOT / "contracts" / "usdm", contracts / "usdm")
    suite.environ["WIREPROOF_CONTRACTS"] = str(contracts)
    [fingerprint] = {finding["fingerprint"] for case in before["cases"] for finding in case["findings"]}
    why = ("--reason", "known", "--link", "https://example.org/")
    assert (await suite.command("waive", fingerprint, *why))[0] == 0
    status, printed = await suite.command("judge", "--no-html")
    assert status == 0, printed
    assert [case["waived"][0]["reason"] for case in suite.result["cases"] if case["waived"]] == ["known"]


async def test_a_run_as_of_a_day_has_the_contracts_of_it_and_a_target_name_of_its_own(suite):
    """The venue of today lacks what went; reports, observations, history and judging again name the day."""
    case, day = "usdm/rest/POST.fapi.v1.order/limit-gtc", "2026-06-29"
    status, printed = await suite.run("-k", f"{case} ", "--as-of", day, "--no-confirm")
    assert status == 1, printed
    found = {(finding["path"], finding["kind"]) for case in suite.result["cases"] for finding in case["findings"]}
    assert found == {("avgPrice", "missing-field"), ("cumQuote", "missing-field")}
    assert (suite.result["target"], suite.result["as_of"]) == (f"local@{day}", day)
    assert f"wireproof run --target local --as-of {day} -k " in printed
    assert f"contracts as of {day}: " in printed
    assert f"what was asked is not of {day}: only a venue that the run starts is" in printed
    for name in ("index.html", "summary.md", "observations.jsonl"):
        assert day in (suite.reports / name).read_text("utf-8"), name
    history = [json.loads(line) for line in (suite.reports / "history.jsonl").read_text("utf-8").splitlines()]
    assert {entry["target"] for entry in history} == {f"local@{day}"}
    status, printed = await suite.command("accept", suite.result["cases"][0]["id"])
    assert (status, f"was as of {day}, and nothing of it is taken over" in printed) == (2, True)

    assert (await suite.command("judge", "--no-html"))[0] == 1
    assert suite.result["target"] == f"local@{day}"
    status, printed = await suite.command("judge", "--no-html", "--as-of", "2026-11-01")
    assert status == 0, printed
    assert suite.result["target"] == "local@2026-11-01"


async def test_a_day_that_is_none_or_before_all_is_refused_in_a_sentence(suite):
    (suite.folder / "answer.json").write_text("{}", "utf-8")
    compare = ("compare", "--contract", "usdm/rest/GET.fapi.v1.time", "answer.json")
    for day, said in (("soon", "'soon' is no day"), ("2020-01-01", "Contracts are known since 2025-07-02")):
        for command in (("run",), ("judge",), ("plan",), ("prove",), compare):
            status, printed = await suite.command(*command, "--as-of", day)
            assert (status, said in printed) == (2, True), (command, printed)
