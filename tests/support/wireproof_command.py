"""The command as a user runs it, in a folder and an environment of its own, against a venue.

`Suite.command` calls it in a thread, which spares half of the time of a short run; `Suite.start` starts a process, for
what is killed or interrupted.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import io
import json
import os
import sys
from unittest import mock

from checkout import ROOT

from wireproof.cli import main

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

    async def start(self, *arguments, **more):
        """Start the command in a process of its own."""
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "wireproof", *arguments),
            cwd=self.folder,
            env=self.environ,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            **more,
        )

    async def command(self, *arguments):
        """Run the command and return its exit status and everything it printed."""
        return await asyncio.wait_for(asyncio.to_thread(self.call, *arguments), 300)

    def call(self, *arguments):
        """Run the command in this thread, as `command`; no other may run meanwhile: folder and environment are shared.

        What exists by then is frozen: pytest collects garbage five times at the end of a session.
        """
        printed = io.StringIO()
        gc.freeze()
        try:
            with (
                contextlib.chdir(self.folder),
                mock.patch.dict(os.environ, self.environ | {"COLUMNS": "80"}, clear=True),
                contextlib.redirect_stdout(printed),
                contextlib.redirect_stderr(printed),
            ):
                return main(arguments), printed.getvalue()
        finally:
            gc.unfreeze()

    async def run(self, *arguments):
        """Run `wireproof run` without the HTML report."""
        return await self.command("run", "--no-html", "--product", "usdm", *arguments)

    @property
    def result(self):
        """The run's result.json."""
        return json.loads((self.reports / "result.json").read_text("utf-8"))
