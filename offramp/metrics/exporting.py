"""Serves metrics on ports of their own, which are closed to the public."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from tempfile import TemporaryDirectory

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.gc_collector import GCCollector
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from temporalio.runtime import LoggingConfig, PrometheusConfig, Runtime, TelemetryConfig, TelemetryFilter

from offramp.config.settings import NotConfigured, Settings
from offramp.metrics import metrics

_SHARED = "PROMETHEUS_MULTIPROC_DIR"


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
    registry = _registry()
    for collector in (*metrics.PROCESS_METRICS, *collectors):
        registry.register(collector)
    with _listening(settings, number, registry):
        yield


@contextmanager
def gathered(settings: Settings, source: MetricsSource) -> Iterator[None]:
    """Serve the metrics of all processes that this one starts while the block runs, in sum. Raises NotConfigured.

    They keep them in files of a directory, which `prometheus_client` finds by the environment.
    """
    number = port(settings, source)
    if number is None:
        yield
        return
    with TemporaryDirectory(prefix="offramp-metrics-") as directory:
        os.environ[_SHARED] = directory
        registry = _registry()
        MultiProcessCollector(registry, path=directory)  # type: ignore[no-untyped-call]
        with _listening(settings, number, registry):
            yield


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


@contextmanager
def _listening(settings: Settings, number: int, registry: CollectorRegistry) -> Iterator[None]:
    with _translated(number):
        server, thread = start_http_server(number, settings.metrics_host, registry)
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


_LOGGED = LoggingConfig(
    # It warns of every journey each five seconds while an activity waits for the database to come back.
    TelemetryFilter(core_level="WARN", other_level="ERROR").formatted()
    + ",temporalio_sdk_core::worker::workflow::managed_run=ERROR"
)


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
        return Runtime(telemetry=TelemetryConfig(logging=_LOGGED, metrics=config))


@contextmanager
def _translated(number: int) -> Iterator[None]:
    try:
        yield
    except (OSError, RuntimeError, ValueError) as error:
        raise NotConfigured(
            f"metrics cannot be served on port {number}: {error}. Choose others with OFFRAMP_METRICS_PORT, "
            "the first of five, or 0 for none"
        ) from error
