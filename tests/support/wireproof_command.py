"""The command as a user runs it: in a process of its own, in a folder of its own, against a venue."""

from __future__ import annotations

import asyncio
import json
import os
import sys

from checkout import ROOT

TODAY = "2026-11-22"  # waivers expire; what these tests state does not


class Suite:
    """Runs the command against a venue and reads what it leaves."""

    def __init__(self, folder, venue=None):
        self.folder, self.venue = folder, venue
        self.reports = folder / "reports"
        self.environ = {
            "PATH": os.environ["PATH"],
            "WIREPROOF_TODAY": TODAY,
            "WIREPROOF_CONTRACTS": f"{ROOT}/contracts",
        }
        if venue is not None:
            file = folder / "credentials.json"
            venue.write_credentials(file)
            self.environ |= {
                "WIREPROOF_USDM_WS_API_URL": venue.ws_api_url,
                "WIREPROOF_USDM_REST_URL": venue.rest_url,
                "WIREPROOF_USDM_STREAM_URL": venue.stream_url,
                "WIREPROOF_CREDENTIALS": str(file),
            }

    async def start(self, *arguments):
        """Start the command."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "wireproof", *arguments),
            cwd=self.folder,
            env=self.environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )

    async def command(self, *arguments):
        """Run the command and return its exit status and everything it printed."""
        process = await self.start(*arguments)
        printed, _ = await asyncio.wait_for(process.communicate(), 300)
        return process.returncode, printed.decode()

    async def run(self, *arguments):
        """Run `wireproof run` without the HTML report."""
        return await self.command("run", "--no-html", "--product", "usdm", *arguments)

    @property
    def result(self):
        """The run's result.json."""
        return json.loads((self.reports / "result.json").read_text("utf-8"))
