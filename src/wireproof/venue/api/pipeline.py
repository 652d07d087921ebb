"""The one way of every request, over REST and over the WebSocket API, from its parameters to its outcome.

1. It is counted, and its weight charged to the IP, in its product's pool; some REST requests have a limit per five
   minutes as well.
2. A request that there is not is refused; so is one that an `answer` fault strikes.
3. It proves who it is from. The order of the checks follows docs/exchange.md#order-of-checks: a parameter that is
   missing is named (-1102) whether or not the rest of the request is good; then the key, then the time, then the
   signature, so that nobody without the key learns anything of the account. The values themselves come last.
4. An order is charged to the account, and so is the weight of some requests.
5. The operation is carried out. A refusal, from wherever it comes, gets the product's number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wireproof.venue.api.call import Call, CallCredentials, CallSecurity, Operation, Services, VenueProduct
from wireproof.venue.base.auth import KEY_LENGTH, check_time
from wireproof.venue.base.refusals import Refusal, malformed_key, missing, rejected_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from wireproof.venue.base.faults import Fault
    from wireproof.venue.base.params import Params
    from wireproof.venue.base.rate_limits import CountLimit
    from wireproof.venue.exchange.records import Account

UNKNOWN_WEIGHT = 1  # docs/exchange.md#weight-of-unknown-methods


@dataclass(slots=True)
class Arrival:
    """A request as it came in, over whichever API.

    `name` is what it is counted as; `operation` is None for a request that there is not, which `unknown` refuses.
    `limit` is charged beside its weight; `fault` is the one that strikes it.
    """

    product: VenueProduct
    operation: Operation | None
    name: str
    params: Params
    ip: str
    credentials: Callable[[Operation], CallCredentials]
    unknown: Callable[[], Refusal]
    limit: CountLimit | None = None
    fault: Fault | None = None


@dataclass(slots=True)
class Handled:
    """What came of a request: its `result` or its `refusal`, whom it proved to be from, and what it weighed."""

    weight: int
    result: Any = None
    refusal: Refusal | None = None
    account: Account | None = None


def serve(services: Services, arrival: Arrival) -> Handled:
    """Carry a request out, or refuse it."""
    pool, era = services.pool_of(arrival.product), services.engine.era
    operation, params, ip, fault = arrival.operation, arrival.params, arrival.ip, arrival.fault
    services.requests["?" if operation is None else arrival.name] += 1
    served = Handled(UNKNOWN_WEIGHT if operation is None else era.weight(operation.name, operation.weight(params)))
    if fault is not None and fault.kind == "weight":
        served.weight = fault.weight
    try:
        by_account = operation is not None and operation.by_account
        pool.weights.charge(ip, 0 if by_account else served.weight)
        if arrival.limit is not None:
            arrival.limit.charge(ip)
        if operation is None:
            raise arrival.unknown()  # one place gives refusals their number
        if fault is not None and fault.kind == "answer":
            raise fault.refusal(services.engine.clock.now_ms())
        if operation.security is CallSecurity.NONE:
            params.need(era.needs(operation.name, operation.mandatory))
        else:
            served.account = authenticate(services, operation, params, arrival.credentials(operation))
            if by_account:
                pool.account_weights.charge(served.account.name, served.weight)
            if operation.orders:
                pool.orders.charge(served.account.name, operation.orders)
        served.result = operation.carry_out(Call(services, arrival.product, params, ip, served.account))
        if fault is not None and fault.kind == "answer-after":
            raise fault.refusal(services.engine.clock.now_ms())
    except Refusal as refusal:
        served.refusal = arrival.product.refused(refusal, ip)
    return served


def authenticate(services: Services, operation: Operation, params: Params, credentials: CallCredentials) -> Account:
    """Return the account that a request is from; raise `Refusal` unless it proves so."""
    params.need(services.engine.era.needs(operation.name, operation.mandatory))
    signed = operation.security is CallSecurity.SIGNED
    timestamp = 0
    session = credentials.logged_on
    if credentials.header:
        if credentials.api_key is None or len(credentials.api_key) != KEY_LENGTH:
            raise malformed_key()
    elif not credentials.api_key and session is None:
        raise missing("apiKey")
    if signed:
        timestamp = params.needed_integer("timestamp")
        own_key = credentials.api_key and not (session and session.key.api_key == credentials.api_key)
        if not credentials.signature and (session is None or own_key):
            raise missing("signature")
    account = services.engine.account_of(credentials.api_key) if credentials.api_key else session
    if account is None or account.key.revoked:
        raise rejected_key()
    if signed:
        check_time(timestamp, params.integer("recvWindow"), services.engine.clock.beside(timestamp))
        if credentials.signature:
            services.signatures.verify(account.key, credentials.payloads(), credentials.signature)
    return account
