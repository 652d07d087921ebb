"""An error that nobody foresaw: one sentence for the person, and the traceback in a file that may be handed on.

It is a fault of wireproof, so a command ends with status 4, never with 1: that would say that the target differs.
"""

from __future__ import annotations

import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from wireproof import __version__
from wireproof.report.storage import replace_file

if TYPE_CHECKING:
    from collections.abc import Callable

#: The name of the file with the traceback.
LOG = "wireproof-error.log"

#: What the names of our own modules' files begin with.
OURS = str(Path(__file__).parents[1])


def explain(error: BaseException, folder: Path, redact: Callable[[str], str]) -> str:
    """Write a traceback into `folder`, or where temporary files go, and return the sentence that says so.

    What is written and said goes through `redact`: the text of an error may repeat what a target sent.
    """
    said = redact(" ".join(str(error).split()))[:200] or "no more is known"
    what = f"wireproof broke, which says nothing of the target: {type(error).__name__} in {_place(error)} ({said})."
    file = _write(error, folder, redact)
    if file is None:
        return f"{what} Run it again; if it breaks again, report this sentence."
    return f"{what} Run it again; if it breaks again, report it with {file}, which holds no keys."


def _place(error: BaseException) -> str:
    """Return where an error was raised: the last module of wireproof, and its line."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if frame.filename.startswith(OURS)] or frames
    return f"{Path(ours[-1].filename).name}, line {ours[-1].lineno}" if ours else "an unknown place"


def _write(error: BaseException, folder: Path, redact: Callable[[str], str]) -> Path | None:
    told = "".join(traceback.format_exception(error))
    text = redact(f"wireproof {__version__}, Python {sys.version.split()[0]} on {sys.platform}\n\n{told}")
    for place in (folder, Path(tempfile.gettempdir())):
        try:
            return replace_file(place / LOG, text.encode("utf-8", "backslashreplace"))
        except (OSError, ValueError):
            continue
    return None
