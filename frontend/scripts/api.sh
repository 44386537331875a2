#!/bin/sh
# Types of the REST API from the server's own schema: src/api/schema.d.ts, which is committed.
set -e
cd "$(dirname "$0")/.."
mkdir -p node_modules/.cache
schema=node_modules/.cache/openapi.json
(cd .. && DJANGO_SETTINGS_MODULE=openroute_site.settings.test .venv/bin/python manage.py spectacular \
  --format openapi-json --file "frontend/$schema")
npx --no-install openapi-typescript "$schema" --output src/api/schema.d.ts --alphabetize --default-non-nullable false
