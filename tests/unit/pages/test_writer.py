"""Contract files as written."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from checkout import CONTRACTS

from wireproof.contract.contract_file import ContractFile, contract_in
from wireproof.pages.writer import to_bytes, write, write_all


def test_keys_stand_in_the_models_order_and_examples_keep_theirs():
    data = (
        b'{"examples":[{"response":{"z":1,"a":[1]},"name":"default"}],"revised":"2026-01-01","docs_url":"",'
        b'"surface":"rest","product":"usdm","title":"T","id":"usdm/rest/a",'
        b'"request":{"weight":{"ip":1},"security":"NONE","method":"GET","path":"/a"}}'
    )
    written = to_bytes(contract_in(msgspec.json.decode(data, type=ContractFile)))
    assert list(json.loads(written)) == [
        "id",
        "title",
        "product",
        "surface",
        "docs_url",
        "revised",
        "request",
        "examples",
    ]
    assert list(json.loads(written)["examples"][0]["response"]) == ["z", "a"]
    assert written.startswith(b'{\n  "id": "usdm/rest/a",\n')
    assert written.endswith(b"}\n")


def test_a_file_is_replaced_whole(tmp_path):
    file = tmp_path / "usdm" / "rest" / "a.json"
    write(file, b"one")
    write(file, b"two")
    assert file.read_bytes() == b"two"
    assert list(file.parent.iterdir()) == [file]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    file = tmp_path / "a.json"
    file.write_bytes(b"old")

    def fail(self, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space left"):
        write(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_files_are_written_together_or_not_at_all(tmp_path):
    """The second cannot be replaced by a file, so the first gets its old content back and the new one goes."""
    old, new, blocked = (tmp_path / name for name in ("old.json", "new.json", "folder.json"))
    old.write_bytes(b"old")
    blocked.mkdir()
    with pytest.raises(OSError, match=r"folder\.json"):
        write_all({old: b"1", new: b"2", blocked: b"3"})
    assert old.read_bytes() == b"old"
    assert sorted(tmp_path.iterdir()) == [blocked, old]


def test_the_store_is_written_as_the_importer_writes_it():
    """Files of the store and files of an import look the same, so that a diff is the change."""
    files = list(CONTRACTS.glob("*/*/*.json"))
    assert [
        f.name
        for f in files
        if to_bytes(contract_in(msgspec.json.decode(f.read_bytes(), type=ContractFile))) != f.read_bytes()
    ] == []
