"""`decode` as people call it."""

from __future__ import annotations

import json
import shutil

import pytest
from checkout import CONTRACTS

from wireproof.cli import main

CONTRACT = "usdm/rest/GET.fapi.v1.openInterest"


@pytest.fixture
def client(tmp_path, monkeypatch):
    """Return the folder of a client, with a store of one contract."""
    (tmp_path / "contracts" / "usdm" / "rest").mkdir(parents=True)
    for name in ("product.json", f"{CONTRACT.removeprefix('usdm/')}.json"):
        shutil.copy(CONTRACTS / "usdm" / name, tmp_path / "contracts" / "usdm" / name)
    monkeypatch.setenv("WIREPROOF_CONTRACTS", "contracts")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bot_decoding.py").write_text(
        "import types\n\ndef decode(data):\n    return types.SimpleNamespace(**data)\n"
    )
    return tmp_path


def test_a_decoder_that_takes_everything_ends_with_0(client, capsys):
    assert main(["decode", "--with", "bot_decoding:decode", "--most=1"]) == 0
    assert capsys.readouterr().out.startswith("bot_decoding:decode: ")


def test_answers_of_a_night_for_one_contract_as_json(client, capsys):
    line = {"case": "c", "contract": CONTRACT, "example": "default", "request": "", "response": '{"symbol": "X"}'}
    (client / "reports").mkdir()
    (client / "reports" / "observations.jsonl").write_text(json.dumps(line) + "\n", "utf-8")
    assert main(["decode", f"--with={CONTRACT}=json:nothing_like_it", "--json"]) == 2
    assert "json has no 'nothing_like_it'" in capsys.readouterr().err
    assert main(["decode", f"--with={CONTRACT}=json:dumps", "--json", "--most=1"]) == 0
    assert json.loads(capsys.readouterr().out)["raw"] == [CONTRACT]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "decode takes the client's decoder"),
        (["--with=a:b", "--sdk=c"], "decode takes the client's decoder"),
        (["--with=no function"], "--with takes package.module:function"),
        (["--with=nonsense=a:b"], "--with: there is no contract 'nonsense'"),
        (["--sdk=json"], "names no request with its model"),
        (["--with=json:loads", "--observations=nowhere"], "does not exist"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(client, capsys, arguments, message):
    assert main(["decode", *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines()), message in err) == ("", 1, True), err
