"""`wireproof compare`: two payloads, a contract and a payload, and batches of them."""

from __future__ import annotations

import io
import json
from types import SimpleNamespace

import pytest
from checkout import CONTRACTS

from wireproof.cli import main
from wireproof.contract.store import load_store

CONTRACT = "usdm/ws-api/ticker.price"


def file(folder, name, document):
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("documented", "actual", "more", "status", "said"),
    [
        ({"a": 1}, {"a": 2}, (), 0, "conforms"),
        ({"a": 1}, {"a": True}, (), 1, "a  expected integer, got boolean  (breaking)"),
        ({"a": 1}, {"a": 2, "b": 3}, (), 0, "additive"),
        ({"a": 1}, {"a": 2, "b": 3}, ("--fail-on", "additive"), 1, "b  "),
        ({"a": 1}, "not JSON", (), 1, "breaking"),
    ],
)
def test_compare_two_payloads(tmp_path, capsys, documented, actual, more, status, said):
    arguments = [file(tmp_path, "documented.json", documented), file(tmp_path, "actual.json", actual), *more]
    assert main(["compare", *arguments]) == status
    assert said in capsys.readouterr().out


def test_compare_prints_json_for_programs(tmp_path, capsys):
    documented, actual = file(tmp_path, "d.json", {"a": ["1.5"]}), file(tmp_path, "a.json", {"a": ["1.5", 2]})
    assert main(["compare", documented, actual, "--json"]) == 1
    [finding] = json.loads(capsys.readouterr().out)["findings"]
    assert (finding["path"], finding["kind"], finding["occurrences"], finding["of"]) == ("a[]", "type-changed", 1, 2)


def test_compare_with_a_stored_contract(tmp_path, capsys):
    answer = {"id": "1", "status": 200, "result": {"symbol": "BTCUSDT", "price": 1.5, "time": 1700000000000}}
    assert main(["compare", "--contract", CONTRACT, file(tmp_path, "a.json", answer)]) == 1
    assert "result.price  expected decimal string, got number" in capsys.readouterr().out


def test_compare_a_batch_line_by_line(tmp_path, capfdbinary):
    lines = [
        {"id": 1, "documented": {"a": 1}, "actual": {"a": 2}},
        {"id": "two", "documented": {"a": 1}, "actual": {}},
        {"id": 3, "actual": {}},
    ]
    batch = file(tmp_path, "batch.jsonl", "\n".join(map(json.dumps, lines)))
    assert main(["compare", "--batch", batch]) == 2
    answers = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert [answer["id"] for answer in answers] == [1, "two", 3]
    assert [answer.get("verdict") for answer in answers] == ["conforms", "breaking", None]
    assert "neither 'documented' nor 'contract'" in answers[2]["error"]


@pytest.mark.parametrize(
    ("actual", "arguments", "status"),
    [
        ({"a": 2}, (), 0),
        ({"a": "x"}, (), 1),
        ({"a": 2, "b": 1}, (), 0),
        ({"a": 2, "b": 1}, ("--fail-on", "risky"), 0),
        ({"a": 2, "b": 1}, ("--fail-on", "additive"), 1),
        ({"a": None}, ("--fail-on", "additive"), 1),
    ],
)
def test_a_batch_ends_with_the_status_of_its_worst_finding(tmp_path, capfdbinary, actual, arguments, status):
    """As a single comparison does, wherever the line stands."""
    lines = [{"documented": {"a": 1}, "actual": one} for one in ({"a": 1}, actual, {"a": 1})]
    batch = file(tmp_path, "batch.jsonl", "\n".join(map(json.dumps, lines)))
    assert main(["compare", "--batch", batch, *arguments]) == status
    documented, got = file(tmp_path, "d.json", {"a": 1}), file(tmp_path, "a.json", actual)
    assert main(["compare", documented, got, *arguments]) == status


def test_a_line_of_a_batch_may_name_an_example(tmp_path, capfdbinary):
    """Without it, the nearest is taken."""
    answer = {"id": "1", "status": 200, "result": [{"symbol": "BTCUSDT", "price": "1.0", "time": 1700000000000}]}
    lines = [{"contract": CONTRACT, "actual": answer}]
    lines += [{"contract": CONTRACT, "example": name, "actual": answer} for name in ("symbol-sent", "no-such")]
    lines += [{"documented": answer, "example": "symbol-sent", "actual": answer}]
    batch = file(tmp_path, "batch.jsonl", "\n".join(map(json.dumps, lines)))
    assert main(["compare", "--batch", batch]) == 2
    answers = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert [one.get("verdict") for one in answers] == ["conforms", "breaking", None, None]
    assert "has no example 'no-such'" in answers[2]["error"]
    assert "names an example, but no contract" in answers[3]["error"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["--example", "x", "a", "b"],
        ["--batch", "b", "--example", "x"],
        ["--batch", "b", "--contract", "c"],
        ["--as-of", "2026-05-01", "a", "b"],
    ],
)
def test_an_option_of_compare_that_would_have_no_effect_is_refused(capsys, arguments):
    assert main(["compare", *arguments]) == 2
    assert "contract" in capsys.readouterr().err


