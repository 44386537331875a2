"""One web process as `make run` and production start it, over a database of its own, with everything switched on."""

import json
import os
import subprocess
import sys
from pathlib import Path
from string import Template
from typing import Self

import orjson

from tests.support.server import ROOT, RealServer

PEOPLE = 24
"""One person may have 50 sockets at once."""
KEYS = tuple(f"or-benchmark-key-{number:04}" for number in range(PEOPLE))

_CONFIG = Template("""
providers:
  - {name: provider, adapter: openai, base_url: "$base_url", api_key: provider-key, hosting: commercial}
  - {name: inside, adapter: openai, base_url: "$base_url", api_key: provider-key, hosting: self_hosted}
models: $models
tenants:
  - slug: bench
    name: Bench
    users: $users
    budgets: [{period: month, limit: "1000000.00"}]
    teams: [{slug: team, name: Team, budgets: [{period: month, limit: "1000000.00"}], api_keys: $keys}]
    policy:
      strategy: cheapest
      titles: false
      max_output_tokens: 500
      rules:
        - {when: {sensitivity: sensitive}, require: {hosting: self_hosted}}
        - {when: {context_tokens: {min: 50000}}, require: {capabilities: [json]}}
""")

PLAIN, BURST, PACED, LONG = "a-plain", "b-burst", "c-paced", "d-long"
_UPSTREAMS = {  # what a model does stands in the name that its provider sees (upstream.c)
    PLAIN: "bench-k-n20",
    BURST: "bench-k-n50",
    PACED: "bench-k-n40-d50-f50",  # 20 tokens a second for two seconds
    LONG: "bench-k-n200-d50",  # ten seconds
    "e-inside": "bench-k-n20",
    "f-inside": "bench-k-n20",
}


def config(base_url: str) -> str:
    """Six models to choose from, two budgets, two rules: what a decision has to weigh."""
    models = [
        {
            "name": name,
            "provider": "inside" if name.endswith("inside") else "provider",
            "upstream": upstream,
            "context_tokens": 100_000,
            "max_output_tokens": 4_000,
            "price": {"input": f"{place + 1}", "output": f"{4 * place + 4}"},
            "capabilities": ["tools", "json"],
            "strengths": {"coding": 0.5, "math": 0.5, "writing": 0.5 + place / 20},
        }
        for place, (name, upstream) in enumerate(_UPSTREAMS.items())
    ]
    users = [
        {"email": f"p{number}@bench.example", "name": f"Person {number}", "role": "employee", "teams": ["team"]}
        for number in range(PEOPLE)
    ]
    keys = [
        {"name": f"k{number}", "user": user["email"], "scopes": ["chat", "models"], "value": KEYS[number]}
        for number, user in enumerate(users)
    ]
    return _CONFIG.substitute(
        base_url=base_url, models=json.dumps(models), users=json.dumps(users), keys=json.dumps(keys)
    )


class Installation(RealServer):
    """A `RealServer` started by the command of production, whose processor time can be read."""

    def start(self) -> Self:
        command = [sys.executable, "-m", "openroute_site.serve", "--port", str(self.port)]
        log = (self.folder / "server.log").open("ab")
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
        )
        self._wait_until_ready()
        return self

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def cpu_s(self) -> float:
        """User and system seconds that the process has used so far, to 10 ms."""
        fields = _stat(self.pid)
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_mb(self) -> float:
        """Memory that the process holds now."""
        return int(_stat(self.pid)[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def question(model: str, text: str, *, stream: bool) -> str:
    """The body of a chat completion."""
    body = {
        "model": model,
        "messages": [
            {"role": "system", "content": "You are a helpful assistant."},
            {"role": "user", "content": text},
        ],
        "temperature": 0.3,
    }
    return orjson.dumps(body | ({"stream": True, "stream_options": {"include_usage": True}} if stream else {})).decode()
