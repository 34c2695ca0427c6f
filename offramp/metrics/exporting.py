"""Serves metrics on ports of their own, which are closed to the public."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from offramp.config.settings import NotConfigured, Settings
from offramp.metrics import metrics


class MetricsSource(IntEnum):
    """The sources of metrics. Each value is the distance of the source's port from the first port."""

    DATABASE = 0
    PAGES = 1
    WORKER = 2
    TEMPORAL_CLIENT = 3
    TEMPORAL_SERVER = 4


PURPOSES = {
    MetricsSource.DATABASE: "the database's figures",
    MetricsSource.PAGES: "metrics of the pages",
    MetricsSource.WORKER: "metrics of the worker",
    MetricsSource.TEMPORAL_CLIENT: "metrics of the worker's Temporal client",
    MetricsSource.TEMPORAL_SERVER: "metrics of Temporal",
}


def port(settings: Settings, source: MetricsSource) -> int | None:
    """The port of a source; None if metrics are switched off."""
    return settings.metrics_port + source if settings.metrics_port else None


@contextmanager
def served(settings: Settings, source: MetricsSource, *collectors: Collector) -> Iterator[None]:
    """Serve the metrics of this process and of `collectors` while the block runs. Raises NotConfigured."""
    number = port(settings, source)
    if number is None:
        yield
        return
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    for collector in (*metrics.PROCESS_METRICS, *collectors):
        registry.register(collector)
    with _translated(number):
        server, thread = start_http_server(number, settings.metrics_host, registry)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def temporal_runtime(settings: Settings) -> Runtime | None:
    """A runtime of Temporal's client that serves its metrics; None if metrics are off. Raises NotConfigured."""
    number = port(settings, MetricsSource.TEMPORAL_CLIENT)
    if number is None:
        return None
    host = f"[{settings.metrics_host}]" if ":" in settings.metrics_host else settings.metrics_host
    config = PrometheusConfig(
        bind_address=f"{host}:{number}",
        counters_total_suffix=True,
        unit_suffix=True,
        durations_as_seconds=True,
    )
    with _translated(number):
        return Runtime(telemetry=TelemetryConfig(metrics=config))


@contextmanager
def _translated(number: int) -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError, ValueError) as error:
        raise NotConfigured(
            f"metrics cannot be served on port {number}: {error}. Choose others with OFFRAMP_METRICS_PORT, "
            "the first of five, or 0 for none"
        ) from error
