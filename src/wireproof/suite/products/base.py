"""What a product must offer so that wireproof can run its cases. Each has its module, and a line in `registry`.

A request is written as a method of the WebSocket API (`order.place`) or as verb and path (`GET /fapi/v1/openOrders`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wireproof.errors import ConfigurationError
from wireproof.suite.vocabulary.needs import rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRequests:
    """The requests about one kind of order, and how they name an order.

    Args:
        word: What it is called.
        place: Places one.
        look_up: Returns one.
        cancel: Cancels one.
        modify: Changes one; empty where nothing does.
        listed: Lists those that stand, of all symbols.
        history: Lists those of a symbol, also those that are over; empty where nothing does.
        changing: Other requests that place, change or cancel such orders.
        ending: Those of `changing` that end orders.
        tests: Requests that only check an order.
        placed_name: Parameter that gives a new order its client id.
        name: Parameter that names an order by its client id.
        shown_name: Field in which answers show the client id.
        may_be_unnamed: Whether that is an empty text for orders that were given none.
        number: Parameter, and field of answers, with the exchange's id.
        status: Field of answers with the status.
        of_symbol: Whether a request that names an order names its symbol, too.
        batch: Parameter that holds the orders of a batch.
        names, numbers: Parameters that name the orders of a batch.
        always: Parameters that every new order carries.
        renamed: By the usual name of a parameter of conditional orders: the name that it has here.

    """

    word: str = "order"
    place: str
    look_up: str
    cancel: str
    modify: str = ""
    listed: str
    history: str = ""
    changing: frozenset[str] = frozenset()
    ending: frozenset[str] = frozenset()
    tests: frozenset[str] = frozenset()
    placed_name: str = "newClientOrderId"
    name: str = "origClientOrderId"
    shown_name: str = "clientOrderId"
    may_be_unnamed: bool = False
    number: str = "orderId"
    status: str = "status"
    of_symbol: bool = True
    batch: str = "batchOrders"
    names: str = "origClientOrderIdList"
    numbers: str = "orderIdList"
    always: Mapping[str, str] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)

    def named(self, symbol: Any, client_id: Any) -> dict[str, Any]:
        """Return the parameters that name an order by its client id."""
        return self._of(symbol) | {self.name: client_id}

    def numbered(self, symbol: Any, number: Any) -> dict[str, Any]:
        """Return the parameters that name an order by the exchange's id."""
        return self._of(symbol) | {self.number: number}

    def named_in(self, params: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return the parameters that find the order which these place or change; None where they name none."""
        symbol = params.get("symbol")
        if self.of_symbol and not isinstance(symbol, str):
            return None
        for given in (self.placed_name, self.name):
            if isinstance(name := params.get(given), str) and name:
                return self.named(symbol, name)
        number = params.get(self.number)
        return self.numbered(symbol, number) if number is not None else None

    def _of(self, symbol: Any) -> dict[str, Any]:
        return {"symbol": symbol} if self.of_symbol else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionRequests:
    """The requests about positions.

    Args:
        held: Lists the account's positions.
        settings: Lists them with margin type and leverage.
        of_symbol: Whether these take a symbol.
        margin: The margin that is added to an isolated position, in its margin asset.
        amount: Field of answers with what is held, negative when short.
        side: Field of answers with the position's side.

    """

    held: str
    settings: str
    of_symbol: bool
    margin: str
    amount: str = "positionAmt"
    side: str = "positionSide"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenKeyRequests:
    """The requests about the listen key of an account's private stream.

    Args:
        start: Starts one, or extends the active one; its answer has the key.
        extend: Extends the active one.
        close: Ends it.
        extend_shows_it: Whether the answer to `extend` has the key, too.
        in_path: Whether the address of the private stream has the key in its path: `/ws/<key>`.
        source: The product on whose host these requests are served, where it is another one.

    """

    start: str
    extend: str
    close: str
    extend_shows_it: bool = True
    in_path: bool = False
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRequests:
    """The requests about block trades, which have no client ids: a key of the exchange names one.

    Args:
        offer: Offers one.
        withdraw: Withdraws one that was not accepted.
        accept: Accepts one that another account offered.
        offers: Lists the account's offers.
        fills: Lists what the account has traded so.
        name: Parameter with the key.
        key: Field of answers with the key.

    """

    offer: str
    withdraw: str
    accept: str
    offers: str
    fills: str
    name: str = "blockOrderMatchingKey"
    key: str = "blockTradeSettlementKey"


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolFields:
    """How a product lists its symbols.

    Args:
        rows: Field of the answer with the symbols.
        status: Field of a symbol with its status; the first one that is there.
        contract_type: Which contract type is traded; empty for any.
        precision: Field with the number of decimals of prices.
        pair: Field with the pair or the underlying.
        margin_asset: Field with the asset that margin is paid in.
        least_notional: What the least order must be worth where no filter says so.
        distance: How far below the market an order rests, as a part of the best bid.
        allowed: Field that says of a symbol whether it may be traded so; empty where all may.

    """

    rows: str = "symbols"
    status: tuple[str, ...] = ("status", "contractStatus")
    contract_type: str = "PERPETUAL"
    precision: str = "pricePrecision"
    pair: str = "pair"
    margin_asset: str = "marginAsset"
    least_notional: str = "5"
    distance: str = "0.04"
    allowed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TradingBook:
    """Where orders of one kind of contract are placed. Most products have one; portfolio margin has three.

    Args:
        root: What the paths of its requests begin with, such as `/fapi/v1`.
        symbols: Lists its symbols with their filters; public.
        quotes: Lists the best prices of its symbols; public.
        price: Returns the last price of a symbol; public.
        mark: Returns the mark price of a symbol, below the root where it is no whole path; public.
        source: The product on whose host these public requests are served, where it is another one.
        orders: The requests about its orders.
        algo_orders: Those about conditional orders, where these have requests of their own.
        positions: The requests about positions, where orders make any.
        blocks: The requests about block trades, where there are any.
        fields: How its symbols are listed.
        market_orders: Whether it takes orders at the market; without them positions are closed at the opposite price.
        position_sides: Whether an order names the side of its position.

    """

    root: str
    symbols: str
    quotes: str
    price: str
    mark: str = "premiumIndex"
    source: str = ""
    orders: OrderRequests
    algo_orders: OrderRequests | None = None
    positions: PositionRequests | None = None
    blocks: BlockRequests | None = None
    fields: SymbolFields = field(default_factory=SymbolFields)
    market_orders: bool = True
    position_sides: bool = True

    def path(self, name: str) -> str:
        """Return the path of a request below the root: `/fapi/v1/leverage` of `leverage`; a whole path as it is."""
        return name if name.startswith("/") else f"{self.root}/{name}"

    @property
    def kinds(self) -> Iterator[OrderRequests]:
        """The kinds of its orders that have requests of their own."""
        yield self.orders
        if self.algo_orders is not None:
            yield self.algo_orders


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDriver:
    """What wireproof must know of a product to run its cases.

    Args:
        product: Its name, that of its folder of contracts.
        limit_pool: Products of the same pool share their rate limits (docs/exchange.md#shared-limits).
        time: Returns the server's time; public.
        books: Where its orders are placed; none where it has no orders.
        listen_key: The requests about listen keys; None where it has no private stream.
        balance: Lists the account's balances.
        modes: By mode of the account (`hedge`, `multi_assets`): the path and the parameter that set it.
        modes_of: What the account is called whose modes these are; products of the same one share them.
        over_rest: By method of the WebSocket API: the REST request that does the same.
        over_ws: By REST request: the method of the WebSocket API that does the same.
        ws_api: Whether there is a WebSocket API; without one everything is asked over REST.
        probe: A signed request that every account of the product may send, and no other one; empty where all may.
        no_account: What an account is that may not.
        key_permissions: What says on live what a key may do, on this product's host; empty where another's does.

    """

    product: str
    limit_pool: str
    time: str
    books: tuple[TradingBook, ...] = ()
    listen_key: ListenKeyRequests | None = None
    balance: str = ""
    modes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    modes_of: str = ""
    over_rest: Mapping[str, str] = field(default_factory=dict)
    over_ws: Mapping[str, str] = field(default_factory=dict)
    ws_api: bool = True
    probe: str = ""
    no_account: str = ""
    key_permissions: str = ""

    def book_of(self, request: str, needs: Iterable[str] = ()) -> TradingBook:
        """Return the book that a case is about: the one that its needs name, the one whose root its path is below.

        Else it is the first one.

        ConfigurationError where the product has none.
        """
        if not self.books:
            raise ConfigurationError(
                f"{self.product} has no orders, and {request} is to be sent with state that needs some."
            )
        path = request.rpartition(" ")[2]
        names = {need.book for need in rows(needs)} - {""}
        if named := [book for book in self.books if book.root.rpartition("/")[2] in names]:
            return named[0]
        below = [book for book in self.books if path.startswith(f"{book.root}/")]
        return max(below, key=lambda book: len(book.root), default=self.books[0])

    def kind_of(self, request: str) -> OrderRequests | None:
        """Return the kind of order that a request places, changes or cancels; None for any other request."""
        for kind in (kind for book in self.books for kind in book.kinds):
            own = {kind.place, kind.modify, kind.cancel} - {""}
            if request in own | kind.changing or request in {self.over_rest.get(one) for one in own}:
                return kind
        return None

    def ends_orders(self, request: str, kind: OrderRequests) -> bool:
        """Whether a request, when it succeeds, ends orders of a kind, so that they need not be undone."""
        return request in kind.ending or request in self._twins(kind.cancel)

    def starts_listen_key(self, request: str) -> bool:
        """Whether a request starts a listen key."""
        return self.listen_key is not None and request in self._twins(self.listen_key.start)

    def closes_listen_key(self, request: str) -> bool:
        """Whether a request, when it succeeds, ends the listen key."""
        return self.listen_key is not None and request in self._twins(self.listen_key.close)

    def is_about_listen_key(self, request: str) -> bool:
        """Whether a request starts, extends or closes the listen key."""
        keys = self.listen_key
        return keys is not None and any(request in self._twins(one) for one in (keys.start, keys.extend, keys.close))

    def journaled(self, mode: str) -> str:
        """Return the name under which the journal has a mode."""
        return f"{self.modes_of} {mode}".lstrip()

    def rest(self, request: str) -> str:
        """Return a request as it is sent over REST."""
        return request if " " in request else self.over_rest[request]

    def _twins(self, request: str) -> set[str]:
        return {request, self.over_rest.get(request, request)}

    def request_for(self, operation: str, book: TradingBook | None = None) -> str:
        """Return the request of an operation: a name in `OF_ACCOUNT` or `OF_BOOK`, or verb and name below a root.

        A whole path stays as it is, and needs no book; ConfigurationError where another one has none.
        """
        verb, _, name = operation.partition(" ")
        if verb in _VERBS and name.startswith("/"):
            return operation
        if operation in OF_ACCOUNT:
            return OF_ACCOUNT[operation](self)
        book = book or self.book_of(operation)
        return f"{verb} {book.path(name)}" if verb in _VERBS else OF_BOOK[operation](book)


def _algo(book: TradingBook) -> OrderRequests:
    return book.algo_orders or book.orders


_VERBS = frozenset({"GET", "POST", "PUT", "DELETE"})

#: What the suite does on its own account, by the words in which needs and causes list it: what concerns no book, ...
OF_ACCOUNT: dict[str, Callable[[ProductDriver], str]] = {
    "list balances": lambda driver: driver.balance,
    "log on": lambda _driver: "session.logon",
    "start a listen key": lambda driver: driver.listen_key.start if driver.listen_key else "",
    "extend a listen key": lambda driver: driver.listen_key.extend if driver.listen_key else "",
    "close a listen key": lambda driver: driver.listen_key.close if driver.listen_key else "",
}

#: ... and what does.
OF_BOOK: dict[str, Callable[[TradingBook], str]] = {
    "place an order": lambda book: book.orders.place,
    "modify an order": lambda book: book.orders.modify,
    "cancel an order": lambda book: book.orders.cancel,
    "place an algo order": lambda book: _algo(book).place,
    "look up an algo order": lambda book: _algo(book).look_up,
    "cancel an algo order": lambda book: _algo(book).cancel,
    "list positions": lambda book: book.positions.settings if book.positions else book.orders.listed,
    "list quotes": lambda book: book.quotes,
    "ask for the last price": lambda book: book.price,
}

#: Codes of all products: no such order; what is to be undone is gone already; what was to be set back is so already,
#: and nothing is owed (docs/exchange.md#portfolio-margin-loans).
#: https://developers.binance.com/docs/derivatives/usds-margined-futures/error-code
NO_SUCH_ORDER = -2013
GONE = frozenset({-2011, -2013, -1125})
UNCHANGED = frozenset({-4046, -4059, -4171, -3015})


def below(root: str, named: Mapping[str, str]) -> dict[str, str]:
    """Return requests with their paths below a root: `GET order` becomes `GET /fapi/v1/order`."""
    return {method: request.replace(" ", f" {root}/", 1) for method, request in named.items()}


#: What both futures products can ask over REST as well; below their root.
ORDERS_OVER_REST = {
    "order.place": "POST order",
    "order.modify": "PUT order",
    "order.status": "GET order",
    "order.cancel": "DELETE order",
    "userDataStream.start": "POST listenKey",
    "userDataStream.ping": "PUT listenKey",
    "userDataStream.stop": "DELETE listenKey",
}

#: The listen key of both futures products.
FUTURES_LISTEN_KEY = ListenKeyRequests(
    start="userDataStream.start", extend="userDataStream.ping", close="userDataStream.stop"
)


def rest_listen_key(root: str) -> ListenKeyRequests:
    """Return the requests about listen keys below a root; the answer to extending one is an empty object."""
    start, extend, close = (f"{verb} {root}/listenKey" for verb in ("POST", "PUT", "DELETE"))
    return ListenKeyRequests(start=start, extend=extend, close=close, extend_shows_it=False)


def algo_order_requests(
    *, place: str, look_up: str, cancel: str, listed: str, changing: frozenset[str], ending: frozenset[str]
) -> OrderRequests:
    """Return the requests about algo orders; `clientAlgoId` and `algoId` name one, without its symbol."""
    return OrderRequests(
        word="algo order",
        place=place,
        look_up=look_up,
        cancel=cancel,
        listed=listed,
        changing=changing,
        ending=ending,
        placed_name="clientAlgoId",
        name="clientAlgoId",
        shown_name="clientAlgoId",
        number="algoId",
        status="algoStatus",
        of_symbol=False,
        always={"algoType": "CONDITIONAL"},
    )


def futures_book(
    root: str, positions: PositionRequests, *, tests: Iterable[str] = (), has_algo_orders: bool = False
) -> TradingBook:
    """Return the book of a futures product, whose requests have the same names below its root; `tests` as they are."""

    def under(*requests: str) -> frozenset[str]:
        return frozenset(request.replace(" ", f" {root}/", 1) for request in requests)

    ending = under("DELETE allOpenOrders", "DELETE batchOrders")
    algo_ending = under("DELETE algoOpenOrders")
    return TradingBook(
        root=root,
        symbols=f"GET {root}/exchangeInfo",
        quotes=f"GET {root}/ticker/bookTicker",
        price=f"GET {root}/ticker/price",
        orders=OrderRequests(
            place="order.place",
            modify="order.modify",
            look_up="order.status",
            cancel="order.cancel",
            listed=f"GET {root}/openOrders",
            history=f"GET {root}/allOrders",
            changing=ending | under("POST batchOrders", "PUT batchOrders"),
            ending=ending,
            tests=frozenset(tests),
            always={"newOrderRespType": "RESULT"},
        ),
        algo_orders=algo_order_requests(
            place="algoOrder.place",
            look_up=f"GET {root}/algoOrder",
            cancel="algoOrder.cancel",
            listed=f"GET {root}/openAlgoOrders",
            changing=algo_ending | under("POST algoOrder"),
            ending=algo_ending,
        )
        if has_algo_orders
        else None,
        positions=positions,
    )
