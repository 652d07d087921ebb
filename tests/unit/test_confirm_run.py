"""Confirmed before reported: `wireproof run` against a venue that deviates once, always or at times."""

from __future__ import annotations

import asyncio
import json
import signal

import pytest

from wireproof.venue.streams.private_streams import UserStreams

pytestmark = pytest.mark.asyncio(loop_scope="session")

TICKER = "ws-api/ticker.price/symbol-sent"


def asked(venue, method="ticker.price"):
    return venue.services.requests[method]


async def test_what_is_seen_each_time_is_breaking_and_says_so(suite):
    suite.venue.faults.add("drift", method="ticker.price", times=None, set={"result.time": "soon"})
    status, printed = await suite.run("-k", TICKER)

    [case] = suite.result["cases"]
    [finding] = case["findings"]
    assert (status, case["verdict"], finding["seen"], finding["tried"]) == (1, "breaking", 3, 3), printed
    assert "[new, seen 3 of 3 times]" in printed
    assert "Seen 3 of 3 times" in (suite.reports / "junit.xml").read_text("utf-8")
    assert "seen 3 of 3 times" in (suite.reports / "summary.md").read_text("utf-8")
    attempts = [json.loads(line) for line in (suite.reports / "observations.jsonl").read_text("utf-8").splitlines()]
    assert [one.get("attempt", 1) for one in attempts] == [1, 2, 3]
    assert asked(suite.venue) == 3


async def test_what_is_not_seen_again_is_unsteady_neither_red_nor_silent(suite):
    """Exit status 0; a section of its own, a skipped test, every observation kept."""
    suite.venue.faults.add("drift", method="ticker.price", times=1, set={"result.time": "soon"})
    status, printed = await suite.run("-k", TICKER)

    [case] = suite.result["cases"]
    assert (status, case["verdict"], case["findings"]) == (0, "unsteady", []), printed
    [finding] = case["unsteady"]
    assert (finding["path"], finding["seen"], finding["tried"]) == ("result.time", 1, 3)
    assert "1 unsteady difference, not seen again when repeated." in " ".join(printed.split())
    assert "unsteady  usdm/ws-api/ticker.price result.time" in printed
    summary = (suite.reports / "summary.md").read_text("utf-8")
    assert "## Unsteady: not seen again when repeated" in summary
    assert "seen 1 of 3 times" in summary
    assert len((suite.reports / "observations.jsonl").read_text("utf-8").splitlines()) == 3
    assert 'message="unsteady: ' in (suite.reports / "junit.xml").read_text("utf-8")


async def test_what_is_seen_two_times_of_three_is_breaking(suite):
    """A client meets it, too."""
    suite.venue.faults.add("drift", method="ticker.price", times=1, set={"result.time": "soon"})
    suite.venue.faults.add("drift", method="ticker.price", nth=2, times=1, set={"result.time": "soon"})
    status, printed = await suite.run("-k", TICKER)

    [finding] = suite.result["cases"][0]["findings"]
    assert (status, finding["seen"], finding["tried"]) == (1, 2, 3), printed


async def test_no_confirm_reports_at_once(suite):
    suite.venue.faults.add("drift", method="ticker.price", times=1, set={"result.time": "soon"})
    status, printed = await suite.run("-k", TICKER, "--no-confirm")

    assert (status, suite.result["cases"][0]["verdict"], asked(suite.venue)) == (1, "breaking", 1), printed
    assert "--no-confirm" in printed


async def test_a_raised_bar_is_confirmed_as_well(suite):
    """Whatever would make the run fail."""
    suite.venue.faults.add("drift", method="ticker.price", times=1, set={"result.added": 1})
    status, printed = await suite.run("-k", TICKER, "--fail-on", "additive")
    assert (status, suite.result["cases"][0]["verdict"]) == (0, "unsteady"), printed


