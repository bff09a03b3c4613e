"""HTTP to neighbours on this machine: a new connection for every request, and no certificates to load."""

import ssl

import httpx


def client(timeout: float, keep: bool = False) -> httpx.Client:
    """A client for plain HTTP. `keep`: connections stay open between requests."""
    limits = httpx.Limits() if keep else httpx.Limits(max_keepalive_connections=0)
    return httpx.Client(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), limits=limits, timeout=timeout, trust_env=False)
