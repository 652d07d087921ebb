"""What an answer is, before how it differs: a success, a refusal, trouble of the service, or no API answer at all.

One vocabulary for REST, the WebSocket API and the commands of streams. Only a success is compared with a documented
success, and only a refusal with a documented refusal; an error inside a success is one statement; trouble of the
service, a refused key and a wrong clock accuse nobody. Nothing here knows contracts: that a case is about exactly such
an error is for its judge to say.

How an answer is recognised, in this order:

| status | body | answer | concern |
|---|---|---|---|
| 2xx, or none | an error, see `error_in` | `REFUSAL` | none: an error where a success was to come |
| 2xx, or none | no JSON, a page that says maintenance | `NO_ANSWER` | `SERVICE` |
| 2xx, or none | no JSON, anything else | `NO_ANSWER` | none |
| 2xx, or none | anything else | `SUCCESS` | none |
| 3xx, 407 | any | `NO_ANSWER` | `ELSEWHERE` |
| 451 | any | `NO_ANSWER` | `REGION` |
| 403, or the header of a firewall | any | `NO_ANSWER` | `FIREWALL` |
| 418, 429 | any | `TROUBLE` | `LIMIT` |
| 408, 5xx | any | `TROUBLE` | `SERVICE` |
| 401 | no JSON object | `NO_ANSWER` | `FIREWALL` |
| other | an error whose code is in `CONCERNS` | `TROUBLE` or `REFUSAL` | what the code is about |
| 401 | any other | `REFUSAL` | `KEY` |
| other | a JSON object | `REFUSAL` | none |
| other | anything else | `NO_ANSWER` | none |

Statuses: https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info (HTTP Return Codes)
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from wireproof.bounds import excess

LONGEST_ERROR = 65_536  # bytes; no error is longer than this, and longer answers are not looked through for one
_SHOWN = 200  # characters of the exchange's text


class Sort(StrEnum):
    """What an answer is."""

    SUCCESS = "success"
    REFUSAL = "refusal"  # the exchange understood the request and says no
    TROUBLE = "trouble"  # the service could not do its work: nothing is said of the request
    NO_ANSWER = "no-answer"  # not of the API at all: a page, nothing, text, another service


class Concern(StrEnum):
    """What an answer is about when it is not about the request; its contract is not accused then."""

    SERVICE = "service"
    LIMIT = "limit"
    KEY = "key"  # the key, its permissions, the account or this machine's IP address
    CLOCK = "clock"
    SIGNATURE = "signature"
    FIREWALL = "firewall"
    REGION = "region"
    ELSEWHERE = "elsewhere"  # a redirect or a proxy


class Fate(StrEnum):
    """What is known of a request that changes something and was answered like this."""

    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"  # it may have been carried out: look it up


#: What the codes that say nothing of a request are about. Each product's page of error codes has these, with the same
#: numbers where it has them; of portfolio margin pro only are -3000, -3044, -10001 and -21001.
#: https://developers.binance.com/docs/derivatives/usds-margined-futures/error-code
#: https://developers.binance.com/docs/derivatives/coin-margined-futures/error-code
#: https://developers.binance.com/docs/derivatives/options-trading/error-code
#: https://developers.binance.com/docs/derivatives/portfolio-margin/error-code
#: https://developers.binance.com/docs/derivatives/portfolio-margin-pro/error-code
CONCERNS: dict[int, Concern] = {
    -1000: Concern.SERVICE,  # UNKNOWN
    -1001: Concern.SERVICE,  # DISCONNECTED
    -1006: Concern.SERVICE,  # UNEXPECTED_RESP: execution status unknown
    -1007: Concern.SERVICE,  # TIMEOUT: execution status unknown
    -1008: Concern.SERVICE,  # SERVER_BUSY, Request Throttled
    -1016: Concern.SERVICE,  # SERVICE_SHUTTING_DOWN
    -3000: Concern.SERVICE,  # INNER_FAILURE
    -3044: Concern.SERVICE,  # SYSTEM_BUSY
    -10001: Concern.SERVICE,  # SYSTEM_MAINTENANCE
    -1003: Concern.LIMIT,  # TOO_MANY_REQUESTS
    -1015: Concern.LIMIT,  # TOO_MANY_ORDERS
    -1002: Concern.KEY,  # UNAUTHORIZED
    -1011: Concern.KEY,  # NON_WHITE_LIST: this IP cannot access this route
    -2008: Concern.KEY,  # a key of another host, see ccxt/ccxt#29099
    -2014: Concern.KEY,  # BAD_API_KEY_FMT
    -2015: Concern.KEY,  # REJECTED_MBX_KEY: key, IP or permissions
    -2017: Concern.KEY,  # API_KEYS_LOCKED
    -21001: Concern.KEY,  # USER_IS_NOT_UNIACCOUNT: the account has not this product
    -1021: Concern.CLOCK,  # INVALID_TIMESTAMP
    -1022: Concern.SIGNATURE,  # INVALID_SIGNATURE
}

#: Codes that have such a meaning in one product and another one elsewhere: told by their text.
#: -1004: portfolio margin pro SERVER_BUSY, elsewhere DUPLICATE_IP; -5028, COIN-M -4188: recvWindow of the matching
#: engine, a validator of the exchange's own clock.
_BY_TEXT: dict[int, tuple[str, Concern]] = {
    -1004: ("busy", Concern.SERVICE),
    -5028: ("recvwindow", Concern.CLOCK),
    -4188: ("recvwindow", Concern.CLOCK),
    -4056: ("api key", Concern.KEY),  # INVALID_API_KEY_TYPE
    -4087: ("reduce only", Concern.KEY),  # REDUCE_ONLY_ORDER_PERMISSION
    -4088: ("can not place order", Concern.KEY),  # NO_PLACE_ORDER_PERMISSION
    -4189: ("restricted account", Concern.KEY),  # ACCOUNT_REDUCE_ONLY
}

#: Documented to have failed wholly: -1008, and two of the three texts that come with 503. Whatever else is trouble of
#: the service leaves it open.
#: https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info (HTTP 503 Status)
_FAILED_CODES = frozenset({-1008, -1016})
_FAILED_TEXTS = ("service unavailable", "internal error; unable to process your request")

#: `Path /fapi/v1/x, Method GET is invalid`, `Method x is invalid`.
_UNKNOWN_PATH = -5000

#: Codes that a success has: 200 and "200" of USDⓈ-M, COIN-M and portfolio margin, 0 and "0" of options.
SUCCESS_CODES = frozenset({"0", "200"})

_NUMBER = re.compile(r"-?\d{1,9}")
_TEXTS = ("msg", "message", "errorMsg", "errorMessage", "error_description")
_CODES = ("code", "errorCode", "errCode")
#: Keys of an answer that is nothing but an error, or nothing but its confirmation.
_BARE = frozenset({*_TEXTS, *_CODES, "data", "success", "status", "id", "timestamp", "requestId", "errorData", "type"})
_FAILURES = frozenset({"ERROR", "FAIL", "FAILED", "FAILURE"})
_CONFIRMATIONS = frozenset({"success", "ok", ""})

_PAGE = re.compile(r"\A\s*<", re.ASCII)
_TITLE = re.compile(r"<title[^>]*>\s*(.*?)\s*</title", re.IGNORECASE | re.DOTALL)
_MAINTENANCE = re.compile(r"maintenance|temporarily unavailable|service unavailable", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ApiError:
    """An error as the exchange writes it. `code` is a number or text as it came, None where there is none."""

    code: int | str | None
    text: str

    @property
    def number(self) -> int | None:
        """The code as a number, also where it came as text."""
        if isinstance(self.code, str):
            return int(self.code) if _NUMBER.fullmatch(self.code) else None
        return self.code

    @property
    def words(self) -> str:
        """Code and text for people: `-1000 "An unknown error …"`."""
        shown = [str(self.code)] if self.code is not None else []
        return " ".join([*shown, *([f'"{shortened(self.text)}"'] if self.text else [])]) or "without code and text"


@dataclass(frozen=True, slots=True)
class Recognition:
    """What an answer is; `error` is what it says, `page` what it is when it is no JSON."""

    sort: Sort
    status: int | None = None
    error: ApiError | None = None
    concern: Concern | None = None
    page: str = ""

    @property
    def is_success(self) -> bool:
        """Whether the request was carried out, as far as its answer says."""
        return self.sort is Sort.SUCCESS

    @property
    def changed_nothing(self) -> bool:
        """Whether the request certainly changed nothing."""
        return self.fate is Fate.FAILED

    @property
    def is_unknown_path(self) -> bool:
        """Whether the target knows no such path or method: 404, as in docs/exchange.md#unknown-paths."""
        return self.status == 404 and (self.error is None or self.error.number == _UNKNOWN_PATH)

    @property
    def may_pass(self) -> bool:
        """Whether the same request may well be answered when it is sent again soon."""
        return self.concern in {Concern.SERVICE, Concern.CLOCK}

    @property
    def fate(self) -> Fate:
        """What is known of a request that changes something."""
        if self.sort is Sort.SUCCESS:
            return Fate.DONE
        in_success = self.status is None or 200 <= self.status < 300
        if self.sort is Sort.REFUSAL:
            return Fate.UNKNOWN if in_success else Fate.FAILED
        if self.concern is not Concern.SERVICE:
            return Fate.UNKNOWN if in_success else Fate.FAILED
        said = self.error
        if said is None:
            return Fate.UNKNOWN
        failed = said.number in _FAILED_CODES or said.text.lower().startswith(_FAILED_TEXTS)
        return Fate.FAILED if failed else Fate.UNKNOWN

    @property
    def words(self) -> str:
        """What came, in words that follow "answered with": `status 503, error -1008 "…"`."""
        parts = [f"status {self.status}"] if self.status is not None else []
        if self.error is not None:
            parts.append(f"error {self.error.words}" if self.error.code is not None else self.error.words)
        parts += [self.page] if self.page else []
        return ", ".join(parts) or "an answer that says nothing"


