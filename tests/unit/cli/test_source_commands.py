"""`wireproof sources sdk`: exit status, output, refusals."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import tiny_sdks
from loopback import no_proxy_of_this_machine, serving  # noqa: F401  # the one for all tests here

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


PAGE = """# A Request

## HTTP Request

GET `/fapi/v1/thing`

## Request Weight

{weight}

## Request Parameters

| Name | Type | Mandatory |
|---|---|---|
| symbol | STRING | YES |
| page | INT | NO |

## Response Example

```json
{{"price": "1.5", "old": 1}}
```
"""


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Serve the page of a store's only contract on loopback; `site.weight` is what the page says of it."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            server.asked.append(self.path)
            raw = PAGE.format(weight=server.weight).encode() if server.weight else b""
            self.send_response(200 if raw else 503)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.weight, server.asked = "1", []
    monkeypatch.setenv("WIREPROOF_CONTRACTS", str(tiny_sdks.store(tmp_path / "contracts")))
    with serving(server):
        yield server


def compare_pages(site):
    return ["sources", "pages", "--product", "usdm", "--pause", "0", "--mirror", f"http://127.0.0.1:{site.server_port}"]


def test_the_pages_of_a_product_are_fetched_and_compared(site, capsys):
    assert main(compare_pages(site)) == 0
    assert site.asked == ["/docs/thing"]
    site.weight = "5"
    assert main(compare_pages(site)) == 1
    assert "weight" in capsys.readouterr().out
    site.weight = ""
    assert main(compare_pages(site)) == 2
    assert "HTTP 503" in capsys.readouterr().err


def test_what_a_page_says_after_an_sdk_said_otherwise_is_explained(site, tmp_path, capsys):
    """Else the page would undo what the SDK told, and the SDK what the page tells, week after week."""
    request = tiny_sdks.request("/fapi/v1/thing", "A", {"symbol": ("Union[str, None]", "")})
    models = tiny_sdks.model("A", "price: Optional[StrictStr] = None\nold: Optional[StrictInt] = None")
    new = tiny_sdks.wheel(tmp_path, tiny_sdks.sources(request, models), "2.0.0")
    assert main(["sources", "sdk", str(new), "--write", "--released", "2026-10-21"]) == 0
    capsys.readouterr()
    assert main(compare_pages(site)) == 0
    assert "parameter added page: the page does not follow the change of 2026-10-21 yet" in capsys.readouterr().out
