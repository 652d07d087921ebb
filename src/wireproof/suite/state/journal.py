"""What this machine's runs changed on an account and have not yet undone, so that the next run can.

One small file beside the reports. It holds digests, never keys.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import TYPE_CHECKING, Any

from wireproof.bounds import read_file
from wireproof.errors import WireproofError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


#: Accounts whose settings, and secrets of each kind, that are remembered; venues make new ones for each run.
MOST_ACCOUNTS, MOST_SECRETS = 20, 200


def _place(product: str, name: str, before: Mapping[str, Any]) -> str:
    """Return the key of a setting: of a symbol, of an underlying, or of the whole account."""
    return f"{product} {name} {before.get('symbol') or before.get('underlying', '')}"


def digest(secret: str) -> str:
    """Return a digest that recognises a key without telling it."""
    return hashlib.sha256(f"wireproof\n{secret}".encode()).hexdigest()[:32]


class Journal:
    """Listen keys and block trades of wireproof, and modes and settings that were changed, until they are undone.

    What a setting was before comes from the exchange: it is redacted like everything that came.
    """

    def __init__(self, file: Path, redact: Callable[[str], str] = str) -> None:
        self._file, self._redact = file, redact
        self._entries: dict[str, Any] = {}
        try:
            read = json.loads(read_file(file))
            self._entries = read if isinstance(read, dict) else {}
        except (OSError, ValueError, RecursionError):
            self._entries = {}  # none yet, or cut short by a crash: then nothing is known

    def started_listen_key(self, listen_key: str) -> None:
        """Remember a listen key that wireproof started."""
        self._own("listen_keys", listen_key)

    def owns_listen_key(self, listen_key: str) -> bool:
        """Whether a run of this machine started the listen key."""
        return digest(listen_key) in self._entries.get("listen_keys", [])

    def offered_block(self, key: str) -> None:
        """Remember a block trade that wireproof offered, for good: it stays in the history of both accounts."""
        self._own("blocks", key)

    def owns_block(self, key: str) -> bool:
        """Whether a run of this machine offered the block trade."""
        return digest(key) in self._entries.get("blocks", [])

    @property
    def has_blocks(self) -> bool:
        """Whether a run of this machine offered any block trade."""
        return bool(self._entries.get("blocks"))

    def _own(self, kind: str, secret: str) -> None:
        known = self._entries.setdefault(kind, [])
        if digest(secret) not in known:
            known.append(digest(secret))
            del known[:-MOST_SECRETS]
            self._save()

    def changed_mode(self, api_key: str, mode: str, *, before: bool) -> None:
        """Remember the value that a mode of the account (`hedge`, `multi_assets`) had before it was changed."""
        self._entries.setdefault("modes", {}).setdefault(digest(api_key), {}).setdefault(mode, before)
        self._save()

    def restored_mode(self, api_key: str, mode: str) -> None:
        """Forget a mode that was set back."""
        self._entries.get("modes", {}).get(digest(api_key), {}).pop(mode, None)
        self._forget()

    def mode_before(self, api_key: str, mode: str) -> bool | None:
        """Return the value to set back after a crash, or None when nothing is to be set back."""
        value = self._entries.get("modes", {}).get(digest(api_key), {}).get(mode)
        return value if isinstance(value, bool) else None

    def changed_setting(self, api_key: str, product: str, name: str, before: Mapping[str, Any]) -> None:
        """Remember the parameters with which a request sets back what is changed now; the first ones count.

        `name` is its path, with its verb where that is not POST.
        """
        kept = {one: self._redact(value) if isinstance(value, str) else value for one, value in before.items()}
        accounts = self._entries.setdefault("settings", {})
        accounts.setdefault(digest(api_key), {}).setdefault(_place(product, name, kept), kept)
        for oldest in list(accounts)[:-MOST_ACCOUNTS]:
            del accounts[oldest]
        self._save()

    def restored_setting(self, api_key: str, product: str, name: str, before: Mapping[str, Any]) -> None:
        """Forget a setting that was set back."""
        self._entries.get("settings", {}).get(digest(api_key), {}).pop(
            self._redact(_place(product, name, before)), None
        )
        self._forget()

    def settings_before(self, api_key: str, product: str) -> list[tuple[str, dict[str, Any]]]:
        """Return name and parameters of every setting to set back after a crash."""
        found = self._entries.get("settings", {}).get(digest(api_key), {})
        places = ((place.split(" "), before) for place, before in found.items())
        return [(" ".join(place[1:-1]), dict(before)) for place, before in places if place[0] == product]

    def _save(self) -> None:
        """Replace the file. What cannot be remembered must not be changed: WireproofError when it cannot be written."""
        part = self._file.with_suffix(".part")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(self._entries, indent=1), "utf-8")
            part.replace(self._file)
        except OSError as problem:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise WireproofError(
                f"{self._file}, which remembers what has to be undone, cannot be written: {problem.strerror}."
            ) from None

    def _forget(self) -> None:
        """Replace the file after something was undone; what stays is undone once more, which is harmless."""
        with contextlib.suppress(WireproofError):
            self._save()
