"""How fast the command starts: most of what it may need is imported by the command that needs it."""

from __future__ import annotations

import subprocess
import sys

#: What takes long to import, and what belongs to single commands.
LATE = {
    *("asyncio", "cryptography", "httpx", "importlib.metadata", "msgspec", "pytest", "websockets"),
    *(
        f"wireproof.{name}"
        for name in (
            *("contract.store", "drift", "pages", "plugin", "report"),
            *("results", "suite", "torture", "venue", "wire"),
        )
    ),
}


def imported_by(script: str) -> set[str]:
    """Return the modules that are loaded after `script` ran in an interpreter of its own."""
    command = [sys.executable, "-c", f"{script}; import sys; print(*sys.modules)"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_the_command_starts_without_what_single_commands_need():
    """`wireproof --help` is there at once; a test says so by names, for times differ with the machine."""
    assert imported_by("import wireproof.cli") & LATE == set()


def test_an_environment_without_settings_needs_no_contracts():
    """Names of variables are compared with the products only when there are any."""
    script = "from wireproof.contract.variables import refuse_unknown; refuse_unknown({})"
    assert "wireproof.contract.store" not in imported_by(script)