async def test_a_repetition_that_is_refused_leaves_the_difference_breaking(suite):
    """And says that it could not be repeated; the run is not blocked by it."""
    suite.venue.faults.add("drift", method="ticker.price", times=1, set={"result.time": "soon"})
    suite.venue.faults.add("silent", method="ticker.price", times=None)
    status, printed = await suite.run("-k", TICKER, "--answer-timeout", "0.3")

    [case] = suite.result["cases"]
    assert (status, case["verdict"]) == (1, "breaking"), printed
    assert case["findings"][0]["repetition"].startswith("the repetition was blocked: ")
    assert suite.result["blocked"] == []


async def test_three_nights_in_a_row_make_an_unsteady_difference_breaking(suite):
    """The days of the history count, not its runs."""
    suite.venue.faults.add("drift", method="ticker.price", times=1, set={"result.time": "soon"})
    await suite.run("-k", TICKER)
    history = suite.reports / "history.jsonl"
    [line] = history.read_text("utf-8").splitlines()
    entry = json.loads(line)
    assert entry["unsteady"] == [suite.result["cases"][0]["unsteady"][0]["fingerprint"]]
    nights = [
        entry | {"run": f"20261120T0{hour}0000Z-{hour}", "date": f"{day}T0{hour}:00:00Z"}
        for hour, day in ((1, "2026-01-20"), (2, "2026-01-20"), (1, "2026-01-21"))
    ]
    for number, expected in ((2, 0), (3, 1)):  # one night before this one, then two
        history.write_text("".join(json.dumps(one) + "\n" for one in nights[:number]), "utf-8")
        suite.venue.faults.add("drift", method="ticker.price", times=1, set={"result.time": "soon"})
        status, printed = await suite.run("-k", TICKER)
        assert status == expected, printed
    [finding] = suite.result["cases"][0]["findings"]
    assert finding["repetition"] == "unsteady for 3 nights in a row"


async def test_a_past_run_judged_again_knows_its_repetitions(suite):
    suite.venue.faults.add("drift", method="ticker.price", times=1, set={"result.time": "soon"})
    await suite.run("-k", TICKER)
    status, printed = await suite.command("judge", "--no-html")

    [case] = suite.result["cases"]
    assert (status, case["verdict"], case["unsteady"][0]["tried"]) == (0, "unsteady", 3), printed


async def test_lf_and_x_know_what_was_confirmed(suite):
    """-x stops at the first confirmed failure; --lf repeats it and nothing else."""
    suite.venue.faults.add("drift", method="ticker.price", times=None, set={"result.time": "soon"})
    status, printed = await suite.run("-k", "ws-api/ticker.price", "-m", "documented", "-x")
    assert status == 1, printed
    assert "= 1 failed in " in printed
    assert [case["verdict"] for case in suite.result["cases"]].count("breaking") == 1, printed
    status, printed = await suite.run("--lf")
    assert status == 1
    assert suite.result["selected"] == 1


async def test_a_stop_while_repeating_keeps_the_first_result_unconfirmed(suite):
    suite.venue.faults.add("drift", method="ticker.price", times=1, set={"result.time": "soon"})
    suite.venue.faults.add("delay", method="ticker.price", nth=2, times=None, delay_ms=20_000)
    process = await suite.start("run", "--no-html", "--product", "usdm", "-k", TICKER, "--answer-timeout", "30")
    async with asyncio.timeout(60):
        while asked(suite.venue) < 2:  # noqa: ASYNC110  # another process changes it
            await asyncio.sleep(0.05)
        process.send_signal(signal.SIGINT)
        printed, _ = await process.communicate()
    [case] = suite.result["cases"]
    assert case["verdict"] == "breaking", printed.decode()
    assert case["findings"][0]["repetition"].startswith("not confirmed: the run was stopped")


@pytest.mark.parametrize("times", [1, None])
async def test_a_stream_is_watched_again(suite, times):
    suite.venue.faults.add("drift", method="btcusdt@aggTrade", times=times, set={"p": 1.5})
    status, printed = await suite.run("-k", "usdm/stream/aggTrade/symbol")
    _says(suite, status, printed, steady=times is None)


