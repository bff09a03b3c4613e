"""Which version production serves and how an app answers the probes. Hosts come from configuration only."""

import re
import ssl
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import httpx

from bot.sop.facts import ProbeAnswer, Round, Sample
from bot.sop.policy import Probe, Production, VersionSource
from bot.sop.probes import answer, as_version, at_path, parse
from bot.sop.unreached import why

LARGEST: Final = 1024 * 1024  # bytes of a body
AT_ONCE: Final = 10  # reads in parallel
REDIRECTS: Final = 5
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


class Unreached(Exception):
    """There is no answer to use; the text says why and holds no secret."""


class Got(NamedTuple):
    """An answer read whole."""

    status: int
    headers: httpx.Headers
    text: str


def read_round(production: Production, now: datetime) -> Round:
    """One round of `production.samples` reads of the version, each over a fresh connection, some in parallel.

    Never raises: a read that failed is a sample with its error.
    """
    trusted = _trusted(production.url)
    with ThreadPoolExecutor(min(production.samples, AT_ONCE), "version") as pool:
        samples = tuple(pool.map(lambda _: _sample(production, trusted), range(production.samples)))
    return Round(at=now, samples=samples)


def play(
    probes: tuple[Probe, ...], base_url: str, env: Mapping[str, str], timeout: timedelta
) -> tuple[ProbeAnswer, ...]:
    """Plays the probes against an app, in order; one normalised answer each, a failed one with its error.

    `$NAME` in a header's value is read from `env`; such values are masked wherever the app echoes them.
    """
    trusted = _trusted(base_url)
    return tuple(_play_one(probe, base_url, env, trusted, timeout) for probe in probes)


# --- versions


def _sample(production: Production, trusted: ssl.SSLContext) -> Sample:
    source = production.version
    try:
        with _client(production.url, trusted, production.timeout) as client:
            url = _url(production.url, source.path)
            got = _fetch(client, "GET", url, {"Cache-Control": "no-cache"}, None, production.timeout)
        return Sample(version=as_version(_served(got, source), source))
    except Unreached as why:
        return Sample(error=str(why))


def _served(got: Got, source: VersionSource) -> str:
    """The version as it is served. Raises Unreached when the answer has none."""
    if 300 <= got.status < 400:
        raise Unreached(f"redirects to {_cut(got.headers.get('location', 'nowhere'))}, which is another host")
    if got.status != 200:
        raise Unreached(f"{source.path} answered {got.status}")
    value = got.headers.get(source.header) if source.header else at_path(parse(got.text), source.field)
    where = f"header {source.header}" if source.header else f"field {source.field}"
    if isinstance(value, bool) or not isinstance(value, str | int) or not str(value).strip():
        raise Unreached(f"{source.path} has no {where}")
    return _cut(str(value))


# --- probes


def _play_one(
    probe: Probe, base_url: str, env: Mapping[str, str], trusted: ssl.SSLContext, timeout: timedelta
) -> ProbeAnswer:
    try:
        headers, secrets = _headers(probe, env)
        with _client(base_url, trusted, timeout) as client:  # its own: no cookie of one probe reaches another
            got = _fetch(client, probe.method, _url(base_url, probe.path), headers, probe.body, timeout)
    except Unreached as why:
        return ProbeAnswer(name=probe.name, error=str(why))
    return answer(probe, got.status, _masked(got.text, secrets))


def _headers(probe: Probe, env: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The probe's headers with `$NAME` filled in, and the values that came from `env`, by name.

    Checked here because a transport's error would quote the value. Raises Unreached.
    """
    secrets: dict[str, str] = {}
    filled: dict[str, str] = {}
    for header, value in probe.headers.items():
        for name in re.findall(r"\$([A-Z_][A-Z0-9_]*)", value):
            if not env.get(name):
                raise Unreached(f"header {header} wants ${name}, which is not set in the environment")
            secrets[name] = env[name].strip()
        filled[header] = re.sub(r"\$([A-Z_][A-Z0-9_]*)", lambda found: secrets[found[1]], value)
        if not re.fullmatch(r"[\t\x20-\x7e]*", filled[header]):
            raise Unreached(f"header {header} has characters that a header cannot carry")
    return filled, secrets


def _masked(text: str, secrets: dict[str, str]) -> str:
    for name, value in secrets.items():
        if len(value) >= 4:  # shorter ones are no secrets, and would mask half of a page
            text = text.replace(value, f"${name}")
    return text


# --- one request


def _client(base_url: str, trusted: ssl.SSLContext, timeout: timedelta) -> httpx.Client:
    # A proxy named in the environment is for other hosts: it would ask itself for 127.0.0.1.
    proxies = urlsplit(base_url).hostname not in LOOPBACK
    headers = {"User-Agent": "slipway", "Accept-Encoding": "identity"}
    return httpx.Client(verify=trusted, timeout=timeout.total_seconds(), headers=headers, trust_env=proxies)


def _trusted(base_url: str) -> ssl.SSLContext:
    """The authorities to trust; none where nothing is encrypted, since loading them takes 40 ms."""
    return httpx.create_ssl_context() if base_url.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _url(base: str, path: str) -> str:
    return base.rstrip("/") + path


def _fetch(client: httpx.Client, method: str, url: str, headers: dict[str, str], body: Any, timeout: timedelta) -> Got:
    """Sends one request and follows redirects within its host. The answer to a redirect elsewhere is that redirect.

    Raises Unreached: no connection, no whole answer within `timeout`, or a body above LARGEST.
    """
    deadline = time.monotonic() + timeout.total_seconds()
    try:
        request = client.build_request(method, url, headers=headers, **({} if body is None else {"json": body}))
        for _ in range(REDIRECTS + 1):
            with closing(client.send(request, stream=True)) as response:
                following = response.next_request
                if following is None or _origin(following.url) != _origin(request.url):
                    return Got(response.status_code, response.headers, _text(response, deadline))
                request = following
        raise Unreached(f"redirects more than {REDIRECTS} times")
    except httpx.TimeoutException as e:
        raise Unreached(f"no answer within {timeout.total_seconds():g} s") from e
    except httpx.ConnectError as e:
        raise Unreached(f"could not connect: {_cut(str(e))}") from e
    except (httpx.HTTPError, httpx.InvalidURL) as e:
        raise Unreached(_cut(str(e)) or why(e)) from e


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _text(response: httpx.Response, deadline: float) -> str:
    """The body as text. A body that trickles in keeps every single read short: the deadline is for the whole."""
    data = bytearray()
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > LARGEST:
            raise Unreached("the body is larger than 1 MiB")
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the body takes too long")
    return data.decode(response.encoding or "utf-8", "replace")


def _cut(text: str) -> str:
    return text if len(text) <= 200 else text[:200] + "…"
