"""`wireproof pages`: documented pages compared with the store."""

from __future__ import annotations

import json

from wireproof.cli import main

CONTRACT = "usdm/ws-api/ticker.price"


def file(folder, name, document):
    path = folder / name
    path.write_text(document if isinstance(document, str) else json.dumps(document), "utf-8")
    return str(path)


def test_pages_diff_says_changed_or_same(contracts, tmp_path, capsys):
    page = file(
        tmp_path,
        "page.md",
        """---
source: https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/websocket-api/Symbol-Price-Ticker
---

# Symbol Price Ticker

## Method

`ticker.price`

## Response

```javascript
{"id": "1", "status": 200, "result": {"symbol": "BTCUSDT", "price": 6000.01, "time": 1589437530011}}
```
""",
    )
    before = (contracts / f"{CONTRACT}.json").read_bytes()
    assert main(["pages", "diff", page]) == 1
    assert "ticker.price" in capsys.readouterr().out
    assert (contracts / f"{CONTRACT}.json").read_bytes() == before


def test_pages_diff_asks_for_the_product_of_a_page_that_does_not_say(contracts, tmp_path, capsys):
    page = file(tmp_path, "page.md", "# Ticker\n\n## Method\n\n`ticker.price`\n")
    assert main(["pages", "diff", page]) == 2
    assert "name it with --product" in capsys.readouterr().err


def test_pages_are_not_imported_into_what_is_installed(contracts, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("wireproof.contract.overlay.shipped_folder", lambda: contracts)
    page = file(tmp_path, "page.md", "# Ticker\n\n## Method\n\n`ticker.price`\n")
    assert main(["pages", "import", page, "--product", "usdm", "--write"]) == 2
    assert "WIREPROOF_CONTRACTS" in capsys.readouterr().err


def test_pages_of_one_request_that_disagree_are_named_in_one_sentence(contracts, tmp_path, capsys):
    """In a folder; a copy that says the same is no harm."""
    source = "https://developers.binance.com/docs/derivatives/usds-margined-futures/market-data/websocket-api/Ticker"
    text = f"---\nsource: {source}\n---\n# Ticker\n## Method\n`ticker.price`\n## Response\n```\n%s\n```\n"
    answer = '{"id": "1", "status": 200, "result": {"symbol": "BTCUSDT", "price": %s, "time": 1589437530011}}'
    for name, price in (("a", "6000.01"), ("b", '"6000.01"')):
        file(tmp_path, f"{name}.md", text % (answer % price))
    assert main(["pages", "diff", str(tmp_path)]) == 2
    [said] = capsys.readouterr().err.splitlines()
    assert "a.md: claims ticker.price (usdm/ws-api/ticker.price), and so does " in said
    assert "b.md with other content; expected one page." in said
    file(tmp_path, "b.md", text % (answer % "6000.01"))
    assert main(["pages", "diff", str(tmp_path)]) == 1
