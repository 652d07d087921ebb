"""One alteration: which messages of which contract, of what kind, at which place of the document."""

from __future__ import annotations

from msgspec import Struct

from wireproof.torture.documents import shown


class Alteration(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An alteration of every message of one place of a contract.

    `path` leads into the payload, and `one` says that of several elements of one message only the last is altered.
    `before` is what was there when the traffic was learned.
    """

    index: int
    contract: str
    bucket: str
    kind: str
    path: tuple[str, ...] = ()
    one: bool = False
    before: str = ""
    run: int = 0

    @property
    def surface(self) -> str:
        """The surface whose messages are altered."""
        return self.bucket.partition(" ")[0].replace("command", "stream")

    @property
    def product(self) -> str:
        """The product of the contract."""
        return self.contract.partition("/")[0]

    @property
    def marker(self) -> str:
        """A word that nothing but this alteration sends."""
        return f"torture{self.index}x"

    @property
    def root(self) -> tuple[str, ...]:
        """The steps from the message to its payload."""
        return {"ws-api success": ("result",), "ws-api error": ("error",)}.get(self.bucket, ())

    @property
    def shown_path(self) -> str:
        """The path as findings write it."""
        return shown((*self.root, *self.path))

    @property
    def words(self) -> str:
        """The alteration in a few words."""
        where = f" {self.shown_path}" if self.path or self.kind == "extra" else ""
        one = " (one element)" if self.one else ""
        return f"{self.contract} ({self.bucket.partition(' ')[2]}) {self.kind}{where}{one}"
