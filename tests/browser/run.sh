#!/bin/sh
# The browser journeys, against a real server with the demo company: tests/browser/run.sh [vitest's arguments]
# Everything it starts and stores is its own, and is gone afterwards. SHOTS=folder keeps a picture of each stage.
# SERVER_URL and DEMO_MODELS_URL name servers that run already; then nothing is started.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
python="$root/.venv/bin/python"
cd "$root"

free_port() { "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

if [ -z "${SERVER_URL:-}" ]; then
  [ -f frontend/dist/index.html ] || npm --prefix frontend run build --silent
  STATE_DIR=$(mktemp -d)
  port=$(free_port)
  DEMO_MODELS_PORT=$(free_port)
  SERVER_URL="http://127.0.0.1:$port"
  DEMO_MODELS_URL="http://127.0.0.1:$DEMO_MODELS_PORT"
  DJANGO_SETTINGS_MODULE=openroute_site.settings.local
  ALLOWED_ORIGINS=$SERVER_URL
  DEMO_TOKENS_PER_S=40
  export STATE_DIR DEMO_MODELS_PORT SERVER_URL DEMO_MODELS_URL DJANGO_SETTINGS_MODULE ALLOWED_ORIGINS DEMO_TOKENS_PER_S
  unset DATABASE_URL REDIS_URL OPENAI_API_KEY 2>/dev/null || true
  web='' models=''
  stop() {
    # shellcheck disable=SC2086 - two numbers, or none
    kill $web $models 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$STATE_DIR"
  }
  trap stop EXIT
  trap 'exit 130' INT TERM

  "$python" manage.py migrate --no-input --verbosity 0
  "$python" manage.py demo >/dev/null
  "$python" -m apps.operations.demo_models.server --port "$DEMO_MODELS_PORT" & models=$!
  "$root/.venv/bin/uvicorn" openroute_site.asgi:application --port "$port" --log-level warning >"$STATE_DIR/web.log" 2>&1 & web=$!
  tries=0
  until "$python" -c "import urllib.request as r; r.urlopen('$SERVER_URL/readyz', timeout=1)" 2>/dev/null; do
    tries=$((tries + 1))
    if [ "$tries" -gt 60 ] || ! kill -0 "$web" 2>/dev/null; then
      echo "The server did not start:" >&2
      cat "$STATE_DIR/web.log" >&2
      exit 1
    fi
    sleep 0.5
  done
fi

cd frontend
./node_modules/.bin/vitest run --config vitest.browser.config.ts "$@"
