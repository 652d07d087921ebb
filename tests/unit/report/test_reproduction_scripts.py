"""Scripts that do a finding again: they are short, they hold no secret, and nothing hostile can leave its literal."""

from __future__ import annotations

import ast
import shlex

import pytest
from msgspec.structs import replace

from wireproof.drift.finding import Kind
from wireproof.report.reproduction_scripts import LONGEST, check_of, script_of, sent_by
from wireproof.results.model import Observation

BASES = {
    "usdm rest": "https://rest.example.org",
    "usdm ws-api": "wss://ws.example.org/ws-fapi/v1",
    "usdm stream": "wss://streams.example.org",
}
PRIVATE = "POST https://rest.example.org/fapi/v1/listenKey wss://streams.example.org/private/ws?listenKey="
SIGNED = "timestamp=1795320001000&signature=<redacted signature>"


def observed(request, response, **more):
    fields = {"case": "usdm/x/y", "contract": "usdm/x", "sent_at": 1_795_320_000_900.0, "status": 200}
    return Observation(request=request, response=response, **(fields | more))


def case_of(results, surface, observation, *, name="default", private=False, **more):
    contract = more.pop("contract", f"usdm/{surface}/GET.fapi.v1.time")
    return results.case(
        name, contract=contract, surface=surface, observation=observation, private=private, subject="ORDER", **more
    )


#: By what is sent: the surface, the request, what came, and more of the case.
SENT = {
    "public REST": ("rest", "GET /fapi/v1/time?symbol=BTCUSDT", '{"price":7}', {}),
    "signed REST": ("rest", f"GET /fapi/v3/balance?{SIGNED}", '{"price":7}', {"private": True}),
    "an order over REST": ("rest", f"POST /fapi/v1/order?quantity=1&{SIGNED}", '{"price":7}', {"private": True}),
    "a cancellation": ("rest", f"DELETE /fapi/v1/order?orderId=17&{SIGNED}", '{"price":7}', {"private": True}),
    "a listen key": ("rest", "POST /fapi/v1/listenKey", '{"price":7}', {"private": True}),
    "ws-api": ("ws-api", '{"id":"1","method":"ticker.price","params":{"symbol":"BTCUSDT"}}', '{"price":7}', {}),
    "signed ws-api": (
        "ws-api",
        (
            '{"id":"1","method":"order.place","params":{"apiKey":"<redacted api key>","timestamp":1795320001000,'
            '"quantity":"1","signature":"<redacted signature>"}}'
        ),
        '{"price":7}',
        {"private": True},
    ),
    "a stream": ("stream", "SUBSCRIBE btcusdt@aggTrade at wss://streams.example.org/market/stream", '{"price":7}', {}),
    "a raw stream": ("stream", "connected to wss://streams.example.org/market/ws/btcusdt@aggTrade", '{"price":7}', {}),
    "an event": ("event", "POST /fapi/v1/leverage of BTCUSDT to 10", '{"price":7}', {"private": True}),
}


def parts_of(script):
    """Return the Python in a script; of one for the shell, what it gives to python3."""
    if script.suffix == ".py":
        return script.text
    words = shlex.split(script.text, comments=True)
    return words[words.index("-c") + 1]


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("what", SENT)
def test_scripts_are_short_and_sound_python_for_each_kind_of_finding(results, what, kind):
    """A finding of which no answer can tell has no script, and so has no other one."""
    surface, request, response, more = SENT[what]
    finding = results.finding("price", kind, contract=f"usdm/{surface}/x", value="7")
    seen = observed(request, response, messages=(response,) if surface in {"stream", "event"} else ())
    script = script_of(finding, case_of(results, surface, seen, **more), BASES, private_stream=PRIVATE)
    # A sentence; 7 has no length; and no answer alone says what it cost.
    without = {Kind.PROTOCOL_VIOLATION, Kind.LENGTH_CHANGED, Kind.WEIGHT_CHANGED}
    assert (script is None) is (kind in without), kind
    if script is not None:
        assert len(script.text.splitlines()) <= LONGEST
        ast.parse(parts_of(script))
        assert "redacted" not in script.text
        assert script.text.isascii()


