"""Figures for Prometheus: requests as each process counts them, all else as it is when it is asked for."""

import os
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector

from apps.dashboard import status
from kzmedia.monitoring import readiness

# The labels take few values: kinds are the parts of the site, statuses the five hundreds.
requests_total = Counter("kzmedia_requests", "Requests answered", ["kind", "method", "status"])
request_seconds = Histogram(
    "kzmedia_request_seconds",
    "Seconds until an answer begins",
    ["kind"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


def count_request(kind: str, method: str, status_code: int, seconds: float) -> None:
    requests_total.labels(kind, method, f"{status_code // 100}xx").inc()
    request_seconds.labels(kind).observe(seconds)


class Now(Collector):
    """Asked of PostgreSQL, Redis and the disk at the moment of asking; what does not answer is left out."""

    def collect(self) -> Iterator[Metric]:
        checks = readiness.look()
        ready = GaugeMetricFamily("kzmedia_ready", "1 where a check is passed", labels=["check"])
        for check in checks:
            ready.add_metric([check.name], float(check.is_well))
            if check.value is not None:
                yield GaugeMetricFamily(f"kzmedia_{check.name}_{check.unit}", check.about, value=check.value)
        yield ready
        if any(check.name == "database" and check.is_well for check in checks):
            yield from measure_collecting()


def measure_collecting() -> Iterator[Metric]:
    shown = {
        "accounts": "Accounts read by program",
        "read_today": "Accounts read today",
        "attention": "Accounts that need attention",
    }
    families = {
        name: GaugeMetricFamily(f"kzmedia_{name}", about, labels=["platform"])
        for name, about in shown.items()
    }
    for line in status.per_platform():
        for name, found in zip(shown, (line.collected, line.read_today, line.attention), strict=True):
            families[name].add_metric([line.platform], found)
    yield from families.values()
    yield GaugeMetricFamily(
        "kzmedia_held", "Counts that wait for an editor's word", value=status.held_count()
    )


def page() -> bytes:
    """Write Prometheus' text format. Under gunicorn the counts of all its processes together."""
    registry = CollectorRegistry()
    registry.register(Now())
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(REGISTRY) + generate_latest(registry)
