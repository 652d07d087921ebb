"""The format of contract files.

One JSON file holds what the documentation says of one request, stream or event. The format is closed: an unknown key
is an error. Names of wire fields follow the wire; everything else uses the words of this project.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any, Literal, TypeVar

from msgspec import Struct, field


class Surface(StrEnum):
    """How a contract is reached."""

    WS_API = "ws-api"
    REST = "rest"
    STREAM = "stream"
    EVENT = "event"


class Security(StrEnum):
    """What a request must carry, in the documentation's own words."""

    NONE = "NONE"
    MARKET_DATA = "MARKET_DATA"  # key
    USER_STREAM = "USER_STREAM"  # key
    USER_DATA = "USER_DATA"  # key, timestamp and signature
    TRADE = "TRADE"  # key, timestamp and signature
    MARGIN = "MARGIN"  # key, timestamp and signature
    SIGNED = "SIGNED"  # key, timestamp and signature, outside the table of security types (session.logon)

    @property
    def needs_key(self) -> bool:
        """Whether the request carries an API key."""
        return self is not Security.NONE

    @property
    def is_signed(self) -> bool:
        """Whether the request carries a timestamp and a signature."""
        return self in {Security.USER_DATA, Security.TRADE, Security.MARGIN, Security.SIGNED}


ParamType = Literal["STRING", "INT", "LONG", "DECIMAL", "ENUM", "BOOLEAN", "ARRAY"]

JsonScalar = str | int | float | bool | None


