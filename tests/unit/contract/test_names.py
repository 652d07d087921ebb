"""A contract is called what a file, a command line and a log can carry, and nothing else is read."""

from __future__ import annotations

import json
import shutil

import pytest
from checkout import ROOT

from wireproof.cli import main
from wireproof.contract.store import read_contract, read_product
from wireproof.errors import ContractFileError

FILE = "ws-api/ticker.price.json"

NO_NAMES = {
    "a folder above": "../ticker",
    "two dots": "a..b",
    "a dot first": ".hidden",
    "a dot last": "a.",
    "an option": "-k",
    "a slash first": "/etc/passwd",
    "a backslash": "a\\b",
    "a space": "a b",
    "a line": "a\nb",
    "a return": "a\rb",
    "a line separator": "a\u2028b",
    "an escape": "a\x1b[2J",
    "a C1": "a\x9bm",
    "a direction": "a\u202eb",
    "nothing visible": "a\u200bb",
    "a half surrogate": "\ud800",
    "no ASCII": "ünïcode",
    "a pattern": "a*",
    "a quote": "a'b",
    "markup": "a<b>",
    "a command": "::error::x",
    "a device": "con",
    "a device with an ending": "aux.txt",
    "long": "a" * 200,
    "empty": "",
}


def each_name(test):
    return pytest.mark.parametrize("name", [pytest.param(name, id=why) for why, name in NO_NAMES.items()])(test)


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stored") / "contracts"
    (folder / "usdm" / "ws-api").mkdir(parents=True)
    shutil.copy(ROOT / "contracts/usdm/product.json", folder / "usdm/product.json")
    shutil.copy(ROOT / "contracts/usdm" / FILE, folder / "usdm" / FILE)
    return folder


@pytest.fixture
def refuses(stored, tmp_path, monkeypatch, capsys):
    """Change a copy of a small store; whoever reads it ends with 2 and one line that names the file."""
    folder = tmp_path / "contracts"
    shutil.copytree(stored, folder)
    monkeypatch.setenv("WIREPROOF_CONTRACTS", str(folder))

    def refuse(change, file=FILE, *, commands=()):
        place = folder / "usdm" / file
        document = json.loads(place.read_text("utf-8"))
        change(document)
        place.write_text(json.dumps(document), "utf-8")
        with pytest.raises(ContractFileError) as refused:
            read_product(place) if file == "product.json" else read_contract(place)
        assert refused.value.file == place
        for command in commands:
            assert main(command) == 2
            printed = capsys.readouterr()
            [line] = [line for line in (printed.out + printed.err).splitlines() if refused.value.problem in line]
            assert place.name in line
        assert refused.value.problem.isascii()
        assert refused.value.problem.isprintable()
        return refused.value.problem

    return refuse


def test_the_small_store_is_sound(stored, monkeypatch):
    monkeypatch.setenv("WIREPROOF_CONTRACTS", str(stored))
    assert main(["contracts", "check"]) in {0, 2}
    assert main(["contracts", "list"]) == 0


@each_name
@pytest.mark.parametrize("what", ["case", "example", "method", "parameter"])
def test_a_name_in_a_contract_that_is_none_is_refused(refuses, what, name):
    def change(contract):
        if what == "case":
            contract["cases"][0]["id"] = name
        elif what == "example":
            contract["examples"][0]["name"] = name
        elif what == "method":
            contract["request"]["method"] = name
        else:
            contract["request"]["params"][0]["name"] = name

    problem = refuses(change)
    assert what in problem or "surrogate" in problem or "not JSON" in problem


@each_name
def test_an_id_that_is_none_is_refused(refuses, name):
    """By the file's place already, and where a file may be called so by its own rule."""
    refuses(lambda contract: contract.update(id=f"usdm/ws-api/{name}"))


