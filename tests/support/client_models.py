"""A client's models: the same order and its fills, as each library has them. Strict, so that they read alike."""

from __future__ import annotations

import dataclasses
import enum
from decimal import Decimal  # noqa: TC003  # the libraries read annotations
from typing import Any, Literal, NotRequired, TypedDict

import attrs
import msgspec
from pydantic import BaseModel, ConfigDict, Field


class Side(enum.Enum):
    """A closed enumeration."""

    BUY = "BUY"
    SELL = "SELL"


class Pydantic:
    """As pydantic has it."""

    class Fill(BaseModel):
        """A part of an order that was executed."""

        model_config = ConfigDict(strict=True)
        price: Decimal
        qty: str

    class Order(BaseModel):
        """An order with all kinds of fields."""

        model_config = ConfigDict(strict=True)
        order_id: int = Field(alias="orderId")
        side: Side
        status: Literal["NEW", "FILLED"]
        price: str | None
        rate: float
        fills: list[Pydantic.Fill] = []
        extra: dict[str, str] = {}
        anything: Any = None


Pydantic.Order.model_rebuild()


class Msgspec:
    """As msgspec has it."""

    class Fill(msgspec.Struct):
        """A part of an order that was executed."""

        price: Decimal
        qty: str

    class Order(msgspec.Struct):
        """An order with all kinds of fields."""

        order_id: int = msgspec.field(name="orderId")
        side: Side
        status: Literal["NEW", "FILLED"]
        price: str | None
        rate: float
        fills: list[Msgspec.Fill] = []
        extra: dict[str, str] = {}
        anything: Any = None


class Dataclass:
    """As the standard library has it."""

    @dataclasses.dataclass
    class Fill:
        """A part of an order that was executed."""

        price: Decimal
        qty: str

    @dataclasses.dataclass
    class Order:
        """An order with all kinds of fields."""

        order_id: int = dataclasses.field(metadata={"alias": "orderId"})
        side: Side
        status: Literal["NEW", "FILLED"]
        price: str | None
        rate: float
        fills: list[Dataclass.Fill] = dataclasses.field(default_factory=list)
        extra: dict[str, str] = dataclasses.field(default_factory=dict)
        anything: Any = None


class Attrs:
    """As attrs has it."""

    @attrs.define
    class Fill:
        """A part of an order that was executed."""

        price: Decimal
        qty: str

    @attrs.define
    class Order:
        """An order with all kinds of fields."""

        order_id: int = attrs.field(alias="orderId")
        side: Side
        status: Literal["NEW", "FILLED"]
        price: str | None
        rate: float
        fills: list[Attrs.Fill] = attrs.field(factory=list)
        extra: dict[str, str] = attrs.field(factory=dict)
        anything: Any = None


class Typed:
    """As a dictionary with types."""

    class Fill(TypedDict):
        """A part of an order that was executed."""

        price: Decimal
        qty: str

    class Order(TypedDict):
        """An order with all kinds of fields."""

        orderId: int
        side: Side
        status: Literal["NEW", "FILLED"]
        price: str | None
        rate: float
        fills: NotRequired[list[Typed.Fill]]
        extra: NotRequired[dict[str, str]]
        anything: NotRequired[Any]


EVERY = [Pydantic.Order, Msgspec.Order, Dataclass.Order, Attrs.Order, Typed.Order]
