"""What private streams are charged with beside the cases."""

import pytest

from wireproof.drift.finding import Kind, Severity, Verdict

pytestmark = pytest.mark.asyncio(loop_scope="session")


ORDER, ACCOUNT, LITE = "usdm/event/ORDER_TRADE_UPDATE", "usdm/event/ACCOUNT_UPDATE", "usdm/event/TRADE_LITE"


async def test_frames_that_nobody_awaited_are_told_of_the_connection(provoked):
    """They are counted and shown, and no event is accused of them."""

    def alter(event, _):
        return [event, "<html>nothing of the account</html>"]

    conductor = await provoked(f"{ORDER}/new", alter=alter)
    assert conductor.results[f"{ORDER}/new"].verdict is Verdict.CONFORMS
    [aside] = [result for result in conductor.results.values() if result.aside]
    assert aside.contract == "usdm/event/connection"
    assert [finding.kind for finding in aside.findings] == [Kind.UNPARSEABLE]
    assert "nothing of the account" in aside.findings[0].actual


async def test_an_event_type_that_no_contract_knows_is_additive_and_told_once(provoked):
    """With a sample that shows no secret; the cases conform. A frame that names no type breaks the protocol."""

    def alter(event, _):
        news = {"e": "BRAND_NEW", "E": event["E"], "news": True, "listenKey": "s" * 64}
        return [news, {"no": "type"}, event]

    conductor = await provoked(f"{ORDER}/cancelled", f"{LITE}/filled", alter=alter)

    asides = {result.id: result for result in conductor.results.values() if result.aside}
    kinds = {name: [(f.kind, f.value, f.severity) for f in result.findings] for name, result in asides.items()}
    assert kinds == {
        f"{ORDER}/undocumented/BRAND_NEW": [(Kind.UNDOCUMENTED_EVENT, "BRAND_NEW", Severity.ADDITIVE)],
        "usdm/event/connection/unfit-frames": [(Kind.PROTOCOL_VIOLATION, "", Severity.BREAKING)],
    }
    sample = asides[f"{ORDER}/undocumented/BRAND_NEW"].observation.messages[0]
    assert "BRAND_NEW" in sample
    assert "s" * 64 not in sample
    assert conductor.results[f"{ORDER}/cancelled"].verdict is Verdict.CONFORMS
    assert conductor.results[f"{LITE}/filled"].verdict is Verdict.CONFORMS


async def test_a_new_type_is_shown_beside_the_event_that_is_named_likest(provoked):
    def alter(event, _):
        return [{"e": "TRADE_LITE_V2", "E": 1}, event]

    conductor = await provoked(f"{LITE}/filled", alter=alter)

    assert f"{LITE}/undocumented/TRADE_LITE_V2" in conductor.results


async def test_an_event_that_comes_again_once_its_case_was_judged_is_told_beside_it(provoked):
    """The stream stays open for other cases; nothing waits for it."""
    held = []

    def alter(event, _):
        if event["e"] == "TRADE_LITE":
            held.append(event)
        elif event["e"] == "listenKeyExpired":
            return [*held, event]
        return [event]

    names = (f"{LITE}/filled", f"{ORDER}/new")
    conductor = await provoked(*names, alter=alter)
    assert {conductor.results[name].verdict for name in names} == {Verdict.CONFORMS}

    def late(event, _):
        if event["e"] == "ORDER_TRADE_UPDATE" and event["o"]["x"] == "CANCELED":  # when all is undone
            return [event, *held]
        held.extend([event] if event["e"] == "ORDER_TRADE_UPDATE" else [])
        return [event]

    held.clear()
    conductor = await provoked(f"{ORDER}/new", f"{ORDER}/cancelled", alter=late)
    asides = {result.id: result.findings[0].actual for result in conductor.results.values() if result.aside}
    assert asides.keys() >= {f"{ORDER}/order"}
    assert "came twice" in asides[f"{ORDER}/order"]


async def test_events_of_one_type_are_ordered_by_their_times(provoked):
    """Whatever their causes are; as documented, over one connection."""

    def alter(event, _):
        back = 60_000 if event["e"] == "ORDER_TRADE_UPDATE" and event["o"]["x"] == "CANCELED" else 0
        return [event | {"E": event["E"] - back}]

    conductor = await provoked(f"{ORDER}/cancelled", f"{LITE}/filled", alter=alter)
    (finding,) = conductor.results[f"{ORDER}/order"].findings
    assert (finding.contract, finding.kind) == (ORDER, Kind.PROTOCOL_VIOLATION)
    assert finding.actual.startswith("`E` is out of order ")
    assert [name for name, result in conductor.results.items() if result.findings] == [f"{ORDER}/order"]
