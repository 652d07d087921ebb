"""Gets the bytes of a page: a file, every page of a folder, or one address. No link is followed."""

from __future__ import annotations

import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wireproof.pages.reading.page import MAX_BYTES, PageError

if TYPE_CHECKING:
    from collections.abc import Iterable

SUFFIXES = (".html", ".htm", ".xhtml", ".md", ".markdown", ".mhtml", ".mht")
TIMEOUT_S = 30.0


def expand(pages: Iterable[str]) -> list[str]:
    """Return the single pages that the arguments name: folders give their pages, sorted, a README aside."""
    out: list[str] = []
    for page in pages:
        if not is_address(page) and Path(page).is_dir():
            found = sorted(
                str(file)
                for file in Path(page).rglob("*")
                if file.suffix.lower() in SUFFIXES and file.is_file() and file.stem.upper() != "README"
            )
            out += found or [page]
        else:
            out.append(page)
    return list(dict.fromkeys(out))


def is_address(page: str) -> bool:
    """Whether an argument is a web address."""
    return page.startswith(("http://", "https://"))


def load(page: str) -> bytes:
    """Return the bytes of one page. Raises PageError when it cannot be had, or has more than 20 MB."""
    if is_address(page):
        return _fetch(page)
    if "://" in page:
        raise PageError(page, f"is no address that can be fetched ({page.partition(':')[0]}); expected http or https.")
    file = Path(page)
    try:
        if file.is_dir():
            raise PageError(page, f"is a folder without pages; expected files ending in {', '.join(SUFFIXES)}.")
        if file.stat().st_size > MAX_BYTES:
            raise PageError(
                page, f"is {file.stat().st_size / 1048576:.0f} MB; a page has at most {MAX_BYTES // 1048576} MB."
            )
        return file.read_bytes()
    except FileNotFoundError:
        raise PageError(
            page, "does not exist; expected a saved documentation page, a folder of them, or an address."
        ) from None
    except OSError as error:
        raise PageError(page, f"cannot be read: {error.strerror}.") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> None:  # noqa: ARG002, PLR0917  # urllib's signature
        fp.close()
        raise PageError(
            req.full_url, f"leads on to {newurl} (HTTP {code}); give that address if it is the page you mean."
        )


def _fetch(page: str) -> bytes:
    """Fetch one address through the proxies that the environment names; a redirection is told, not followed."""
    try:
        headers = {"User-Agent": "wireproof", "Accept": "text/html, text/markdown"}
        request = urllib.request.Request(page, headers=headers)  # noqa: S310  # is_address admits http and https only
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=TIMEOUT_S) as answer:
            data = bytes(answer.read(MAX_BYTES + 1))
    except urllib.error.HTTPError as error:
        error.close()
        raise PageError(page, f"answered HTTP {error.code} instead of the page; look at it with a browser.") from None
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise PageError(page, f"cannot be fetched: {reason}. Check the address and the proxy settings.") from None
    except ValueError as error:
        raise PageError(page, f"is no address that can be fetched: {error}.") from None
    if len(data) > MAX_BYTES:
        raise PageError(page, f"has more than {MAX_BYTES // 1048576} MB; no documentation page has.")
    return data
