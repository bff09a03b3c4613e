"""What a cart costs and when it arrives. Money is in cents."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .catalogue import Product

BULK_FROM = 3  # items in one cart
BULK_DISCOUNT_PERCENT = 10
FREE_SHIPPING_FROM = 5000
SHIPPING = {"DE": 490, "AT": 690, "FR": 890}
SHIPPING_ELSEWHERE = 1490
PACKING_MINUTES = 45


class UnknownProduct(ValueError):
    """A cart names a product that is not in the catalogue."""


@dataclass(frozen=True)
class Total:
    subtotal: int
    discount: int
    total: int


def discount_percent() -> int:
    """The bulk discount; the environment may override it."""
    return int(os.environ.get("SHOP_DISCOUNT_PERCENT") or BULK_DISCOUNT_PERCENT)


def total(items: Sequence[int], products: Mapping[int, Product]) -> Total:
    """The sum over `items` (product ids, repeated as often as bought). Raises UnknownProduct."""
    subtotal = 0
    for item in items:
        if item not in products:
            raise UnknownProduct(f"there is no product {item}")
        subtotal += products[item].price
    discount = subtotal * discount_percent() // 100 if len(items) >= BULK_FROM else 0
    return Total(subtotal, discount, subtotal - discount)


def shipping(amount: int, country: str) -> int:
    """What sending goods worth `amount` to `country` (two letters) costs."""
    if amount >= FREE_SHIPPING_FROM:
        return 0
    return SHIPPING.get(country, SHIPPING_ELSEWHERE)
