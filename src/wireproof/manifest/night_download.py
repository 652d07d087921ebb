"""Downloads a night from a site of nightly runs: bounded, over https or from this machine."""

from __future__ import annotations

import ipaddress
import zlib
from typing import TYPE_CHECKING, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from wireproof.bounds import MIB
from wireproof.errors import BlockedError, UsageError
from wireproof.manifest.night_source import RESULT, decoded_night

if TYPE_CHECKING:
    from wireproof.results.model import RunResult

#: Bytes of a result that is downloaded. A whole night has 4 MB.
MOST_DOWNLOADED = 64 * MIB
_SECONDS = 30


def night_of_site(address: str, target: str) -> RunResult:
    """Return the night of a target from a site of nightly runs; BlockedError when it cannot be had."""
    whole = address if urlsplit(address).path.endswith(".json") else f"{address.rstrip('/')}/{target}/{RESULT}"
    run = decoded_night(_download(whole), whole)
    if target and run.target != target:
        raise UsageError(f"{whole} is a night of {run.target}, not of {target}.")
    return run


def refuse_address(url: str) -> None:
    """Raise UsageError for an address that nothing is downloaded from: neither https nor this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        is_here = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_here = False
    if parts.scheme != "https" and not (parts.scheme == "http" and is_here):
        raise UsageError(f"--url takes an https address, or http of this machine, not {url!r}.")
    if parts.username or parts.password:
        raise UsageError("--url takes no user and password: a site of nightly runs is public.")


class _SameRules(HTTPRedirectHandler):
    """Follows redirects to addresses that could have been named as well, and to no other."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Request | None:  # noqa: PLR0917  # as urllib calls it
        """Return the next request."""
        refuse_address(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _download(url: str) -> bytes:
    refuse_address(url)
    request = Request(url, headers={"Accept-Encoding": "gzip", "User-Agent": "wireproof"})  # noqa: S310  # see above
    try:
        with build_opener(_SameRules()).open(request, timeout=_SECONDS) as answer:
            content: bytes = answer.read(MOST_DOWNLOADED + 1)
            is_packed = answer.headers.get("Content-Encoding", "") == "gzip"
    except HTTPError as error:
        raise BlockedError(f"{url} answers {error.code}: there is no night to judge.") from None
    except (OSError, ValueError) as error:
        raise BlockedError(f"{url} cannot be downloaded: {getattr(error, 'reason', error)}.") from None
    if is_packed:
        content = _unpacked(content, url)
    if len(content) > MOST_DOWNLOADED:
        raise BlockedError(f"{url} has more than {MOST_DOWNLOADED // MIB} MiB: that is no result of a night.")
    return content


def _unpacked(content: bytes, url: str) -> bytes:
    try:
        unpacked: bytes = zlib.decompressobj(wbits=31).decompress(content, MOST_DOWNLOADED + 1)
    except zlib.error as error:
        raise BlockedError(f"{url} cannot be unpacked: {error}.") from None
    return unpacked
