"""The file of a manifest: sorted, closed, and refused with a sentence."""

from __future__ import annotations

import json

import pytest

from wireproof.errors import ContractFileError
from wireproof.manifest.client_manifest import (
    ClientName,
    ContractUse,
    Manifest,
    ReadPath,
    Strictness,
    manifest_json,
    read_manifest,
)

B, A = ReadPath(path="b", by="m.C.b", enum=("Y", "X")), ReadPath(path="a", by="m.C.a", kinds=("string", "integer"))


def made(*reads, **more):
    """Return a manifest that reads a contract of that name."""
    return Manifest(client=ClientName(name="c"), contracts={"usdm/rest/x": ContractUse(reads=reads)}, **more)


def test_the_same_client_has_the_same_file(tmp_path):
    file = tmp_path / "m.json"
    file.write_bytes(manifest_json(made(B, A, B)))
    assert manifest_json(made(A, B)) == file.read_bytes() == manifest_json(read_manifest(file))
    held = json.loads(file.read_bytes())["contracts"]["usdm/rest/x"]["reads"]
    assert [(one["path"], one.get("enum")) for one in held] == [("a", None), ("b", ["X", "Y"])]


def test_a_rule_of_a_field_comes_before_its_models_and_the_clients():
    manifest = made(strictness=Strictness(enums="open"), models={"m.C": Strictness(enums="closed", numbers="any")})
    assert manifest.rules_of(A) == Strictness(enums="closed", unknown_fields="ignored", numbers="any")
    assert manifest.rules_of(ReadPath(path="b", by="m.C.b", numbers="float")).numbers == "float"
    assert manifest.rules_of(ReadPath(path="b", by="m.D.b")).enums == "open"
    assert made().rules_of(A).enums == "closed"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not JSON"),
        ('{"client": {"name": "c"}, "contract": {}}', "unknown key 'contract' at $, line 1. Did you mean 'contracts'?"),
        ('{"client": {"name": ""}, "contracts": {"x": {}}}', "client has no name"),
        ('{"client": {"name": "c"}}', "names no contract"),
        (
            '{"client": {"name": "c"}, "contracts": {"x": {"reads": [{"path": "a.**.b"}]}}}',
            "x reads 'a.**.b': ** may only end a path.",
        ),
        ('{"client": {"name": "c"}, "strictness": {"enums": "shut"}, "contracts": {"x": {}}}', "invalid enum value"),
    ],
)
def test_what_is_no_manifest_is_refused(tmp_path, content, said):
    file = tmp_path / "m.json"
    file.write_text(content, "utf-8")
    with pytest.raises(ContractFileError) as caught:
        read_manifest(file)
    assert said in str(caught.value)