def recognise(status: int | None, body: bytes, *, firewall: bool = False) -> Recognition:
    """Return what an answer is. See the module's table.

    REST: `status` is the HTTP status and `body` the payload. WebSocket API: the envelope's status, and the envelope.
    Commands of streams have no status. `firewall` says that a header shows another machine than the service.
    """
    in_success = status is None or 200 <= status < 300
    document, page = _read(body, in_success=in_success)
    error = None if page else error_in(document)
    if error is None and not in_success and isinstance(document, dict) and document.keys() & {*_CODES, *_TEXTS}:
        error = ApiError(_code_of(document), _text_of(document))
    concern = Concern.FIREWALL if firewall else _concern_of_status(status)
    if in_success and concern is None:
        if page:
            maintenance = _PAGE.match(page_text := _start(body)) and _MAINTENANCE.search(page_text)
            return Recognition(Sort.NO_ANSWER, status, None, Concern.SERVICE if maintenance else None, page)
        return Recognition(Sort.SUCCESS if error is None else Sort.REFUSAL, status, error)
    if concern in {Concern.SERVICE, Concern.LIMIT}:
        return Recognition(Sort.TROUBLE, status, error, concern, page)
    if concern is not None:
        return Recognition(Sort.NO_ANSWER, status, error, concern, page)
    if status == 401 and (page or not isinstance(document, dict)):
        return Recognition(Sort.NO_ANSWER, status, None, Concern.FIREWALL, page)
    concern = concern_of(error)
    if concern in {Concern.SERVICE, Concern.LIMIT}:
        return Recognition(Sort.TROUBLE, status, error, concern)
    if page or not isinstance(document, dict):
        return Recognition(Sort.NO_ANSWER, status, None, None, page)
    return Recognition(Sort.REFUSAL, status, error, concern or (Concern.KEY if status == 401 else None))


