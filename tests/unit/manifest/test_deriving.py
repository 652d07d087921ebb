"""A manifest is derived of classes and schemas; what people wrote into it stays; errors of the client are sentences."""

from __future__ import annotations

import pytest

from wireproof.errors import ContractFileError, UsageError
from wireproof.manifest.client_manifest import (
    AcceptedFinding,
    ClientName,
    ContractUse,
    Manifest,
    ReadPath,
    Strictness,
)
from wireproof.manifest.deriving import (
    client_name,
    imported,
    mapping_of,
    read_mapping,
    with_what_people_wrote,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b:C=usdm/rest/x", ("a.b", "C", "usdm/rest/x", None)),
        ("a:C.D=usdm/rest/x@result[]", ("a", "C.D", "usdm/rest/x", "result[]")),
        ("a:C=usdm/rest/x@", ("a", "C", "usdm/rest/x", "")),
        ("a=usdm/rest/x", ("a", "", "usdm/rest/x", None)),
        ("a", ("a", "", "", None)),
        ("a:C=usdm/stream/aggTrade@data", ("a", "C", "usdm/stream/aggTrade", "data")),
        ("a:C=GET /fapi/v1/depth@bids", ("a", "C", "GET /fapi/v1/depth", "bids")),
    ],
)
def test_a_mapping_says_class_contract_and_place(text, expected):
    assert tuple(mapping_of(text)) == expected


@pytest.mark.parametrize("text", ["", "a b", ":C=x", "a:C=", "a:=x-y:z", "1a:C=x"])
def test_what_is_no_mapping_is_refused(text):
    with pytest.raises(UsageError):
        mapping_of(text)


def test_a_file_of_mappings(tmp_path):
    assert [one.contract for one in read_mapping(tmp_path, {"a:C": ["x", "y"], "a:D": "z"})] == ["x", "y", "z"]
    for content in ([], {"a:C": 7}):
        with pytest.raises(ContractFileError):
            read_mapping(tmp_path, content)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("raise ValueError('no settings')", "cannot be imported: ValueError: no settings"),
        ("import nowhere_at_all", "cannot be imported: ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("def f(:", "cannot be imported: SyntaxError"),
        ("import sys; sys.exit(3)", "cannot be imported: SystemExit: 3"),
    ],
)
def test_what_keeps_a_client_from_being_imported_is_one_sentence(tmp_path, monkeypatch, source, said):
    (tmp_path / "broken_client.py").write_text(source, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(UsageError, match="Run wireproof in the client's environment") as caught:
        imported("broken_client")
    assert said in str(caught.value)


def test_what_a_client_prints_does_not_reach_the_manifest(tmp_path, monkeypatch, capsys):
    (tmp_path / "chatty_client.py").write_text("print('hello')", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    imported("chatty_client")
    assert capsys.readouterr() == ("", "hello\n")


def test_a_client_is_called_as_its_package():
    assert client_name("", "", ["msgspec.json"]).name == "msgspec"
    assert client_name("bot", "2", ["msgspec"]) == ClientName(name="bot", version="2")
    assert client_name("", "", ["nowhere_at_all"]) == ClientName(name="nowhere_at_all")
    assert client_name("", "", []) == ClientName(name="client")


def test_what_people_wrote_into_a_manifest_stays():
    reads = (ReadPath(path="a"),)
    accepted = (AcceptedFinding(fingerprint="f", reason="r"),)
    before = Manifest(
        client=ClientName(name="old"),
        strictness=Strictness(enums="open"),
        models={"m.C": Strictness(numbers="any")},
        contracts={"x": ContractUse(unjudged="fine"), "gone": ContractUse()},
        accepted=accepted,
    )
    made = Manifest(client=ClientName(name="new"), contracts={"x": ContractUse(reads=reads), "y": ContractUse()})
    both = with_what_people_wrote(made, before)
    assert (both.client.name, both.strictness.enums, both.models, both.accepted) == (
        *("new", "open", before.models, accepted),
    )
    assert both.contracts == {"x": ContractUse(reads=reads, unjudged="fine"), "y": ContractUse()}
