#!/bin/sh
# All browser journeys in parts at once, each on a server of its own: most of a journey is waiting for text. SHARDS: 2
set -u
here=$(dirname "$0")
root=$(cd "$here/../.." && pwd)
count=${SHARDS:-2}
[ -f "$root/frontend/dist/index.html" ] || npm --prefix "$root/frontend" run build --silent || exit 1
logs=$(mktemp -d)
others=''
trap 'rm -rf "$logs"' EXIT
# shellcheck disable=SC2086 - a list of numbers
trap 'kill $others 2>/dev/null; exit 130' INT TERM
for number in $(seq 2 "$count"); do
  sh "$here/run.sh" "--shard=$number/$count" "$@" >"$logs/$number" 2>&1 &
  others="$others $!"
done
failed=0
sh "$here/run.sh" "--shard=1/$count" "$@" || failed=1
for process in $others; do wait "$process" || failed=1; done
[ "$count" -lt 2 ] || cat "$logs"/*
exit $failed
