"""CPU per call of the openai adapter, from request values to chunks, against the same bytes read raw.

    python -m tests.benchmarks.bench_adapter [--calls 2000] [--concurrency 16]

The provider is a process of its own, so that its work does not count. Times are this process's own CPU.
"""

import argparse
import asyncio
import os
import time
from collections.abc import Awaitable, Callable

import django
import orjson
import uvloop

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openroute_site.settings.test")
os.environ["OUTBOUND_ALLOW_HOSTS"] = "127.0.0.1"
django.setup()

from apps.domain.egress import Clearance  # noqa: E402
from apps.domain.privacy import PrivacyAction, Sensitivity  # noqa: E402
from apps.providers import services  # noqa: E402
from apps.providers.adapters._http import Outbound  # noqa: E402
from apps.providers.adapters.openai import PLUGIN  # noqa: E402
from tests.support.model_calls import a_call, a_provider, an_endpoint, outcome_of  # noqa: E402
from tests.support.upstream_process import upstream_process  # noqa: E402

CASES = {
    "20 tokens, one read": "@tokens=20",
    "100 tokens, one read": "@tokens=100",
    "20 tokens, 20 reads": "@tokens=20,delay_s=0.002",
}
TEXT = "What is the capital of France, and why? " * 10
CLEAN = Clearance(Sensitivity.CLEAN)

Once = Callable[[str], Awaitable[object]]


async def _measure(once: Once, upstream: str, *, calls: int, concurrency: int) -> float:
    """CPU milliseconds per call."""
    await asyncio.gather(*(once(upstream) for _ in range(concurrency)))
    left = iter(range(calls))

    async def work() -> None:
        for _ in left:
            await once(upstream)

    started = time.process_time()
    await asyncio.gather(*(work() for _ in range(concurrency)))
    return (time.process_time() - started) * 1000 / calls


def _ways(base_url: str, outbound: Outbound) -> dict[str, Once]:
    session, endpoint, provider = outbound.session(base_url), an_endpoint(base_url), a_provider(base_url)

    async def raw(upstream: str) -> None:
        body = orjson.dumps({"model": upstream, "stream": True, "messages": [{"role": "user", "content": TEXT}]})
        async with session.post(f"{base_url}/chat/completions", data=body) as response:
            await response.read()

    async def adapter(upstream: str) -> None:
        outcome = await outcome_of(PLUGIN.stream(a_call(TEXT, upstream=upstream), endpoint, session))
        assert outcome.finish is not None, outcome.error

    async def clear() -> Clearance:
        return CLEAN

    async def service(upstream: str) -> None:
        stream = services.stream(
            a_call(TEXT, upstream=upstream),
            clear=clear,
            current_action=lambda: PrivacyAction.SELF_HOSTED,
            lookup=lambda _: provider,
        )
        assert (await outcome_of(stream)).finish is not None

    return {"raw aiohttp": raw, "adapter": adapter, "services.stream": service}


async def _run(base_url: str, *, calls: int, concurrency: int) -> None:
    outbound = Outbound(["127.0.0.1"])
    ways = _ways(base_url, outbound)
    print(f"CPU ms per call, {calls} calls, {concurrency} at once")
    print("| answer | " + " | ".join(ways) + " |\n|---" + "|---:" * len(ways) + "|")
    for name, marks in CASES.items():
        figures = [await _measure(w, f"stub{marks}", calls=calls, concurrency=concurrency) for w in ways.values()]
        print(f"| {name} | " + " | ".join(f"{figure:.3f}" for figure in figures) + " |")
    await outbound.close()
    await services.shutdown()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=2000)
    parser.add_argument("--concurrency", type=int, default=16)
    asked = parser.parse_args()
    with upstream_process() as upstream:
        uvloop.run(_run(upstream.base_url, calls=asked.calls, concurrency=asked.concurrency))


if __name__ == "__main__":
    main()