@pytest.mark.parametrize("times", [1, None])
async def test_an_event_is_brought_about_again(suite, times, monkeypatch):
    """Its cause is; on a private stream that is opened anew."""
    _alter_events(monkeypatch, "ORDER_TRADE_UPDATE", times)
    status, printed = await suite.run("-k", "event/ORDER_TRADE_UPDATE/new and not hedge")
    _says(suite, status, printed, steady=times is None)


@pytest.mark.parametrize("times", [1, None])
async def test_an_event_that_only_the_venue_brings_about_is_brought_about_again(suite, times, monkeypatch):
    _alter_events(monkeypatch, "MARGIN_CALL", times)
    status, printed = await suite.run("-k", "event/MARGIN_CALL/isolated")
    _says(suite, status, printed, steady=times is None)


@pytest.mark.parametrize("times", [1, None])
@pytest.mark.parametrize(
    ("name", "method", "path"),
    [
        # in a mode of the account, in a setting of it, after a liquidation, refused
        ("ws-api/order.place/hedge-long", "order.place", "result.symbol"),
        ("rest/POST.fapi.v1.positionSide.dual/hedge", "POST /fapi/v1/positionSide/dual", "msg"),
        ("rest/GET.fapi.v1.forceOrders/after-liquidation", "GET /fapi/v1/forceOrders", "[0].symbol"),
        ("ws-api/order.place/rejects/zero-quantity", "order.place", "error.code"),
    ],
)
async def test_a_case_is_exercised_again_in_the_way_of_the_first_time(suite, name, method, path, times):
    """With its mode, its setting, its state; and nothing is left behind."""
    suite.venue.faults.add("drift", method=method, times=times, set={path: [1]})
    status, printed = await suite.run("-k", f"usdm/{name}")
    _says(suite, status, printed, steady=times is None)
    state = suite.venue.control.state()["accounts"].values()
    assert not any(a["open_orders"] or a["positions"] or a["hedge_mode"] for a in state)


async def test_what_is_sent_once_is_not_repeated(suite):
    suite.venue.faults.add("drift", method="GET /fapi/v1/income/asyn", times=1, set={"downloadId": 1})
    status, printed = await suite.run("-k", "GET.fapi.v1.income.asyn/default")
    [case] = [case for case in suite.result["cases"] if case["findings"]]
    assert (status, case["verdict"]) == (1, "breaking"), printed
    assert case["findings"][0]["repetition"].startswith("cannot be repeated: ")
    assert "seen once; cannot be repeated: " in printed


async def test_a_thousand_failures_do_not_double_the_run(suite):
    """Every answer of the WebSocket API is wrong, once and for all: fifty cases at most are repeated."""
    suite.venue.faults.add("drift", method="*", times=None, set={"rateLimits": 1})
    status, printed = await suite.run("-k", "ws-api/order and rejects")
    assert status == 1, printed
    cases = suite.result["cases"]
    failing = [case for case in cases if case["verdict"] == "breaking"]
    repeated = [case for case in failing if case["findings"][0]["tried"] > 1]
    assert len(failing) > 50
    assert len(repeated) <= 50
    inherited = [case for case in failing if case not in repeated]
    assert all(case["findings"][0]["repetition"].startswith("seen again in ") for case in inherited)


def _says(suite, status, printed, *, steady):
    """Look whether the one case of a run is breaking, or unsteady where it was not steady; of three attempts."""
    cases = [case for case in suite.result["cases"] if case["findings"] or case["unsteady"]]
    assert cases, printed
    found = cases[0]["findings" if steady else "unsteady"]
    verdict = "breaking" if steady else "unsteady"
    assert (status, cases[0]["verdict"]) == (1 if steady else 0, verdict), printed
    assert {(one["seen"], one["tried"]) for one in found} == {(3 if steady else 1, 3)}
    assert suite.result["not_cleaned"] == []


def _alter_events(monkeypatch, name, times):
    """Alter so many events of a type before the venue sends them."""
    publish, altered = UserStreams.publish, []

    def altering(self, listen_key, event, *roots):
        if event["e"] == name and (times is None or len(altered) < times):
            altered.append(event)
            event = event | {"E": str(event["E"])}
        publish(self, listen_key, event, *roots)

    monkeypatch.setattr(UserStreams, "publish", altering)
