"""`wireproof sources sdk`: exit status, output, refusals."""

from __future__ import annotations

import json

import pytest
import tiny_sdks

from wireproof.cli import main


@pytest.fixture
def versions(tmp_path):
    """Return two versions of a package; the second one lacks a parameter."""
    return [
        str(
            tiny_sdks.wheel(
                tmp_path,
                tiny_sdks.sources(
                    tiny_sdks.request("/fapi/v1/thing", "A", dict.fromkeys(params, ("Optional[int] = None", ""))),
                    tiny_sdks.model("A", "x: Optional[StrictInt] = None"),
                ),
                version,
            )
        )
        for version, params in (("1.0.0", ("limit", "page")), ("1.1.0", ("limit",)))
    ]


def test_two_versions_are_compared(versions, capsys):
    old, new = versions
    assert main(["sources", "sdk", new, "--against", old]) == 1
    assert "parameter gone" in capsys.readouterr().out
    assert main(["sources", "sdk", new, "--against", new, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["changes"] == []


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--against", "other.whl", "--write"], "nothing to --write"),
        (["--released", "yesterday"], "is no day"),
        (["--product", "usdn"], "no product 'usdn'"),
    ],
)
def test_what_cannot_be_done_is_refused(more, said, versions, capsys):
    assert main(["sources", "sdk", versions[0], *more]) == 2
    assert said in capsys.readouterr().err


def test_installed_contracts_are_not_written_to(versions, contracts, capsys, monkeypatch):
    monkeypatch.setattr("wireproof.contract.overlay.shipped_folder", lambda: contracts)
    assert main(["sources", "sdk", versions[0], "--write"]) == 2
    assert "WIREPROOF_CONTRACTS" in capsys.readouterr().err


def test_what_is_no_package_is_one_sentence(tmp_path, capsys):
    assert main(["sources", "sdk", "./missing.whl"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["sources", "sdk", "--", "-e"]) == 2
