"""What is your own beside the contracts that came with wireproof: waivers, the baseline, accepted shapes.

An installed wireproof never writes into its own package. What its commands write goes to an *overlay*, a folder of the
same form as the contracts: `wireproof/` in the folder that they run in, or what WIREPROOF_OVERLAY or the project's
settings name. What stands there is stacked on the contracts: a contract takes the place of the one with its id, a
waiver that of the same deviation.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof.errors import UsageError
from wireproof.project_settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

OVERLAY = "WIREPROOF_OVERLAY"
DEFAULT = Path("wireproof")

# What a folder holds that happens to have the name of an overlay: a package, a checkout.
_OF_OTHERS = ("__init__.py", "pyproject.toml", ".git")


def shipped_folder() -> Path:
    """Return the contracts that are installed with wireproof; in a checkout there is no such folder."""
    return Path(__file__).resolve().parents[1] / "_data" / "contracts"


def overlay_folder(environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the overlay in use: the one that the environment or the project names, or `wireproof/` where that is one.

    None without any. Raises ConfigurationError for settings of the project that are not sound, UsageError for a file.
    """
    if given := environ.get(OVERLAY):
        if Path(given).is_file():
            raise UsageError(f"{OVERLAY} names {given}, which is a file; it names a folder of your own waivers.")
        return Path(given)
    settings = read_settings()
    if settings.overlay is not None:
        return settings.overlay
    folder = _default()
    return folder if folder.is_dir() and not _is_of_others(folder) else None


def folder_to_write(folder: Path, overlay: Path | None) -> Path:
    """Return where commands write that change the contracts `folder`: to its overlay, if there is one.

    Without one they write to the contracts themselves, unless those are the installed ones: then a new overlay is
    begun. UsageError where its place is taken by something else.
    """
    if overlay is not None:
        return overlay
    if folder != shipped_folder():
        return folder
    begun = _default()
    if _is_of_others(begun):
        raise UsageError(
            f"{begun.resolve()} is a package or a checkout, so that waivers cannot be kept there."
            f" Name another folder for them: {OVERLAY}=FOLDER."
        )
    return begun


def digest(file: Path) -> str:
    """Return what tells the content of a file from another one."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12]


def outdated(file: Path, over: str, shipped: Path) -> str:
    """Return a sentence where a contract of an overlay was made of another one than the shipped one; else empty."""
    if not over or not shipped.is_file() or file == shipped or digest(shipped) == over:
        return ""
    return (
        f"{file} was made of another version of the contract than the one that came with wireproof, and hides what that"
        " says now. Remove it, and accept again what still differs."
    )


def _default() -> Path:
    """Return the place of an overlay that nobody names: beside the project's pyproject.toml, if that has settings."""
    folder = read_settings().folder
    return DEFAULT if folder in {None, Path.cwd()} else folder / DEFAULT


def _is_of_others(folder: Path) -> bool:
    return any((folder / name).exists() for name in _OF_OTHERS)
