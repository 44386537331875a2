"""Other gateways, installed in a scratch folder outside the repository, and how each is started.

They read no key of a provider, no database and no network but the fake provider of the benchmark. Versions stand here
and nowhere else. The folder is kept between runs: OPENROUTE_BENCH_PEERS, or `openroute-bench` in the user's cache.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import orjson

from apps.core.supervisor import die_with_parent
from tests.support.server import free_port

LITELLM: Final = "1.108.7"
PORTKEY: Final = "1.15.2"
INSTALL_S, READY_S, STOP_S = 900.0, 120.0, 10.0
MASTER_KEY: Final = "sk-benchmark-0123456789abcdef0123456789abcdef"
"""LiteLLM does not start without one; it is worth nothing."""

LITELLM_ENVIRONMENT: Final = {
    "LITELLM_TELEMETRY": "False",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",  # else it fetches its prices at each start
    "LITELLM_LOG": "ERROR",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_MASTER_KEY": MASTER_KEY,
    "DISABLE_ADMIN_UI": "True",
    "NO_DOCS": "True",
}
# What comes nearest to virtual keys without a database: a key that is looked up, with rates and a budget.
LITELLM_KEYS: Final = """
from litellm.proxy._types import UserAPIKeyAuth

async def auth(request, api_key):
    if api_key != "{key}":
        raise ValueError("unknown key")
    return UserAPIKeyAuth(
        api_key="hash", key_alias="bench", user_id="u1", team_id="t1", max_budget=1e9, spend=0.0,
        rpm_limit=100_000_000, tpm_limit=1_000_000_000_000,
    )
"""
# Portkey 1.15.2 answers 500 to every stream on Node 20: it changes headers of a reply that fetch has made immutable.
PORTKEY_MENDED: Final = """
const plain = globalThis.fetch;
globalThis.fetch = async (...given) => {
  const reply = await plain(...given);
  const headers = new Headers(reply.headers);
  return new Response(reply.body, { status: reply.status, statusText: reply.statusText, headers });
};
"""


class PeerMissing(Exception):
    """A peer cannot be installed or started here. The message says why."""


@dataclass(frozen=True, slots=True)
class Peer:
    """`command` listens on `port` of this machine and answers `ready` once it serves."""

    name: str
    port: int
    command: Sequence[str]
    ready: str
    headers: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where chat completions are asked for."""
        return f"http://127.0.0.1:{self.port}/v1/chat/completions"


def scratch() -> Path:
    """Where peers are installed."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("OPENROUTE_BENCH_PEERS") or cache / "openroute-bench")


def litellm(folder: Path, base_url: str, *, keys: bool) -> Peer:
    """LiteLLM's proxy with one worker; `keys`: with a looked-up key, rates and a budget. Raises `PeerMissing`."""
    binary = _installed_litellm() / "bin" / "litellm"
    port, place = free_port(), folder / ("litellm-keys" if keys else "litellm")
    place.mkdir(parents=True, exist_ok=True)
    configuration = {
        "model_list": [
            {"model_name": "*", "litellm_params": {"model": "openai/*", "api_base": base_url, "api_key": "x"}}
        ],
        "litellm_settings": {"num_retries": 0, "request_timeout": 60, "telemetry": False, "callbacks": []},
    }
    if keys:
        (place / "own_keys.py").write_text(LITELLM_KEYS.format(key=MASTER_KEY))
        configuration["general_settings"] = {"custom_auth": "own_keys.auth"}
    (place / "config.yaml").write_bytes(orjson.dumps(configuration))  # every JSON document is YAML
    command = [str(binary), "--config", str(place / "config.yaml"), "--host", "127.0.0.1", "--port", str(port)]
    return Peer(
        f"LiteLLM {LITELLM}{', own keys' if keys else ''}", port, [*command, "--num_workers", "1"],
        "/health/liveliness", (f"Authorization: Bearer {MASTER_KEY}",), LITELLM_ENVIRONMENT,
    )  # fmt: skip


def portkey(folder: Path, base_url: str) -> Peer:
    """Portkey's gateway, which knows no keys of its own. Raises `PeerMissing`."""
    start, node = _installed_portkey(), shutil.which("node")
    mended, port = folder / "mended.mjs", free_port()
    mended.write_text(PORTKEY_MENDED)
    return Peer(
        f"Portkey {PORTKEY}", port,
        [str(node), "--import", str(mended), str(start), f"--port={port}", "--headless"], "/",
        ("Authorization: Bearer x", "x-portkey-provider: openai", f"x-portkey-custom-host: {base_url}"),
        {"NODE_ENV": "production", "TRUSTED_CUSTOM_HOSTS": "127.0.0.1,localhost"},
    )  # fmt: skip


@contextmanager
def started(peer: Peer, folder: Path) -> Iterator[int]:
    """The process id of the peer, which ends with the block. Raises `PeerMissing` where it does not become ready."""
    log = folder / f"peer-{peer.port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            peer.command, cwd=folder, env={**_plain_environment(), **peer.environment}, stdout=out, stderr=out,
            start_new_session=True, preexec_fn=partial(die_with_parent, signal.SIGTERM),
        )  # fmt: skip
    try:
        end = time.monotonic() + READY_S
        while not _answers(f"http://127.0.0.1:{peer.port}{peer.ready}"):
            if process.poll() is not None or time.monotonic() > end:
                raise PeerMissing(f"{peer.name} did not start: {log.read_text(errors='replace')[-500:]}")
            time.sleep(0.3)
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _plain_environment() -> dict[str, str]:
    """Nothing that would make a peer call its provider, its makers or a database."""
    hidden = ("OPENAI_", "ANTHROPIC_", "DATABASE_", "REDIS_", "LITELLM_", "DJANGO_", "OPENROUTE_")
    return {name: value for name, value in os.environ.items() if not name.startswith(hidden)}


def _installed_litellm() -> Path:
    folder = scratch() / f"litellm-{LITELLM}"
    if not (folder / "installed").exists():
        _run([sys.executable, "-m", "venv", "--clear", str(folder)], "make a place for LiteLLM")
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet"]
        _run([*pip, f"litellm[proxy]=={LITELLM}"], f"install LiteLLM {LITELLM}")
        (folder / "installed").touch()
    return folder


def _installed_portkey() -> Path:
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise PeerMissing("Portkey needs Node: apt-get install nodejs npm")
    folder = scratch() / f"portkey-{PORTKEY}"
    if not (folder / "installed").exists():
        folder.mkdir(parents=True, exist_ok=True)
        install = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--silent"]
        _run([*install, f"@portkey-ai/gateway@{PORTKEY}"], f"install Portkey {PORTKEY}")
        (folder / "installed").touch()
    return folder / "node_modules" / "@portkey-ai" / "gateway" / "build" / "start-server.js"


def _run(command: Sequence[str], what: str) -> None:
    print(f"peers: {what} in {scratch()} ...", flush=True)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_S, check=False)
    except subprocess.TimeoutExpired:
        raise PeerMissing(f"It took more than {INSTALL_S:.0f} s to {what}.") from None
    if done.returncode:
        raise PeerMissing(f"It was not possible to {what}: {(done.stderr or done.stdout).strip()[-500:]}")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
