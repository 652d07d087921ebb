"""Sends a venue what Schemathesis makes of the exported OpenAPI documents: python fuzz.py [SECONDS [PRODUCT ...]].

Each product gets so many seconds. Whatever the venue answers with a server error is printed with the request, and ends
in exit status 1. `make fuzz` installs Schemathesis and runs this.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from wireproof.cli import main as wireproof
from wireproof.contract.store import load_store
from wireproof.venue.testing import VenueSettings, start_venue

HERE = Path(__file__).parent
#: Where the symbols of requests are listed, by the paths that take them; the last one that fits holds.
LISTS = {"/": "/fapi/v1/exchangeInfo", "/dapi/": "/dapi/v1/exchangeInfo", "/eapi/": "/eapi/v1/exchangeInfo"}


def symbols_of(root: str) -> dict[str, str]:
    """Return a listed symbol for each beginning of a path."""
    found = {}
    for path, place in LISTS.items():
        with urllib.request.urlopen(root + place) as answer:  # noqa: S310  # our own venue
            info = json.load(answer)
        found[path] = (info.get("symbols") or info["optionSymbols"])[0]["symbol"]
    return found | {"/papi/v1/cm/": found["/dapi/"]}


def document_of(product: str) -> str:
    """Return the OpenAPI document of a product as the command prints it."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        wireproof(["export", "openapi", "--product", product])
    return printed.getvalue()


def fuzz(product: str, root: str, seconds: int, environment: dict[str, str], folder: Path) -> bool:
    """Whether a product's requests are served without a server error."""
    document = folder / f"{product}.json"
    document.write_text(document_of(product), "utf-8")
    program = [str(Path(sys.executable).parent / "schemathesis"), "run", str(document), f"--url={root}"]
    options = ["--checks=not_a_server_error", "--continue-on-failure", "--seed=13", "--no-color"]
    options += ["--phases=examples,coverage,fuzzing", f"--max-time={seconds}", "--max-examples=20"]
    options += ["--warnings=off", "--no-shrink", "--generation-database=none"]
    done = subprocess.run([*program, *options], env=environment, cwd=folder, check=False)
    return done.returncode == 0


def main(seconds: str = "60", *products: str) -> int:
    """Fuzz each product for so many seconds; return 1 when a request of any made the venue fail."""
    names = products or tuple(load_store().products)
    settings = VenueSettings(own_process=True, weight_limit=100_000_000)
    with start_venue(settings) as venue, tempfile.TemporaryDirectory() as folder:
        root = venue.urls["usdm"].rest
        environment = os.environ | {
            "FUZZ_API_KEY": venue.hmac.api_key,
            "FUZZ_API_SECRET": venue.hmac.api_secret,
            "FUZZ_SYMBOLS": json.dumps(symbols_of(root)),
            "PYTHONPATH": str(HERE),
            "SCHEMATHESIS_HOOKS": "signing",
        }
        failed = [one for one in names if not fuzz(one, root, int(seconds), environment, Path(folder))]
    sys.stdout.write(f"Server errors in: {', '.join(failed)}.\n" if failed else "No server error.\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
