"""`python -m apps.operations.demo_models.server --port 8901`: the demo models on an address of this machine."""

import argparse
import os

import uvicorn

from apps.operations.demo_models.app import DemoServer


def main() -> None:
    """Serve until a signal comes. `DEMO_TOKENS_PER_S` sets the pace, `DEMO_API_KEY` a key that callers must send."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    asked = parser.parse_args()
    app = DemoServer(
        tokens_per_s=float(os.environ.get("DEMO_TOKENS_PER_S", "60")), api_key=os.environ.get("DEMO_API_KEY", "")
    )
    uvicorn.run(
        app, host=asked.host, port=asked.port, log_level="critical", access_log=False, lifespan="off",
        timeout_graceful_shutdown=2,
    )  # fmt: skip


if __name__ == "__main__":
    main()
