"""Runs of `wireproof run` that share one start: a process that has imported what a run needs forks for each of them.

Started as a program, this file is that process. A run is what `python -m wireproof` would be in a folder and with an
environment of its own; it only begins where its imports are done, which take longer than most of what the table tests.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

#: What a run imports, early or late. pytest loads `wireproof.plugin` itself, and warns where that was imported before.
IMPORTED = (
    "wireproof.cli",
    "pytest_asyncio.plugin",
    "allure_pytest.plugin",
    "wireproof.plugin",
    "wireproof.suite.planning.choosing",
    "wireproof.suite.running.product_run",
    "wireproof.suite.judging.judge",
    "wireproof.report.first_screen",
    "wireproof.report.history",
    "_pytest.junitxml",
    "_pytest.unittest",
    "deepdiff",
    "jinja2",
)
LOADED_BY_PYTEST = "wireproof.plugin"


class ForkedRun:
    """One run: the part of `asyncio.subprocess.Process` that the tests need."""

    def __init__(self, pid: int, ended: asyncio.StreamReader, writer: asyncio.StreamWriter, printed: Path) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._printed, self._writer = printed, writer
        self._ended = asyncio.ensure_future(self._wait(ended))

    async def _wait(self, ended: asyncio.StreamReader) -> None:
        said = await ended.readline()
        self._writer.close()
        self.returncode = int(said or -signal.SIGKILL)

    async def communicate(self) -> tuple[bytes, None]:
        """Return what it printed, at its end."""
        await asyncio.shield(self._ended)
        return self._printed.read_bytes(), None

    def kill(self) -> None:
        """End it at once; ProcessLookupError where it has ended."""
        if self.returncode is not None:
            raise ProcessLookupError
        os.kill(self.pid, signal.SIGKILL)


class Forks:
    """The process that forks; use it with `async with`. It ends with this one."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="forks-")  # short: so are the paths of sockets
        self._socket = Path(self._folder.name) / "socket"

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", __file__, self._socket.name),
            cwd=self._socket.parent,
            env={"PATH": os.environ["PATH"]},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert self._process.stdout is not None
        assert await self._process.stdout.readline() == b"ready\n"
        return self

    async def __aexit__(self, *_: object) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        self._folder.cleanup()

    async def start(self, arguments: tuple[str, ...], *, cwd: Path, env: dict[str, str]) -> ForkedRun:
        """Start `wireproof` with these arguments, folder and environment."""
        printed = cwd / "printed.txt"
        reader, writer = await asyncio.open_unix_connection(self._socket)
        asked = {"arguments": arguments, "cwd": str(cwd), "env": env, "printed": str(printed)}
        writer.write(json.dumps(asked).encode() + b"\n")
        return ForkedRun(int(await reader.readline()), reader, writer, printed)


def _serve(name: str) -> list[str]:
    """Fork for each that connects; return the arguments of a run, in its process."""
    for module in IMPORTED:
        importlib.import_module(module)
    del sys.modules[LOADED_BY_PYTEST]
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # those that wait for runs need nobody to wait for them
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(name)
    listening.listen(64)
    os.write(1, b"ready\n")
    while True:
        ready, _, _ = select.select([listening, 0], [], [])
        if listening not in ready:  # standard input has ended: nobody wants runs any more
            sys.exit()
        connection = listening.accept()[0]
        if os.fork() == 0:
            listening.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            return _in_process_of_its_own(connection)
        connection.close()


def _in_process_of_its_own(connection: socket.socket) -> list[str]:
    """Fork the run, say its process id, and when it ends how; return its arguments, in its process."""
    with connection.makefile("rb") as asked:
        task: dict[str, Any] = json.loads(asked.readline())
    run = os.fork()
    if run:
        with suppress(OSError):
            connection.sendall(f"{run}\n".encode())
            status = os.waitstatus_to_exitcode(os.waitpid(run, 0)[1])
            connection.sendall(f"{status}\n".encode())
        os._exit(0)
    connection.close()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    printed = os.open(task["printed"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    os.chdir(task["cwd"])
    os.environ.clear()
    os.environ.update(task["env"])
    arguments: list[str] = task["arguments"]
    return arguments


if __name__ == "__main__":
    sys.argv = ["wireproof", *_serve(sys.argv[1])]
    from wireproof.cli import main

    sys.exit(main())
