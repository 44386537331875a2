#!/bin/sh
# Make the pictures of the README anew: frontend/pictures/*.png, each below 150 kB.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
folder="$root/frontend/pictures"
PICTURES=1 SHOTS="$folder" sh "$root/tests/browser/run.sh" pictures
large=$(find "$folder" -name '*.png' -size +150000c)
if [ -n "$large" ]; then
  echo "Larger than 150 kB: $large" >&2
  exit 1
fi
