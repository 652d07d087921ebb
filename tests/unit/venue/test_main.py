"""The command: one ready line, plain sentences, clean ends."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import pytest

from wireproof.venue.__main__ import main, read_options

COMMAND = [sys.executable, "-m", "wireproof.venue"]


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["--port", "70000"], "--port is a number from 0 to 65535, not 70000."),
        (["--port", "abc"], "argument --port: invalid int value: 'abc'"),
        (["--latency", "-1"], "--latency is in milliseconds, from 0 to 600000, not -1."),
        (["--algo-lag", "61"], "--algo-lag is in seconds, from 0 to 60, not 61."),
        (["--algo-lag", "-1"], "--algo-lag is in seconds, from 0 to 60, not -1."),
        (["--weight-limit", "0"], "--weight-limit is at least 1, not 0."),
        (["--credentials", "/nowhere/at/all.json"], "there is no folder /nowhere/at"),
        (["--fault", "{"], "--fault is a JSON object, not '{'"),
        (["--fault", "[]"], "--fault: A fault is an object with a kind"),
        (["--fault", '{"kind":"explode"}'], "There is no fault of kind 'explode'"),
        (["--speed", "9"], "unrecognized arguments: --speed 9"),
    ],
)
def test_bad_options(capsys, argv, sentence):
    """A sentence on stderr, nothing on stdout, exit status 2."""
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert sentence in err


def test_options():
    """Everything that can be said on the command line."""
    options = read_options(["--port", "0", "--latency", "5", "--seed", "7", "--no-market-moves", "--exit-with-parent"])
    assert (options.latency_ms, options.seed, options.market_moves, options.exit_with_parent) == (5, 7, False, True)
    assert (options.algo_lag_ms, read_options(["--algo-lag", "1.2"]).algo_lag_ms) == (0, 1_200)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serves_until_a_signal(tmp_path, number):
    """Exactly one line on stdout, the credentials are there by then, exit status 0."""
    file = tmp_path / "credentials.json"
    with subprocess.Popen([*COMMAND, "--credentials", str(file)], stdout=subprocess.PIPE, text=True) as process:
        ready = process.stdout.readline()
        url = json.loads(file.read_text("utf-8"))["ws_api_url"]
        process.send_signal(number)
        rest = process.stdout.read()
        assert process.wait(timeout=20) == 0
    assert ready.startswith(f"wireproof venue ready: ws-api={url} rest=http://127.0.0.1:")
    assert rest == ""


def test_stops_with_its_parent():
    """--exit-with-parent: the end of standard input is the end of the venue."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([*COMMAND, "--exit-with-parent"], **pipes) as process:
        process.stdout.readline()
        assert process.poll() is None
        process.stdin.close()
        assert process.wait(timeout=20) == 0


def test_port_in_use():
    """A plain sentence that names port and way out, exit status 2."""
    import socket  # noqa: PLC0415

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run([*COMMAND, "--port", str(port)], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        f"Port {port} of 127.0.0.1 is in use. Name another one with --port, or leave it out and the system picks a"
        " free one.\n"
    )


def test_imports_nothing_else_of_wireproof():
    """The venue stands alone: it must not agree with the rest of wireproof by construction."""
    script = (
        "import sys, wireproof.venue.__main__;"
        "print(*sorted(m for m in sys.modules if m.startswith('wireproof.') and not m.startswith('wireproof.venue')))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout.strip() == ""