@pytest.mark.parametrize(
    "name", ["-k", ".hidden", "a b", "a..b", "con", "ünï", "a\x1bb", "a\u202eb", "a'b", "::error::x"]
)
def test_a_file_that_is_called_so_is_refused(stored, tmp_path, monkeypatch, capsys, name):
    folder = tmp_path / "contracts"
    shutil.copytree(stored, folder)
    contract = json.loads((folder / "usdm" / FILE).read_text("utf-8"))
    place = folder / "usdm" / "ws-api" / f"{name}.json"
    place.write_text(json.dumps({**contract, "id": f"usdm/ws-api/{name}"}), "utf-8")
    monkeypatch.setenv("WIREPROOF_CONTRACTS", str(folder))
    assert main(["contracts", "list"]) == 2
    assert "id " in (said := capsys.readouterr().err)
    assert len(said.splitlines()) == 1


def test_two_ids_that_differ_in_capitals_are_refused(stored, tmp_path, monkeypatch, capsys):
    """On some systems they are one file."""
    folder = tmp_path / "contracts"
    shutil.copytree(stored, folder)
    contract = json.loads((folder / "usdm" / FILE).read_text("utf-8"))
    place = folder / "usdm" / "ws-api" / "Ticker.price.json"
    if place.exists():
        pytest.skip("this system does not tell them apart")
    place.write_text(json.dumps({**contract, "id": "usdm/ws-api/Ticker.price"}), "utf-8")
    monkeypatch.setenv("WIREPROOF_CONTRACTS", str(folder))
    assert main(["contracts", "list"]) == 2
    assert "differs from 'usdm/ws-api/Ticker.price' in capitals only" in capsys.readouterr().err


@pytest.mark.parametrize("title", ["a\nb", "a\x1bb", "a\u202eb", "a\u200bb", "x" * 400])
def test_a_title_is_one_visible_line(refuses, title):
    assert "title" in refuses(lambda contract: contract.update(title=title))


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "http://a.example/", "https://a b", "https://a/\u202e", 'https://a/">']
)
def test_the_documentation_is_a_web_address(refuses, url):
    assert "docs_url" in refuses(lambda contract: contract.update(docs_url=url))


@each_name
def test_a_name_in_a_product_that_is_none_is_refused(refuses, name):
    refuses(lambda product: product["enums"].update({name: ["A"]}), "product.json")


@pytest.mark.parametrize("address", ["", "abc", "a b c", "/docs/*", "<b>/docs", "/docs/\u202e"])
def test_what_addresses_of_pages_contain_is_part_of_an_address(refuses, address):
    assert "address" in refuses(lambda product: product.update(page_addresses=[address]), "product.json")


@pytest.mark.parametrize("root", ["", "/", "fapi/", "/fapi", "/../", "/a b/", "//"])
def test_paths_begin_with_a_root_between_slashes(refuses, root):
    assert "root of paths" in refuses(lambda product: product.update(path_roots=[root]), "product.json")


@pytest.mark.parametrize("levels", [65, 100, 200, 400, 900, 5000, 100_000])
@pytest.mark.parametrize("inside", ["response", "request", "params", "items"])
def test_a_contract_that_is_nested_too_deep_is_refused(stored, tmp_path, monkeypatch, capsys, levels, inside):
    folder = tmp_path / "contracts"
    shutil.copytree(stored, folder)
    place = folder / "usdm" / FILE
    contract = json.loads(place.read_text("utf-8"))
    if inside == "items":
        row = '{"name":"a","type":"ARRAY","items":['
        deep = row * levels + "]}" * levels
        contract["request"]["params"] = ["DEEP"]
    else:
        deep = '{"a":[' * (levels // 2 + 1) + "]}" * (levels // 2 + 1)
        if inside == "params":
            contract["cases"][0]["params"] = {"a": "DEEP"}
        else:
            contract["examples"][0][inside] = {"a": "DEEP"}
    place.write_text(json.dumps(contract).replace('"DEEP"', deep), "utf-8")
    monkeypatch.setenv("WIREPROOF_CONTRACTS", str(folder))
    assert main(["contracts", "check"]) == 2
    assert f"{place.name}: is nested" in "".join(capsys.readouterr())
