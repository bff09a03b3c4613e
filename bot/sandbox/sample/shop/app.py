"""The shop over HTTP. `python3 -m shop.app` serves it on 127.0.0.1:$PORT (0: any free port)."""

import json
import os
import socketserver
import sys
import traceback
import uuid
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import catalogue, checkout, pages
from .search import search

BUILD = Path(__file__).parent.parent / "build" / "build.json"


class Problem(Exception):
    """An answer other than 200: status and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class Shop:
    """Everything the shop answers; built once at the start."""

    def __init__(self, build: dict[str, str]) -> None:
        self.build = build
        self.products = catalogue.load()
        self.started_at = now()

    def version(self, _query: dict[str, str]) -> dict[str, Any]:
        return {**self.build, "started_at": self.started_at}

    def healthz(self, _query: dict[str, str]) -> dict[str, Any]:
        return {"ok": True}

    def list_products(self, _query: dict[str, str]) -> dict[str, Any]:
        products = [asdict(product) for product in self.products.values()]
        return {"request_id": str(uuid.uuid4()), "served_at": now(), "products": products}

    def product(self, number: str) -> dict[str, Any]:
        if not number.isdigit() or int(number) not in self.products:
            raise Problem(404, f"there is no product {number}")
        return asdict(self.products[int(number)])

    def cart_total(self, query: dict[str, str]) -> dict[str, Any]:
        items = numbers(query.get("items", "").split(","))
        return {"items": items, "currency": "EUR", **asdict(checkout.total(items, self.products))}

    def search(self, query: dict[str, str]) -> dict[str, Any]:
        found = search(query.get("q", ""), self.products.values())
        return {"query": query.get("q", ""), "products": [{"id": p.id, "name": p.name} for p in found]}

    def quote(self, body: dict[str, Any]) -> dict[str, Any]:
        items = numbers(body.get("items", []))
        cost = checkout.total(items, self.products)
        sending = checkout.shipping(cost.total, str(body.get("country", "DE")))
        return {
            "quote_id": str(uuid.uuid4()),
            "items": items,
            **asdict(cost),
            "shipping": sending,
            "to_pay": cost.total + sending,
            "packed_in_minutes": checkout.PACKING_MINUTES,
        }

    def account(self, key: str | None) -> dict[str, Any]:
        if key != os.environ.get("SHOP_API_KEY", "open-sesame"):
            raise Problem(401, "X-Api-Key is missing or wrong")
        return {"customer": "Example Ltd", "invoices": 3}

    def front(self) -> str:
        return pages.front(self.products.values(), self.build["version"], self.build["commit"])


def now() -> str:
    """The time in ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def numbers(values: Any) -> list[int]:
    """Product ids out of what a client sent. Raises Problem."""
    try:
        return [int(value) for value in values]
    except (TypeError, ValueError) as error:
        raise Problem(400, "items must be product ids, such as 1,1,2") from error


def routes(shop: Shop) -> dict[str, Callable[[dict[str, str]], dict[str, Any]]]:
    """What GET answers by path."""
    return {
        "/version": shop.version,
        "/healthz": shop.healthz,
        "/products": shop.list_products,
        "/cart/total": shop.cart_total,
        "/search": shop.search,
    }


def answer(shop: Shop, method: str, target: str, body: bytes, api_key: str | None) -> str | dict[str, Any]:
    """The answer to one request: a page or JSON. Raises Problem."""
    url = urlsplit(target)
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    if method == "POST":
        if url.path != "/checkout/quote":
            raise Problem(404, f"nothing at {url.path}")
        return shop.quote(json_object(body))
    if url.path == "/":
        return shop.front()
    if url.path == "/account":
        return shop.account(api_key)
    if url.path.startswith("/products/"):
        return shop.product(url.path.removeprefix("/products/"))
    if url.path not in routes(shop):
        raise Problem(404, f"nothing at {url.path}")
    return routes(shop)[url.path](query)


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a request's body. Raises Problem."""
    try:
        value = json.loads(body)
    except ValueError as error:
        raise Problem(400, "the body is not JSON") from error
    if not isinstance(value, dict):
        raise Problem(400, "the body is not a JSON object")
    return value


class Handler(BaseHTTPRequestHandler):
    """One connection; the shop hangs on the server."""

    server: "Address"

    def do_GET(self) -> None:
        self.respond("GET", b"")

    def do_HEAD(self) -> None:
        self.respond("GET", b"")

    def do_POST(self) -> None:
        self.respond("POST", self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def respond(self, method: str, body: bytes) -> None:
        status = 200
        try:
            result = answer(self.server.shop, method, self.path, body, self.headers.get("X-Api-Key"))
        except Problem as problem:
            status, result = problem.status, {"error": str(problem)}
        except checkout.UnknownProduct as problem:
            status, result = 404, {"error": str(problem)}
        except Exception as problem:
            traceback.print_exc()
            status, result = 500, {"error": f"{type(problem).__name__}: {problem}"}
        page = isinstance(result, str)
        payload = (result if isinstance(result, str) else json.dumps(result)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8" if page else "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)


class Address(ThreadingHTTPServer):
    """The listening socket. The parent class would ask the DNS for the host's name, which can hang."""

    daemon_threads = True

    def __init__(self, port: int, shop: Shop) -> None:
        self.shop = shop
        super().__init__(("127.0.0.1", port), Handler)

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]


def main() -> None:
    if not BUILD.exists():
        sys.exit("The shop is not built: run bin/build first.")
    address = Address(int(os.environ.get("PORT", "8080")), Shop(json.loads(BUILD.read_text(encoding="utf-8"))))
    print(f"shop listening on http://127.0.0.1:{address.server_port}", flush=True)
    try:
        address.serve_forever()
    except KeyboardInterrupt:
        address.server_close()


if __name__ == "__main__":
    main()
