"""What a string holds that is no number and no enumerated word: the one list of names that refinements may use.

A text is a decision, not a check: any string conforms. That a string is decided is what `contracts check` asks for, so
that an enumerated word does not stay unchecked because nobody looked at it.
"""

from __future__ import annotations

from wireproof.errors import UsageError, did_you_mean

TEXTS: dict[str, str] = {
    "symbol": "a contract or trading pair that can be traded: BTCUSDT, BTCUSD_PERP, BTC-230127-18000-C",
    "pair": "an underlying or index that is not traded itself: BTCUSD, DEFIUSDT",
    "asset": "an asset or currency: BTC, USDT",
    "id": "an identifier that the exchange or the client gave: an order's, a request's, a UUID, also one of digits",
    "key": "an API key or listen key",
    "alias": "an opaque name that stands for an account",
    "url": "an address on the web, with or without its scheme",
    "stream": "the name of a stream: btcusdt@aggTrade",
    "interval": "a length of time as klines have it: 1m, 4h",
    "date": "a calendar date or time of day in any notation but milliseconds",
    "timezone": "a time zone: UTC",
    "name": "a name that new members are added to without notice: of an exchange, an index, a group",
    "number": "a number in a notation that is no decimal: 122,559.90",
    "words": "words for people: a message, a reason, a remark",
}


def check_text(name: str, where: str) -> str:
    """Return the name of a text. Raises UsageError for one that does not exist; `where` says who names it."""
    if name not in TEXTS:
        raise UsageError(f"{where} names a text that does not exist: {name!r}. {did_you_mean(name, TEXTS)}".rstrip())
    return name
