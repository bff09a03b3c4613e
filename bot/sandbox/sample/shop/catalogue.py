"""What the shop sells."""

import json
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent.parent / "data" / "products.json"


@dataclass(frozen=True)
class Product:
    id: int
    name: str
    description: str
    price: int  # cents
    tags: tuple[str, ...]


def load(file: Path = FILE) -> dict[int, Product]:
    """The products by id. Raises ValueError when the catalogue contradicts itself."""
    products: dict[int, Product] = {}
    for row in json.loads(file.read_text(encoding="utf-8")):
        product = Product(row["id"], row["name"], row["description"], row["price"], tuple(row["tags"]))
        if product.id in products:
            raise ValueError(f"product {product.id} is listed twice")
        if product.price <= 0:
            raise ValueError(f"product {product.id} ({product.name}) has the price {product.price}")
        products[product.id] = product
    return products
