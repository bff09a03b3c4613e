"""What /metrics shows: counters kept by this process, and gauges counted in the database when they are read."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, GCCollector, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector


@dataclass(frozen=True)
class Counts:
    """What the database holds now. Ages are in seconds."""

    releases: Mapping[str, int] = field(default_factory=dict)  # by status
    outbox_due: int = 0
    outbox_parked: int = 0
    outbox_oldest: float = 0.0


class _Stored(Collector):
    """Gauges that are counted in the database at each read."""

    def __init__(self, count: Callable[[], Counts]) -> None:
        self.count = count

    def collect(self) -> Iterable[Metric]:
        counts = self.count()
        releases = GaugeMetricFamily("slipway_releases", "Releases by status", labels=["status"])
        for status, number in sorted(counts.releases.items()):
            releases.add_metric([status], number)
        yield releases
        yield GaugeMetricFamily("slipway_outbox_due", "Outgoing acts that are due", value=counts.outbox_due)
        yield GaugeMetricFamily(
            "slipway_outbox_parked", "Outgoing acts that could not be delivered", value=counts.outbox_parked
        )
        yield GaugeMetricFamily(
            "slipway_outbox_oldest_seconds", "Age of the oldest due outgoing act", value=counts.outbox_oldest
        )


class Metrics:
    """The counters of one process. Safe to call from any thread."""

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, version: str, count: Callable[[], Counts]) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "slipway_http_requests", "Requests by route", ["route", "method", "status"], registry=self.registry
        )
        self._effects = Counter(
            "slipway_effects", "Outgoing acts by kind and outcome", ["kind", "outcome"], registry=self.registry
        )
        self._looks = Counter("slipway_look_errors", "Looks outside that failed", ["what"], registry=self.registry)
        Gauge("slipway_build_info", "Version", ["version"], registry=self.registry).labels(version).set(1)
        Gauge("slipway_started_seconds", "When this process started, Unix time", registry=self.registry).set(
            time.time()
        )
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        self.registry.register(_Stored(count))

    def requested(self, route: str, method: str, status: int) -> None:
        self._requests.labels(route, method, str(status)).inc()

    def performed(self, kind: str, outcome: str) -> None:
        """`outcome`: done, later or parked."""
        self._effects.labels(kind, outcome).inc()

    def look_failed(self, what: str) -> None:
        self._looks.labels(what).inc()

    def page(self) -> bytes:
        """The Prometheus text format. Counts in the database: not for an event loop."""
        return generate_latest(self.registry)
