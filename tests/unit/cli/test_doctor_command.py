"""`wireproof doctor`: a line for each thing that a run needs, and 1 when one is missing."""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest
from checkout import ROOT

from wireproof.cli import main
from wireproof.venue.serving.server import Venue

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the environment of the tests says of proxies."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


async def test_each_thing_has_a_line_and_the_status_says_whether_all_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "credentials.json"
    monkeypatch.setenv("WIREPROOF_CREDENTIALS", str(file))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("FTP_PROXY", "http://ours")
    async with Venue(seed=7, tick_seconds=None, market_moves=False) as venue:
        venue.write_credentials(file)
        assert await asyncio.to_thread(main, ["doctor", "--product", "usdm,coinm"]) == 0
        lines = capsys.readouterr().out.splitlines()
        held = json.loads(file.read_text("utf-8"))
        held["accounts"] = [{**held["accounts"][0], "api_secret": "x" * 64}]
        file.write_text(json.dumps(held), "utf-8")
        assert await asyncio.to_thread(main, ["doctor", "--json"]) == 1
    said = {line[9:].partition(":")[0]: line[:8].rstrip() for line in lines if not line.startswith(" ")}
    assert {"Python", "Node.js", "proxy", "contracts", "network of usdm", "RSA key of coinm"} <= said.keys()
    assert "proxy: none is named." in "\n".join(lines)
    told = json.loads(capsys.readouterr().out)
    schema = json.loads((ROOT / "docs" / "schemas" / "doctor.schema.json").read_text("utf-8"))
    jsonschema_rs.validator_for(schema).validate(told)
    assert told["ok"] is False
    [bad] = [one for one in told["checks"] if one["state"] == "bad"]
    assert bad["what"] == "HMAC key of usdm"
    assert bad["advice"].startswith("The secret or private key does not belong")
    assert held["accounts"][0]["api_key"][:8] not in json.dumps(told)


def test_what_cannot_be_opened_is_said_and_no_password_of_a_proxy_is_shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WIREPROOF_API_KEY", "k" * 64)
    monkeypatch.setenv("HTTPS_PROXY", "http://me:pa55word@proxy.example.org:3128")
    assert main(["doctor", "--target", "testnet"]) == 1
    said = capsys.readouterr().out
    assert "bad      configuration: WIREPROOF_API_KEY is set, but neither" in said
    assert "HTTPS_PROXY=proxy.example.org:3128" in said
    assert "pa55word" not in said


def test_a_product_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--product", "usdn"]) == 2
    assert "Did you mean 'usdm'?" in capsys.readouterr().err
