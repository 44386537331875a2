"""What Prometheus scrapes. Labels are names from the code, never ids, people or tenants: their number is bounded."""

import os

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

from apps.core.headers import Message, Send

REPLIES = Counter("openroute_http_replies", "Replies by surface and status.", ["surface", "status"])
SOCKETS = Gauge("openroute_websockets", "Open websockets.", multiprocess_mode="livesum")
JOBS = Counter("openroute_jobs", "Runs of background jobs by kind and outcome.", ["kind", "outcome"])
JOB_SECONDS = Histogram("openroute_job_seconds", "Duration of background jobs.", ["kind"])
WRITER_BATCH = Histogram("openroute_writer_batch", "Operations per commit.", buckets=(1, 2, 4, 8, 16, 32, 64, 128))

MULTIPROCESS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def render() -> bytes:
    """The text format. With several web processes their files are added up, whichever of them is asked."""
    if not os.environ.get(MULTIPROCESS_FOLDER):
        return generate_latest()
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def counting(send: Send, *, surface: str) -> Send:
    """A `send` that counts the reply by its status."""

    async def send_counted(message: Message) -> None:
        if message["type"] == "http.response.start":
            REPLIES.labels(surface, str(message["status"])).inc()
        await send(message)

    return send_counted
