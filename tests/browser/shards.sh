#!/bin/sh
# All browser journeys in two halves at once, each on a server of its own: most of a journey is waiting for text.
set -u
here=$(dirname "$0")
root=$(cd "$here/../.." && pwd)
[ -f "$root/frontend/dist/index.html" ] || npm --prefix "$root/frontend" run build --silent || exit 1
second=$(mktemp)
trap 'rm -f "$second"' EXIT
trap 'kill $other 2>/dev/null; exit 130' INT TERM
sh "$here/run.sh" --shard=2/2 "$@" >"$second" 2>&1 & other=$!
failed=0
sh "$here/run.sh" --shard=1/2 "$@" || failed=1
wait $other || failed=1
cat "$second"
exit $failed
