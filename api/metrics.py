"""Counters and timings in Prometheus form; labels are taken from fixed sets, never from a message."""

from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_TRIAGE_BUCKETS_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
_HTTP_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The metrics of one service, in a registry of its own; seconds end in ``_seconds``."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        counter = partial(Counter, registry=self.registry)
        histogram = partial(Histogram, registry=self.registry)
        self.messages = counter("qingting_messages", "Messages by what became of them.", ["outcome"])
        self.degraded = counter(
            "qingting_degraded", "Messages not fully read by machine, by reason.", ["reason"]
        )
        self.queued = counter("qingting_queued", "Messages stored, by queue and level.", ["queue", "level"])
        self.triage_seconds = histogram(
            "qingting_triage_seconds",
            "Triage of one message, waiting for a thread included.",
            buckets=_TRIAGE_BUCKETS_S,
        )
        self.requests = counter(
            "qingting_http_requests", "HTTP requests by route template.", ["method", "route", "status"]
        )
        self.request_seconds = histogram(
            "qingting_http_request_seconds",
            "HTTP requests until the answer's last byte.",
            ["method", "route"],
            buckets=_HTTP_BUCKETS_S,
        )
        self.versions = Gauge(
            "qingting_versions",
            "Always 1; the labels are the versions in use.",
            ["model", "lexicon", "policy"],
            registry=self.registry,
        )

        self.drift_distance = Gauge(
            "qingting_drift_distance",
            "Share of the newest scores that calibration does not explain, 0 to 1.",
            registry=self.registry,
        )
        self.drifted = Gauge(
            "qingting_drifted",
            "1 while live scores no longer look like calibration.",
            registry=self.registry,
        )

    def render(self) -> bytes:
        """All metrics in Prometheus' text format."""
        return generate_latest(self.registry)
