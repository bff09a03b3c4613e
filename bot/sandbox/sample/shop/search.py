"""Finding products by what people type."""

from collections.abc import Iterable

from .catalogue import Product

MOST = 5  # results in one answer


def search(query: str, products: Iterable[Product]) -> list[Product]:
    """Products whose name, description or tags contain every word of `query`; at most MOST, cheapest first."""
    words = query.lower().split()
    if not words:
        return []
    found = [product for product in products if all(word in haystack(product) for word in words)]
    return sorted(found, key=lambda product: product.price)[:MOST]


def haystack(product: Product) -> str:
    """Everything about a product that a query may match, in lower case."""
    return " ".join((product.name, product.description, *product.tags)).lower()
