"""The shop's one page for people."""

from collections.abc import Iterable
from html import escape

from .catalogue import Product

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>shop</title>
<style>body{{font:16px system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem;color:#1d2b33}}
td{{padding:.5rem .75rem .5rem 0;border-top:1px solid #dde4e8}}td:last-child{{text-align:right}}
table{{width:100%;border-collapse:collapse}}small{{color:#5d6f79}}</style>
<h1>shop</h1><table>{rows}</table><p><small>{version} at <code>{commit}</code></small></p></html>"""


def front(products: Iterable[Product], version: str, commit: str) -> str:
    """The front page as HTML."""
    rows = "".join(
        f"<tr><td>{escape(product.name)}<br><small>{escape(product.description)}</small>"
        f"<td>{product.price / 100:.2f} €</tr>"
        for product in products
    )
    return PAGE.format(rows=rows, version=escape(version), commit=escape(commit[:7]))
