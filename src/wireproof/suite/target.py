"""Where a run points: endpoints, accounts and rules of one target; the local venue's process."""

from __future__ import annotations

import contextlib
import os
import re
import select
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from wireproof.errors import ConfigurationError, ExitStatus, UsageError, WireproofError, did_you_mean
from wireproof.results.wording import parted
from wireproof.run_options import TARGETS
from wireproof.suite.products.registry import FIRST_PRODUCT
from wireproof.wire.blocked import host_of
from wireproof.wire.endpoints import SCHEMES, Endpoints, resolve, variable_of
from wireproof.wire.secrets.credentials import Credentials, HmacSigner, from_accounts_file, from_environment
from wireproof.wire.secrets.key_lock import KeyLocks
from wireproof.wire.secrets.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from decimal import Decimal

    from wireproof.contract.model import Product
    from wireproof.results.model import RunResult
    from wireproof.wire.secrets.credentials import Accounts

STARTING_SECONDS = 30.0
CREDENTIALS = "WIREPROOF_CREDENTIALS"

#: Request weight per minute of the venue of a local run. It has nobody to protect, and no run should wait for a minute
#: to pass; that limits are obeyed is proven against venues with the exchange's limit.
OWN_WEIGHT = 60_000


@dataclass
class Target:
    """A place to send to."""

    name: str
    endpoints: Endpoints | dict[str, Endpoints]  # of every product, or by product
    accounts: list[Credentials]
    redactor: Redactor
    allow_trading: bool
    hide_values: bool  # of private answers, in reports
    keep: frozenset[str] = frozenset()  # documented enumerated values: they tell nothing and are judged again
    venue: VenueProcess | None = None
    answer_timeout: float = 10.0  # seconds
    max_notional: Decimal | None = None  # no order that wireproof places may be worth more, in the quote asset
    elsewhere: tuple[str, ...] = ()  # hosts that the environment names instead of the known ones
    sources: dict[str, Endpoints] = field(default_factory=dict)  # of products that others ask for symbols and prices
    locks: KeyLocks = field(default_factory=KeyLocks)

    def endpoints_of(self, product: str, source: str = "") -> Endpoints:
        """Return where a product is reached, or the `source` of its symbols and prices; a venue serves all at once."""
        if source in self.sources and not self.is_venue:
            return self.sources[source]
        if isinstance(self.endpoints, Endpoints):
            return self.endpoints
        return self.endpoints[product]

    @property
    def is_venue(self) -> bool:
        """Whether this is a venue, whose market does what it is told."""
        return self.name == "local"

    @property
    def urls(self) -> dict[str, str]:
        """The base URLs by product and surface, such as `usdm ws-api`."""
        by_product = (
            {self.endpoints.product: self.endpoints} if isinstance(self.endpoints, Endpoints) else self.endpoints
        )
        return {
            f"{product} {surface}": url
            for product, at in by_product.items()
            for surface, url in (("ws-api", at.ws_api), ("rest", at.rest), ("stream", at.stream))
            if url
        }

    def hold_keys(self) -> None:
        """Let no other run on this machine use the same keys of an exchange meanwhile; KeyInUseError if one does."""
        if not self.is_venue:
            self.locks.hold(self.name, (account.api_key for account in self.accounts))

    def close(self) -> None:
        """Let go of the keys, and stop the venue that was started for this run, if one was."""
        self.locks.release()
        if self.venue is not None:
            self.venue.stop()