def error_in(document: Any) -> ApiError | None:
    """Return the error that an answer is, or None.

    An answer is an error when it has `error` with a code or text in it, when its `code` is negative (as a number or as
    text), when `success` is false, or `status` is a word for a failure beside a code or text. Of the WebSocket API it
    is one also when its `result` is.
    """
    if not isinstance(document, dict):
        return None
    held = document.get("error")
    if isinstance(held, dict) and (held.keys() & {*_CODES, *_TEXTS}):
        return ApiError(_code_of(held), _text_of(held))
    if isinstance(held, str) and held and "result" not in document:
        return ApiError(_code_of(document), _text_of(document) or held)
    code, text = _code_of(document), _text_of(document)
    error = ApiError(code, text)
    number = error.number
    if number is not None and number < 0 and (text or document.keys() <= _BARE):
        return error
    if document.get("success") is False and (text or code is not None or document.keys() <= _BARE):
        return error
    if str(document.get("status", "")).upper() in _FAILURES and (text or code is not None):
        return error
    inner = document.get("result")
    return error_in(inner) if isinstance(inner, dict) and "status" in document else None


def bare_error_in(document: Any) -> ApiError | None:
    """Return the error that an answer of nothing but code and text is, where no documented success has a `code`.

    Its code may be 0 or positive then: `{"code": 0, "msg": "Service unavailable from a restricted location …"}`.
    """
    if not isinstance(document, dict) or not document.keys() <= _BARE or not any(name in document for name in _CODES):
        return None
    error = ApiError(_code_of(document), _text_of(document))
    confirms = str(error.code) in SUCCESS_CODES and error.text.lower() in _CONFIRMATIONS
    return error if error.text and error.code is not None and not confirms else None


