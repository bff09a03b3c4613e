"""The shop: catalogue, cart and search over HTTP."""

__version__ = "1.4.0"