def test_what_places_an_order_says_so_first_and_prefers_to_test_it(results):
    finding = results.finding("price", Kind.TYPE_CHANGED)
    surface, request, response, more = SENT["an order over REST"]
    case = case_of(results, surface, observed(request, response), **more)
    plain, tested = (script_of(finding, case, BASES, tests=tests).text for tests in (False, True))
    assert plain.startswith("# PLACES AN ORDER, and needs CONFIRM=yes.")
    assert "sys.exit(print(" in plain.splitlines()[4]
    assert "'/fapi/v1/order' if os.environ.get(\"CONFIRM\") == \"yes\" else '/fapi/v1/order/test'" in tested
    surface, request, response, more = SENT["a cancellation"]
    cancelled = script_of(finding, case_of(results, surface, observed(request, response), **more), BASES).text
    assert cancelled.startswith("# CHANGES THE ACCOUNT, and needs CONFIRM=yes.")
    for harmless in ("signed REST", "public REST", "ws-api"):
        surface, request, response, more = SENT[harmless]
        assert (
            "CONFIRM"
            not in script_of(finding, case_of(results, surface, observed(request, response), **more), BASES).text
        )


HOSTILE = [
    "'; touch owned; '",
    '"; touch owned; "',
    "$(touch owned)",
    "`touch owned`",
    "\ntouch owned\n",
    "'''\nopen('owned', 'w')\n'''",
    '"""\nopen("owned", "w")\n"""',
    "\\'); open('owned','w') #",
    "币安\u202e\u2028touch owned",
    "{open('owned','w')}",
    "\r\ntouch owned",
    "\x1b]0;owned\x07",
    "%(x)s %s {0}",
    "${IFS}touch${IFS}owned",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("what", SENT)
def test_nothing_that_came_can_leave_its_literal(results, tmp_path, monkeypatch, what, text):
    """As a field, a value, a parameter, a path, a host, an address of documentation."""
    surface, request, _, more = SENT[what]
    monkeypatch.chdir(tmp_path)
    from json import dumps  # noqa: PLC0415

    from wireproof.contract.paths import child  # noqa: PLC0415

    response = dumps({text: text, "list": [{text: None}]})
    bases = {name: f"{url}{text}" for name, url in BASES.items()}
    for path, kind in ((child("", text), Kind.UNDOCUMENTED_FIELD), (child("", text), Kind.VALUE_CHANGED)):
        finding = results.finding(path, kind, contract=f"usdm/{surface}/{text}", value=text, samples=(path,))
        for sent in (request, request.replace("BTCUSDT", text), request.replace("/fapi", f"/fapi{text}")):
            seen = observed(sent, response, messages=(response,) if surface in {"stream", "event"} else ())
            case = case_of(results, surface, seen, docs_url=f"https://x/{text}", **more)
            script = script_of(replace(finding), case, bases, private_stream=PRIVATE + text)
            if script is None:
                continue
            assert script.text.isascii()
            assert len(script.text.splitlines()) <= LONGEST
            tree = ast.parse(parts_of(script))
            calls = {
                node.func.id
                for node in ast.walk(tree)
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            }
            assert "open" not in calls
            if script.suffix == ".sh":
                lines = script.text.splitlines()
                assert lines[2].startswith("BASE=")
                assert not set(lines[2]) & set("`\\;()")
                words = shlex.split("\n".join(lines[3:]), posix=True)
                assert words[:4] == ["curl", "-gsS", "-m", "30"]
                assert words[words.index("|") + 1 :][:2] == ["python3", "-c"]
                assert len(words) == words.index("-c") + 2


def test_what_is_not_the_runs_comes_from_the_environment(results):
    """Hidden values, redacted ones, keys; a timestamp is now, unless it was wrong on purpose."""
    finding = results.finding("price", Kind.TYPE_CHANGED)
    request = f"POST /fapi/v1/order?quantity=1.111&listenKey=<redacted listen key>&side=BUY&{SIGNED}"
    case = case_of(results, "rest", observed(request, '{"price":7}'), private=True)
    shown = script_of(finding, case, BASES, hidden=True).text
    assert "['quantity', 'listenKey']" in shown
    assert "1.111" not in shown
    assert "int(time.time() * 1000)" in shown
    assert "1.111" in script_of(finding, case, BASES).text
    late = request.replace("1795320001000", "1795310000000")
    case = case_of(results, "rest", observed(late, '{"price":7}'), private=True)
    assert "'timestamp': '1795310000000'" in script_of(finding, case, BASES).text


def test_what_cannot_be_read_has_no_script(results):
    finding = results.finding("price", Kind.TYPE_CHANGED)
    for request in ("", "{", "nothing of the kind", '{"method": 1}', "GET nowhere"):
        assert sent_by(observed(request, "{}"), private=False) is None
        assert script_of(finding, case_of(results, "rest", observed(request, "{}")), BASES) is None
    for surface in ("event", "stream"):
        seen = observed("something", '{"price":7}')
        assert script_of(finding, case_of(results, surface, seen), BASES) is None
    assert script_of(finding, case_of(results, "rest", None), BASES) is None


@pytest.mark.parametrize(
    ("kind", "path", "shown", "sound"),
    [
        (Kind.MISSING_FIELD, "rows[].b", {"rows": [{"a": 1}]}, {"rows": [{"a": 1, "b": 2}]}),
        (Kind.MISSING_FIELD, "rows[].b", {"rows": [{"a": 1}]}, {"rows": [{"other": 1}]}),
        (Kind.UNDOCUMENTED_FIELD, 'rows[]["b.c"]', {"rows": [{"b.c": 1}]}, {"rows": [{"a": 1}]}),
        (Kind.TYPE_CHANGED, "a", {"a": 1.5}, {"a": "1.5"}),
        (Kind.NULL_VALUE, "*.a", {"X": {"a": None}}, {"X": {"a": 1}}),
        (Kind.FORMAT_CHANGED, "a", {"a": "soon"}, {"a": "1.5"}),
        (Kind.FORMAT_CHANGED, "a", {"a": 1700000000}, {"a": 1700000000000}),
        (Kind.UNDOCUMENTED_VALUE, "a", {"a": "HALT"}, {"a": "TRADING"}),
        (Kind.LENGTH_CHANGED, "[]", [[1, 2]], [[1, 2, 3]]),
        (Kind.UNDOCUMENTED_ELEMENT, "a[]", {"a": [1]}, {"a": []}),
        (Kind.ERROR_ANSWER, "", {"code": -1, "msg": "x"}, {"a": 1}),
        (Kind.REPEATED_KEY, "a", {"a": 1}, {"b": 1}),
        (Kind.UNDOCUMENTED_EVENT, "", {"e": "NEW"}, {"e": "OLD"}),
    ],
)
def test_a_check_finds_what_came_and_not_what_is_documented(results, kind, path, shown, sound):
    """As a script does, without sending anything."""
    from json import dumps, loads  # noqa: PLC0415

    text = dumps(shown) if kind is not Kind.REPEATED_KEY else '{"a":1,"a":2}'
    finding = results.finding(path, kind, samples=(), value="NEW")
    check = check_of(finding, observed("GET /x", text))
    namespace = {}
    exec("import json, re\n" + "\n".join(script_lines()), namespace)  # noqa: S102  # as a script does
    for document, is_there in ((text, True), (dumps(sound), False)):
        given = {"document": loads(document), "text": document, "status": 200, "headers": {}}
        assert bool(eval(check, namespace | given)) is is_there  # noqa: S307  # as a script does


def script_lines():
    from wireproof.report.reproduction_scripts import _AT  # noqa: PLC0415

    return _AT