def may_hold_error(body: bytes) -> bool:
    """Whether parsing an answer may show an error in it; for the fast path, as no JSON is read."""
    if len(body) > LONGEST_ERROR:
        return False
    return b'"code"' in body or b'"error' in body or b'"success"' in body or b'"errCode"' in body


def concern_of(error: ApiError | None) -> Concern | None:
    """Return what an error is about when it is not about the request."""
    number = error.number if error is not None else None
    if error is None or number is None:
        return None
    words, concern = _BY_TEXT.get(number, ("", None))
    if words and words in error.text.lower():
        return concern
    return CONCERNS.get(number)


def concern_of_code(code: int) -> Concern | None:
    """Return what a code is about when it is not about the request, whatever its text."""
    return CONCERNS.get(code) or _BY_TEXT.get(code, ("", None))[1]


def shortened(text: str, most: int = _SHOWN) -> str:
    """Cut text that came from the wire to what a line can carry; half surrogates become escapes."""
    text = " ".join(text.encode("utf-8", "backslashreplace").decode().split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _concern_of_status(status: int | None) -> Concern | None:
    if status is None or 200 <= status < 300:
        return None
    if status >= 500 or status == 408:
        return Concern.SERVICE
    if 300 <= status < 400:
        return Concern.ELSEWHERE
    return {
        403: Concern.FIREWALL,
        407: Concern.ELSEWHERE,
        418: Concern.LIMIT,
        429: Concern.LIMIT,
        451: Concern.REGION,
    }.get(status)


def _read(body: bytes, *, in_success: bool) -> tuple[Any, str]:
    """Return the document, or what the answer is instead of one. A long success is not read: it is no error."""
    if in_success and len(body) > LONGEST_ERROR and not excess(body) and body.lstrip()[:1] in {b"{", b"["}:
        return None, ""
    try:
        return json.loads(body), ""
    except (ValueError, RecursionError):
        return None, page_words(body)


def page_words(body: bytes) -> str:
    """Return what an answer is that is no JSON: `an HTML page titled "…"`, `an empty answer`, `no JSON`."""
    if over := excess(body):
        return f"an answer of {over}"
    text = _start(body)
    if not text.strip():
        return "an empty answer"
    if not _PAGE.match(text):
        return "no JSON"
    title = _TITLE.search(text)
    return f'an HTML page titled "{shortened(title[1], 100)}"' if title and title[1] else "an HTML page"


def _start(body: bytes) -> str:
    return body[:20_000].decode("utf-8", "replace")


def _code_of(document: dict[str, Any]) -> int | str | None:
    for name in _CODES:
        code = document.get(name)
        if isinstance(code, int) and not isinstance(code, bool):
            return code
        if isinstance(code, str) and code:
            return code
    return None


def _text_of(document: dict[str, Any]) -> str:
    return next((text for name in _TEXTS if isinstance(text := document.get(name), str) and text), "")
