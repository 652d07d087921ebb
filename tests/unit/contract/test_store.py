"""The store: every contract file read, or refused with a sentence that names file, place and way out."""

from __future__ import annotations

import json
import shutil

import pytest
from checkout import CONTRACTS

from wireproof.contract.store import default_folder, load_store
from wireproof.errors import ContractFileError, UsageError


@pytest.fixture
def folder(tmp_path):
    """Return a copy of one product with two contracts."""
    (tmp_path / "usdm" / "ws-api").mkdir(parents=True)
    shutil.copy(CONTRACTS / "usdm" / "product.json", tmp_path / "usdm")
    for name in ("depth", "ticker.price"):
        shutil.copy(CONTRACTS / "usdm" / "ws-api" / f"{name}.json", tmp_path / "usdm" / "ws-api")
    return tmp_path


def edit(file, change):
    content = json.loads(file.read_text("utf-8"))
    change(content)
    file.write_text(json.dumps(content), "utf-8")


def test_contracts_are_found_by_id(folder):
    store = load_store(folder)
    assert list(store.contracts) == ["usdm/ws-api/depth", "usdm/ws-api/ticker.price"]
    assert store.contract("usdm/ws-api/depth").name == "depth"
    assert store.file_of(store.contract("usdm/ws-api/depth")) == folder / "usdm/ws-api/depth.json"


def test_unknown_key_names_file_place_and_nearest_key(folder):
    file = folder / "usdm/ws-api/depth.json"
    edit(file, lambda c: c["request"]["params"][1].update(requird=True))
    with pytest.raises(ContractFileError) as error:
        load_store(folder)
    assert str(error.value).startswith(
        f"{file}: unknown key 'requird' at $.request.params[1], line 1. Did you mean 'required'?"
    )


def test_wrong_type_names_place_and_what_was_expected(folder):
    file = folder / "usdm/ws-api/depth.json"
    edit(file, lambda c: c["request"].update(method=5))
    with pytest.raises(ContractFileError, match=r"expected `str`, got `int` at \$\.request\.method"):
        load_store(folder)


def test_malformed_json_names_line_and_column(folder):
    file = folder / "usdm/ws-api/depth.json"
    file.write_text('{\n  "id": "usdm/ws-api/depth",\n  oops\n}', "utf-8")
    with pytest.raises(ContractFileError, match="is not JSON: line 3, column 3"):
        load_store(folder)


def test_id_that_another_file_has_names_both_files(folder):
    file = folder / "usdm/ws-api/depth.json"
    edit(file, lambda c: c.update(id="usdm/ws-api/ticker.price"))
    with pytest.raises(ContractFileError, match=r"depth\.json: id 'usdm/ws-api/ticker\.price' is taken by .*ticker"):
        load_store(folder)


@pytest.mark.parametrize(
    ("file", "change", "sentence"),
    [
        ("ws-api/depth.json", {"id": "usdm/ws-api/deep"}, "Expected 'usdm/ws-api/depth'"),
        ("ws-api/depth.json", {"event": {"name": "X"}}, "has request and event; its surface needs 'request' alone"),
        ("product.json", {"product": "coinm"}, "product 'coinm' lies in folder 'usdm'"),
    ],
)
def test_what_does_not_fit_its_place_or_has_two_subjects_is_refused(folder, file, change, sentence):
    edit(folder / "usdm" / file, lambda document: document.update(change))
    with pytest.raises(ContractFileError, match=sentence):
        load_store(folder)


def test_product_folder_without_product_file_is_refused(folder):
    (folder / "usdm/product.json").unlink()
    with pytest.raises(ContractFileError, match=r"product\.json: is missing"):
        load_store(folder)


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda s: s.product("usdt"), "There is no product 'usdt'. Did you mean 'usdm'?"),
        (lambda s: s.contract("usdm/ws-api/dept"), "Did you mean 'usdm/ws-api/depth'?"),
        (lambda s: s.select(surface="websocket"), "There is no surface 'websocket'"),
        (lambda s: s.select(product="usdt"), "There is no product 'usdt'"),
    ],
)
def test_unknown_names_are_answered_with_known_ones(folder, ask, sentence):
    with pytest.raises(UsageError) as error:
        ask(load_store(folder))
    assert sentence in str(error.value)


def test_missing_and_empty_folders_are_refused(tmp_path):
    with pytest.raises(UsageError, match="no such folder"):
        load_store(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="no product found"):
        load_store(tmp_path)


def test_folder_can_be_named_in_the_environment(tmp_path):
    assert default_folder({"WIREPROOF_CONTRACTS": str(tmp_path)}) == tmp_path
    assert default_folder({}) == CONTRACTS