class Param(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """One row of a parameter table."""

    name: str  # its name on the wire
    type: ParamType  # its documented type
    required: bool = False  # whether it is mandatory
    enum: tuple[str, ...] | str = ()  # the values, or the name of an enumeration in product.json
    items: tuple[Param, ...] = ()  # fields of each element, for an ARRAY of objects
    default: JsonScalar = None  # its documented default
    minimum: int | float | None = None  # its documented least value
    maximum: int | float | None = None  # its documented largest value
    unstated: str = ""  # why it has no words, range or default: what the page leaves open


class WeightRule(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """A weight that holds when a parameter is (not) sent, has one of some values, or is at most a number."""

    param: str  # the parameter that decides
    given: bool | None = None  # holds when it is sent (true), or when it is not (false)
    one_of: tuple[str | int, ...] = ()  # holds when it has one of these values
    at_most: int | None = None  # holds when it is a number up to this one
    ip: int  # the request weight then


class Weight(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """What a request costs: request weight of the IP and of the account (uid), and orders of the account.

    The first rule that holds replaces `ip`.
    """

    ip: int  # request weight of the IP
    uid: int = 0  # request weight of the account
    orders_10s: int = 0  # orders in ten seconds that it counts as
    orders_1m: int = 0  # orders in a minute that it counts as
    rules: tuple[WeightRule, ...] = ()  # weights that depend on parameters

    def of(self, params: dict[str, Any]) -> int:
        """Return the request weight of the IP for a request with these parameters, numbers as such or as text."""
        for rule in self.rules:
            value = params.get(rule.param)
            if rule.given is not None and (value is not None) is rule.given:
                return rule.ip
            if rule.one_of and str(value) in map(str, rule.one_of):
                return rule.ip
            number = re.fullmatch("[0-9]{1,9}", str(value))
            if rule.at_most is not None and number is not None and int(number[0]) <= rule.at_most:
                return rule.ip
        return self.ip


class Request(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """A request: a method of the WebSocket API, or a verb and path of REST."""

    method: str  # the method of the WebSocket API, or the verb of REST
    path: str = ""  # the path of REST
    security: Security  # what it must carry
    weight: Weight  # what it costs
    params: tuple[Param, ...] = ()  # the table of parameters


class Monotonic(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """A number that never goes back from message to message over one connection, at a generalised path.

    With `strict` it grows each time; with `step` by exactly so much. The rule holds for each combination of what stands
    at the paths `per` (symbols that share a stream) apart from the others.
    """

    path: str  # where the number stands, as a generalised path
    strict: bool = False  # whether it grows with each message
    step: int = 0  # by how much it grows each time
    per: tuple[str, ...] = ()  # paths that part the messages, such as that of the symbol
    source: str = ""  # where that is documented


class Stream(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """A market stream: its name pattern (`<symbol>@aggTrade`), the path root that serves it, its promised pace.

    A control command (SUBSCRIBE) is a stream contract as well, with `command`. `monotonic` lists the numbers that order
    its messages. `repeats` says which fields repeat parameters of the name: by generalised path, a pattern in which
    `<symbol>` stands for the parameter and `*` for anything (`{"s": "<symbol>", "[].s": "<pair>_*"}`).
    """

    name: str  # its pattern, such as <symbol>@aggTrade
    route: str = ""  # the root of the address that serves it
    update_speed: str = ""  # the documented pace, in the page's words
    command: bool = False  # whether it is a control command, such as SUBSCRIBE
    params: tuple[Param, ...] = ()  # the parameters of its name
    monotonic: tuple[Monotonic, ...] = ()  # the numbers that order its messages
    repeats: dict[str, str] = field(default_factory=dict)  # fields that repeat parameters of the name, by path


class Event(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """A user-data event, by the value of its `e` field; `monotonic` lists the numbers that order those of its type."""

    name: str  # the value of its field e
    route: str = ""  # the root of the address that serves it
    update_speed: str = ""  # the documented pace, in the page's words
    monotonic: tuple[Monotonic, ...] = ()  # the numbers that order events of its type


class Observed(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """What of an example no page shows: what stands at the generalised `path` was observed on a target, on a day.

    `wireproof accept` writes it. `date` is ISO 8601.
    """

    path: str  # what was observed, as a generalised path of the example
    target: str  # on which target
    date: str  # on which day, ISO 8601


class Example(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """A documented example.

    `response` is a whole response (WebSocket API: with its envelope), a stream's payload or an event. Examples of one
    contract with the same `when` are merged; with another `when` they are alternatives, and a case names its own.
    `conditional` lists the fields that comments of the page call conditional ("only if …"); a refinement says how.
    `source` is about what is documented, `observed` lists what is not.
    """

    name: str  # what cases call it
    when: str = ""  # when the exchange answers like this; empty: always
    request: dict[str, Any] | None = None  # the documented request
    response: Any  # the documented response, payload or event
    conditional: tuple[str, ...] = ()  # fields that the page calls conditional
    source: str = ""  # where it is from, with a date
    observed: tuple[Observed, ...] = ()  # what of it no page shows


class When(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """A condition on a sibling: the field is documented where its object's `field` has one of these values."""

    field: str  # the sibling that decides
    one_of: tuple[JsonScalar, ...]  # its values with which the condition holds


class Refinement(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """What an example cannot say, at a generalised path (`result.symbols[].tickSize`).

    With `when`, the field is required in objects where the condition holds and not judged for presence elsewhere.
    With `examples`, the refinement holds for those examples only.
    """

    path: str  # the generalised path that it is about
    optional: bool = False  # whether the field may be missing
    nullable: bool = False  # whether it may be null
    kind: str = ""  # a kind name such as "decimal", "string", "integer", "timestamp", "any"
    text: str = ""  # what a string that is no number and no enumerated word holds: "symbol", "asset", "id", "words" …
    constant: tuple[JsonScalar, ...] = ()  # the documented values; any other is breaking (event type, success code)
    enum: tuple[str, ...] | str = ()  # the values, or the name of an enumeration in product.json
    free_keys: bool = False  # an object with free keys (symbols, assets); its values share the shape at `path.*`
    positional: bool | None = None  # an array read by position, as a tuple (true), or element by element (false)
    variants_by: str = ""  # elements are told apart by this field
    when: When | None = None  # the condition with which the field is required
    examples: tuple[str, ...] = ()  # names of the examples that it holds for; empty: all
    source: str  # where that is documented, or who observed it when


class FieldRule(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """What a field means wherever it occurs in a product: exactly one of `enum`, `text`, `constant` and `kind`.

    Each entry of `where` is a contract id as a glob and a generalised path, parted by a space; in the path `*` stands
    for one key or a part of it and a leading `**.` for any path, none included (`usdm/rest/* **.timeInForce`). A
    contract's own refinement of the same path comes first, then the first rule that matches. `except_` lists
    exceptions in the same form.
    """

    where: tuple[str, ...]
    except_: tuple[str, ...] = field(default=(), name="except")
    enum: str = ""  # the name of an enumeration of the product
    text: str = ""
    constant: tuple[JsonScalar, ...] = ()
    kind: str = ""
    why: str = ""  # why a text stays free (`words`): needed there, so that free places are few
    source: str = ""


class Unshown(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """Documented fields that no answer shows, and why; places are written as in the `where` of a field rule."""

    where: tuple[str, ...]
    why: str
    source: str = ""


class Expectation(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """What a rejection must look like: status and one of the documented codes."""

    status: int  # the documented status
    codes: tuple[int, ...]  # the documented error codes, any of which will do


class Watch(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """How the messages of a stream, or the events of a cause, are observed.

    A stream is watched until `events` messages came or `seconds` are over. Its documented pace is one message every
    `every_ms` by event time, give or take `tolerance_ms` (of sooner ones a third at most): not sooner, and where it is
    `steady` not later either; where one stream carries several symbols, in each of them.
    `connection` is combined (SUBSCRIBE on /stream), raw (/ws/<name>) or url (/stream?streams=<name>).

    An event case does what `cause` names and waits for the events of `sequence` in that order, each told by fields at
    generalised paths (`{"o.x": "NEW"}`); an empty one says that no event comes. With `may_repeat`, a second copy of an
    event is no violation.

    `may_be_silent` says why silence is normal (no liquidation happened); then it does not make a run incomplete.
    """

    events: int = 1  # how many messages are wanted
    seconds: float = 10.0  # how long they are waited for
    connection: Literal["combined", "raw", "url"] = "combined"  # how the stream is opened
    every_ms: int = 0  # the documented pace, in milliseconds
    tolerance_ms: int = 0  # how far the pace may be off, in milliseconds
    steady: bool = False  # whether a message must come at the pace although nothing changed
    cause: str = ""  # what makes the exchange send
    sequence: tuple[dict[str, JsonScalar], ...] = ({},)  # the events that must follow, each by some of its fields
    may_repeat: bool = False  # whether a second copy of an event is sound
    may_be_silent: str = ""  # why nothing may come


class Case(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """One way to exercise a contract.

    `needs` names state that is prepared, leased and undone; `params` may refer to it with placeholders that keep
    their type (`{open_order.orderId}`). `proves` names checks that follow the answer.
    """

    id: str  # its name in the contract, permanent
    title: str  # what it is, in words
    example: str = ""  # the example that answers are compared with
    needs: tuple[str, ...] = ()  # state that is prepared before and undone after it
    params: dict[str, Any] = field(default_factory=dict)  # what is sent; {need.value} stands for what a need offers
    expect: Expectation | None = None  # the refusal that must come
    proves: tuple[str, ...] = ()  # checks that follow the answer
    marks: tuple[str, ...] = ()  # what it costs or concerns; pytest marks as well
    watch: Watch | None = None  # of a stream or an event
    source: str = ""  # where the variant is documented


Fault = Literal[
    "missing",
    "wrong-value",
    "mistyped",
    "too-small",
    "too-large",
    "unknown-symbol",
    "unknown-order",
    "missing-key",
    "wrong-key",
    "wrong-signature",
    "stale-timestamp",
    "future-timestamp",
]


class RejectionRule(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """Which status and codes are documented for a fault in a parameter; `skip` says why a fault is not tried.

    The rules of a contract come before those of its product; the first that matches holds.
    """

    fault: Fault  # what is wrong with the request
    param: str = ""  # empty: any parameter
    types: tuple[ParamType, ...] = ()  # empty: any type
    surface: Surface | None = None  # none: any surface
    status: int = 400  # the documented status
    codes: tuple[int, ...] = ()  # the documented error codes
    skip: str = ""  # why the fault is not tried
    source: str = ""  # where that is documented


class WholeConnection(Struct, frozen=True):
    """A connection as a whole, of which no file says anything: it stands for what belongs to none of the others."""


ContractSubject = Request | Stream | Event | WholeConnection

#: A kind of subject that a contract may have.
SubjectT = TypeVar("SubjectT", Request, Stream, Event)


class Contract(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """What the documentation says of one request, stream or event."""

    id: str  # product, surface and name: where its file stands
    title: str  # what the page calls it
    product: str  # the product's folder
    surface: Surface  # how it is reached
    docs_url: str  # the page
    revised: str  # date of the newest source, ISO 8601
    subject: ContractSubject
    examples: tuple[Example, ...] = ()  # what the page shows of answers, messages or events
    refinements: tuple[Refinement, ...] = ()  # what the examples cannot say
    base: dict[str, Any] = field(default_factory=dict)  # parameters of a sound request, for generated rejections
    base_needs: tuple[str, ...] = ()  # what the parameters of `base` refer to
    cases: tuple[Case, ...] = ()  # the ways to exercise it
    rejections: tuple[RejectionRule, ...] = ()  # documented refusals that differ from the product's
    no_case: str = ""  # why nothing exercises it (needs a counterparty, needs real money, no testnet)
    over: str = ""  # in an overlay: the digest of the file that it was made of, to see when that is another one
    deprecated: bool = False  # whether the page calls it deprecated
    retired: str = ""  # since when the exchange no longer has it, ISO 8601: it is not exercised any more
    note: str = ""  # what people should know

    def of(self, kind: type[SubjectT]) -> SubjectT:
        """Return the subject as the kind that it has here; raise TypeError when it is of another kind."""
        if not isinstance(self.subject, kind):
            raise TypeError(f"{self.id} is the contract of a {type(self.subject).__name__}, not of a {kind.__name__}.")
        return self.subject

    @property
    def name(self) -> str:
        """The documented name: method, verb and path, stream pattern or event; of a bare connection, its id."""
        match self.subject:
            case Request(method=method, path=path):
                return f"{method} {path}".strip()
            case Stream(name=name) | Event(name=name):
                return name
            case WholeConnection():
                return self.id

    @property
    def params(self) -> tuple[Param, ...]:
        """The parameters of the request or stream; no other subject has any."""
        return self.subject.params if isinstance(self.subject, Request | Stream) else ()

    @property
    def monotonic(self) -> tuple[Monotonic, ...]:
        """The numbers that order the messages of the stream or event; no other subject has any."""
        return self.subject.monotonic if isinstance(self.subject, Stream | Event) else ()

    @property
    def repeats(self) -> dict[str, str]:
        """Which fields repeat parameters of the stream's name; no other subject has any."""
        return self.subject.repeats if isinstance(self.subject, Stream) else {}

    @property
    def is_command(self) -> bool:
        """Whether it says how a control command of a stream is answered."""
        return isinstance(self.subject, Stream) and self.subject.command


class Limit(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """One documented rate limit; `interval` and `interval_num` as in exchangeInfo's `rateLimits`."""

    type: Literal["REQUEST_WEIGHT", "ORDERS", "RAW_REQUESTS", "UID_WEIGHT"]
    interval: Literal["SECOND", "MINUTE", "HOUR", "DAY"]
    interval_num: int
    limit: int
    target: str = ""  # empty: every target
    source: str = ""


class HeaderRule(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """A header that HTTP answers are documented to have; `name` is in lower case.

    It is promised of `answers` in JSON, of `weighted` successes (requests that cost weight of the IP, or with
    `weighted-uid` of the account) or of successes that count as orders: `orders-10s`, `orders-1m`. Its value is an
    `integer` or a media type for `json`. `docs` is where that is documented.
    """

    name: str
    on: Literal["answers", "weighted", "weighted-uid", "orders-10s", "orders-1m"]
    value: Literal["integer", "json"] = "integer"
    docs: str


class Host(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """A base URL of a target."""

    url: str
    source: str = ""


class Switch(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """A field of an envelope that every answer has by default, and none where a parameter `param` is false.

    The parameter is one of the request, or of the whole connection. `source` is where that is documented.
    """

    field: str
    param: str
    source: str


class Envelope(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """What wraps every answer of a surface: documented examples of success and refusal, and their refinements.

    A field that can be switched off is optional by a refinement: a payload alone does not tell what was asked for.
    `switches` make it mandatory where the request is known.
    """

    success: dict[str, Any]
    error: dict[str, Any]
    refinements: tuple[Refinement, ...] = ()
    switches: tuple[Switch, ...] = ()


class Product(Struct, forbid_unknown_fields=True, omit_defaults=True, frozen=True, kw_only=True):
    """What holds for a whole product: title, pages, hosts, limits, envelopes, enumerations, error codes, rejections."""

    product: str
    title: str
    docs_url: str = ""
    page_addresses: tuple[str, ...] = ()  # what the addresses of its pages contain; of all products the longest decides
    path_roots: tuple[str, ...] = ()  # how the paths of its requests begin; products may share one
    hosts: dict[Surface, dict[str, tuple[Host, ...]]]  # surface -> target -> base URLs, first one used
    limits: tuple[Limit, ...] = ()
    headers: tuple[HeaderRule, ...] = ()  # of HTTP answers
    handshake_weight: int = 0
    envelopes: dict[Surface, Envelope] = field(default_factory=dict)
    enums: dict[str, tuple[str, ...]] = field(default_factory=dict)
    fields: tuple[FieldRule, ...] = ()  # what fields mean wherever they occur
    unshown: tuple[Unshown, ...] = ()  # why documented fields never come
    errors: dict[str, str] = field(default_factory=dict)  # code -> name
    rejections: tuple[RejectionRule, ...] = ()
