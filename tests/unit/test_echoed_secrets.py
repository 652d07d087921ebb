"""A server may repeat what it was sent wherever it likes: nothing of a secret is in anything that a run leaves."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import Counter

from checkout import ROOT
from echoing import ADDED, FRAME_ADDED, FRAME_SPOILING, OWN_FRAMES, SPOILING, EchoingRelay
from leaks import CODES, Leaks

from wireproof.venue.serving.server import Venue

# Of both products whose traffic the relay sees.
CASES = (
    "(usdm/ or coinm/) and (ticker.price or v1.depth or balance or commissionRate or order.status or v1.listenKey"
    " or userDataStream or aggTrade or control.SUB or ORDER_TRADE_UPDATE/new or ACCOUNT_UPDATE/order)"
)


async def command(folder, environ, *arguments):
    """Run a program and return everything it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", ""), **environ},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed, _ = await asyncio.wait_for(process.communicate(), 240)
    return process.returncode, printed.decode()


def urls_through(relay, venue):
    """Return the variables that point each surface at the relay."""
    return {
        f"WIREPROOF_{product.upper()}_{surface.replace('-', '_').upper()}_URL": url.replace(
            f":{venue.port}", f":{relay.port}"
        )
        for product, surfaces in venue.urls.items()
        for surface, url in surfaces.items()
        if product in {"usdm", "coinm"}
    }


async def test_no_secret_that_a_server_repeats_is_in_anything_that_a_run_leaves(tmp_path):
    """With keys of all three kinds, over each surface, in each code and place, in each file and output."""
    async with (
        Venue(seed=3, weight_limit=1_000_000) as venue,
        EchoingRelay(f"127.0.0.1:{venue.port}", keys={one.key.api_key for one in venue.accounts}) as relay,
    ):
        file = tmp_path / "credentials.json"
        venue.write_credentials(file)
        environ = {
            "WIREPROOF_TODAY": "2026-11-22",
            "WIREPROOF_CONTRACTS": f"{ROOT}/contracts",
            "WIREPROOF_CREDENTIALS": str(file),
            "GITHUB_ACTIONS": "true",
            **urls_through(relay, venue),
        }
        run = (
            "-m",
            "wireproof",
            "run",
            "-k",
            CASES,
            "--no-confirm",
            "-v",
            "--log-file",
            "reports/log",
            "--log-file-level=DEBUG",
        )
        status, printed = await command(tmp_path, environ, *run)
        assert status in {1, 3, 4}, printed
        assert (tmp_path / "reports" / "result.json").is_file(), printed
        for tool in ("annotations", "summary", "verdict"):
            printed += (await command(tmp_path, environ, "-m", "wireproof", "report", tool))[1]
        again = ("-m", "wireproof", "judge", "reports/observations.jsonl", "--reports", "again", "--no-html")
        printed += (await command(tmp_path, environ, *again))[1]
        secrets = {**relay.secrets, "secret": [], "private key": []}
        for account in venue.accounts:
            secrets["secret"] += [account.key.secret] if account.key.secret else []
            lines = account.key.private_key_pem().splitlines()
            secrets["private key"] += [line for line in lines if not line.startswith("-----")]
    reports = [tmp_path / "reports", tmp_path / "again"]
    # What proves something: all kinds were repeated in all codes and places, and the reports speak of it.
    assert {kind for kind, _, _ in relay.said} == {"api key", "signature", "listen key"}
    assert {code for _, code, _ in relay.said} == set(CODES)
    places = {*ADDED, *SPOILING, *FRAME_ADDED, *FRAME_SPOILING, *OWN_FRAMES, "close reason"}
    assert {place for _, _, place in relay.said} >= places
    assert len({len(key) for key in relay.secrets["signature"]}) == 3, "HMAC, RSA and Ed25519"
    shown = Counter(word for word in ("api key", "signature", "listen key") if f"<redacted {word}>" in printed)
    assert len(shown) == 3, printed
    # The names of files hold nothing either; nor does what another program makes of them.
    search = Leaks(secrets)
    leaks = search.in_text(printed, "printed")
    for folder in reports:
        leaks += search.in_folder(folder)
    assert leaks == [], "\n".join(map(str, leaks[:20]))
    assert 'symbol\\":\\"BTC' in (reports[0] / "observations.jsonl").read_text("utf-8").replace('\\": \\"', '\\":\\"')