@dataclass
class VenueProcess:
    """A venue of our own, in a process that ends with us, also when we are killed."""

    process: subprocess.Popen[str]
    folder: tempfile.TemporaryDirectory[str]
    urls: dict[str, str]
    credentials_file: Path = field(default_factory=Path)

    @classmethod
    def start(cls, *arguments: str) -> VenueProcess:
        """Start a venue on a free port and wait until it is ready.

        Raise WireproofError with its own words when it fails, UsageError when it was asked for what it cannot do.
        """
        folder = tempfile.TemporaryDirectory(prefix="wireproof-venue-", ignore_cleanup_errors=True)
        file = Path(folder.name) / "credentials.json"
        command = [sys.executable, "-m", "wireproof.venue", "--port", "0", "--credentials", str(file)]
        with Path(folder.name, "errors.txt").open("w+", encoding="utf-8") as errors:
            process = subprocess.Popen(  # noqa: S603  # our own module, in our own interpreter
                [*command, "--exit-with-parent", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                # Ctrl-C goes to the suite, which stops the venue when it has taken its state back.
                start_new_session=True,
            )
            ready = _first_line(process, STARTING_SECONDS)
            if not ready.startswith("wireproof venue ready:"):
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=1)  # it may be about to say why
                process.kill()
                process.communicate()  # closes the pipes, too
                errors.seek(0)
                said = (ready + errors.read()).strip()[-800:] or "it said nothing"
                folder.cleanup()
                if process.returncode == ExitStatus.USAGE:
                    raise UsageError(said)
                raise WireproofError(f"The local venue did not start within {STARTING_SECONDS:g} s: {said}")
        urls = dict(re.findall(r"(\S+?)=(\S+)", ready))
        return cls(process, folder, urls, file)

    def stop(self) -> None:
        """Stop the process and remove its files."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.terminate()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self.folder.cleanup()


def _first_line(process: subprocess.Popen[str], seconds: float) -> str:
    """Return the first line the process prints, or an empty text when it ends or the time is over."""
    assert process.stdout is not None
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        readable, _, _ = select.select([process.stdout], [], [], 0.1)
        if readable:
            return process.stdout.readline()
        if process.poll() is not None:
            break
    return ""


def open_target(
    name: str,
    products: Sequence[Product],
    *,
    environ: Mapping[str, str] = os.environ,
    allow_trading: bool = False,
    show_values: bool = False,
    answer_timeout: float = 10.0,
    max_notional: Decimal | None = None,
    sources: Sequence[Product] = (),
    faults: Sequence[str] = (),
    as_of: str | None = None,
) -> Target:
    """Return the target of that name, ready to be sent the requests of these products.

    Symbols and prices of some come from other products' hosts: `sources`. `faults`, as JSON, are for the venue that is
    started; UsageError where none is. `as_of` is the day that a venue which is started here serves.

    `local` starts a venue of its own unless the environment points at one that runs: with WIREPROOF_CREDENTIALS, whose
    file names every URL and the accounts, or with endpoints and the key of the environment. An endpoint of the
    environment comes before the file's. Raise UsageError for an unknown name and ConfigurationError for endpoints or
    keys that cannot be used, also where the keys of a venue would be sent to an exchange.
    """
    if name not in TARGETS:
        raise UsageError(f"There is no target {name!r}. {did_you_mean(name, TARGETS)}")
    if name == "live" and allow_trading and max_notional is None:
        raise UsageError("--allow-trading on live needs --max-notional N: no order will be worth more than N.")
    products = list(products)
    file = from_accounts_file(environ[CREDENTIALS]) if environ.get(CREDENTIALS) else None
    accounts, venue = list(file.accounts) if file is not None else _key_of(environ), None
    named = {variable: value for variable, value in environ.items() if value.strip()}
    if file is not None and name == "local":
        named = {**_beside(_urls_of(file), named), **named}
    endpoints = {product.product: _endpoints(product, name, named) for product in products}
    elsewhere = _hosts_named(endpoints, named)
    if file is not None and name != "local" and (file.urls or file.rest_url):
        _refuse_keys_of_a_venue(name, endpoints, named)
    if name == "local" and not all(at.ws_api or at.rest for at in endpoints.values()):
        if any(at.ws_api or at.rest for at in endpoints.values()):
            _refuse_half(endpoints)
        if file is not None:
            raise ConfigurationError(
                f"{CREDENTIALS} names {environ[CREDENTIALS]}, which says nothing of where"
                f" {', '.join(endpoints)} is served. Start `wireproof venue --credentials FILE` anew, or unset it."
            )
        asked = [*(f"--fault={fault}" for fault in faults), *([f"--as-of={as_of}"] if as_of else [])]
        venue = VenueProcess.start("--weight-limit", str(OWN_WEIGHT), *asked)
        file = from_accounts_file(venue.credentials_file)
        endpoints = {product.product: _endpoints(product, name, _urls_of(file)) for product in products}
        accounts = list(file.accounts)
    elif name == "local" and not accounts:
        raise ConfigurationError(
            f"A venue is named in the environment, but no key for it. Set {CREDENTIALS} to the file that"
            " `wireproof venue --credentials FILE` wrote."
        )
    if faults and venue is None:
        raise UsageError("--fault is for the venue that a run of the local target starts; this run starts none.")
    redactor = _redactor_of(accounts)
    return Target(
        name=name,
        endpoints=endpoints,
        accounts=list(accounts),
        redactor=redactor,
        allow_trading=allow_trading or name != "live",
        hide_values=name != "local" and not show_values,
        keep=frozenset(value for product in products for values in product.enums.values() for value in values),
        venue=venue,
        answer_timeout=answer_timeout,
        max_notional=max_notional,
        elsewhere=elsewhere,
        sources={product.product: _endpoints(product, name, named) for product in sources},
    )


def _redactor_of(accounts: Iterable[Credentials]) -> Redactor:
    redactor = Redactor()
    for credentials in accounts:
        redactor.watch(credentials)
    return redactor


def redactor_of_environment(environ: Mapping[str, str] = os.environ) -> Redactor:
    """Return what keeps the environment's keys out of recorded answers; it knows none where none can be read."""
    try:
        file = from_accounts_file(environ[CREDENTIALS]) if environ.get(CREDENTIALS) else None
        return _redactor_of([*_key_of(environ), *(file.accounts if file is not None else ())])
    except ConfigurationError:
        return Redactor()