TROUBLE = [
    (503, -1008, "Request throttled by system-level protection."),
    (503, -1000, "Unknown error, please check your request or try again later."),
    (408, -1007, "Timeout waiting for response from backend server."),
    (400, -1016, "This service is no longer available."),
    (429, -1003, "Too many requests."),
    (401, -2015, "Invalid API-key, IP, or permissions for action"),
    (400, -1021, "Timestamp for this request is outside of the recvWindow."),
]


@pytest.mark.parametrize(("status", "code", "text"), TROUBLE)
def test_an_envelope_that_says_nothing_of_its_contract_is_blocked(status, code, text, tmp_path, capsys):
    """One sentence with the exchange's words, and exit status 3."""
    answer = {"id": "1", "status": status, "error": {"code": code, "msg": text}}
    for more in ([], ["--json"]):
        assert main(["compare", "--contract", CONTRACT, file(tmp_path, "a.json", answer), *more]) == 3
        output = capsys.readouterr()
        assert output.out == ""
        [sentence] = output.err.splitlines()
        assert f'status {status}, error {code} "{text}"' in sentence


def test_an_error_envelope_that_is_about_the_request_is_a_finding(tmp_path, capsys):
    """So is one with a success's status: a client would mistake it for one."""
    for status, code in ((400, -1121), (200, -1000)):
        answer = {"id": "1", "status": status, "error": {"code": code, "msg": "No."}}
        assert main(["compare", "--contract", CONTRACT, file(tmp_path, "a.json", answer)]) == 1
    assert "breaking" in capsys.readouterr().out


def lines_of_trouble():
    return [
        {
            "id": number,
            "contract": CONTRACT,
            "actual": {"id": "1", "status": status, "error": {"code": code, "msg": text}},
        }
        for number, (status, code, text) in enumerate(TROUBLE)
    ]


@pytest.mark.parametrize(
    ("more", "options", "status"),
    [
        ([], [], 3),
        ([{"documented": 1, "actual": 2}], [], 3),
        ([{"documented": {"a": 1}, "actual": {"a": 1, "b": 2}}], [], 3),
        ([{"documented": {"a": 1}, "actual": {"a": 1, "b": 2}}], ["--fail-on", "additive"], 1),
        ([{"documented": {"a": 1}, "actual": {}}], [], 1),
        ([{"actual": 2}], [], 2),
    ],
    ids=["alone", "conforming", "additive", "additive-fails", "breaking", "unreadable"],
)
def test_blocked_lines_of_a_batch_are_named_and_decide_where_no_finding_does(
    more, options, status, tmp_path, capfdbinary
):
    batch = file(tmp_path, "batch.jsonl", "\n".join(map(json.dumps, [*lines_of_trouble(), *more])))
    assert main(["compare", "--batch", batch, *options]) == status
    answers = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()][: len(TROUBLE)]
    assert [(answer["id"], answer["verdict"], answer["findings"]) for answer in answers] == [
        (number, "blocked", []) for number in range(len(TROUBLE))
    ]
    assert all(text in answer["reason"] for answer, (_, _, text) in zip(answers, TROUBLE, strict=True))


def test_compare_reads_a_batch_from_standard_input(monkeypatch, capfdbinary):
    line = json.dumps({"id": 1, "documented": [1], "actual": [2]}).encode()
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(line)))
    assert main(["compare", "--batch", "-"]) == 0
    assert json.loads(capfdbinary.readouterr().out)["verdict"] == "conforms"


def test_compare_prints_no_key_of_the_environment(tmp_path, capfdbinary, own_key):
    """Names and values of fields, for people and for programs, in a batch, in an error."""
    documented, actual = {"a": "x"}, {"a": "x", own_key: 1, "b": {own_key[:20]: 1}}
    two = [file(tmp_path, "d.json", documented), file(tmp_path, "a.json", actual)]
    lines = [{"id": 1, "documented": documented, "actual": actual}, {"id": 2, "contract": own_key, "actual": 1}]
    batch = file(tmp_path, "b.jsonl", "\n".join(map(json.dumps, lines)))
    main(["compare", *two])
    main(["compare", *two, "--json"])
    main(["compare", "--batch", batch])
    status = {"id": 1, "status": 400, "error": {"code": -2015, "msg": f"Invalid API-key {own_key}"}}
    assert main(["compare", "--contract", CONTRACT, file(tmp_path, "e.json", status)]) == 3
    printed = "".join(stream.decode() for stream in capfdbinary.readouterr())

    assert own_key[:8] not in printed
    assert printed.count("<redacted api key>") >= 5
    assert '"verdict":"additive"' in printed


def test_compare_with_a_contract_of_another_day(tmp_path, capsys):
    """An acknowledgement had an average price until the end of June 2026."""
    order = "usdm/rest/POST.fapi.v1.order"
    shown = next(one.response for one in load_store(CONTRACTS).contracts[order].examples)
    answer = file(tmp_path, "answer.json", json.dumps(shown))
    assert main(["compare", "--contract", order, answer]) == 0
    assert main(["compare", "--contract", order, answer, "--as-of", "2026-06-29"]) == 1
    assert "avgPrice" in capsys.readouterr().out