def imagined_target(
    name: str, products: Iterable[Product], *, allow_trading: bool, environ: Mapping[str, str] = os.environ
) -> Target:
    """Return a target that nothing is sent to, for plans: as with the key of the environment, or with one HMAC key."""
    if name not in TARGETS:
        raise UsageError(f"There is no target {name!r}. {did_you_mean(name, TARGETS)}")
    named = {variable: value for variable, value in environ.items() if value.strip()}
    return Target(
        name=name,
        endpoints={product.product: _endpoints(product, name, named) for product in products},
        accounts=_key_of(environ) or [Credentials("", HmacSigner(""))],
        redactor=Redactor(),
        allow_trading=allow_trading or name != "live",
        hide_values=True,
    )


def _endpoints(product: Product, target: str, environ: Mapping[str, str]) -> Endpoints:
    hosts = {
        surface.value: {target: [host.url for host in found] for target, found in targets.items()}
        for surface, targets in product.hosts.items()
    }
    return resolve(product.product, target, hosts, environ)


def _urls_of(file: Accounts) -> dict[str, str]:
    """Return the variables that point each product at the venue whose credentials file this is."""
    urls = file.urls
    if not urls and file.rest_url:  # a file of an older venue
        urls = {FIRST_PRODUCT: {"ws-api": file.ws_api_url, "rest": file.rest_url, "stream": file.stream_url}}
    return {variable_of(product, surface): url for product, at in urls.items() for surface, url in at.items() if url}


def _beside(urls: Mapping[str, str], named: Mapping[str, str]) -> dict[str, str]:
    """Return the URLs of a file without the private streams of products whose stream URL is named otherwise."""
    return {name: url for name, url in urls.items() if name.replace("_EVENT_URL", "_STREAM_URL") not in named}


def _hosts_named(endpoints: Mapping[str, Endpoints], named: Mapping[str, str]) -> tuple[str, ...]:
    """Return the hosts of these products that come from the environment or a credentials file."""
    urls = [named.get(variable_of(product, surface), "").strip() for product in endpoints for surface in SCHEMES]
    return tuple(sorted({host_of(url) for url in urls if url}))


def _refuse_keys_of_a_venue(name: str, endpoints: Mapping[str, Endpoints], named: Mapping[str, str]) -> None:
    bare = [product for product in endpoints if not any(variable_of(product, surface) in named for surface in SCHEMES)]
    if bare:
        raise ConfigurationError(
            f"{CREDENTIALS} names the keys of a venue, which {name} does not know. Use --target local to run against"
            f" that venue, or unset it and set a key of {name}."
        )


def _refuse_half(endpoints: Mapping[str, Endpoints]) -> NoReturn:
    lacking = sorted(name for name, at in endpoints.items() if not (at.ws_api or at.rest))
    raise ConfigurationError(
        f"The environment names a venue, but not where it serves {', '.join(lacking)}."
        f" Set {', '.join(variable_of(name, 'ws-api') for name in lacking)}, or use --product."
    )


def recorded_target(past: RunResult | None) -> Target:
    """Return the target of a past run, for judging it again; nothing can be sent to it."""
    name = parted(past.target)[0] if past is not None else "local"
    found: dict[str, dict[str, str]] = {}
    for key, url in (past.endpoints if past is not None else {}).items():
        product, _, surface = key.rpartition(" ")
        found.setdefault(product or FIRST_PRODUCT, {})[surface] = url
    endpoints = {
        product: Endpoints(urls.get("ws-api", ""), urls.get("rest", ""), urls.get("stream", ""), "", product, name)
        for product, urls in found.items()
    }
    elsewhere = tuple(past.elsewhere) if past is not None else ()
    redactor = redactor_of_environment()
    return Target(name, endpoints, [], redactor, allow_trading=False, hide_values=False, elsewhere=elsewhere)


def _key_of(environ: Mapping[str, str]) -> list[Credentials]:
    credentials = from_environment(environ)
    return [credentials] if credentials is not None else []
