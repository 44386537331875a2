# The commands of OpenRoute. `make help` lists them; README.md says what they are for.

PYTHON ?= python3
PORT ?= 8000
WORKERS ?= 2
SERVICE_WORKERS ?= 3
SHARDS ?= 2
VENV := .venv/bin
SERVICE_TESTS ?= tests/services tests/functional tests/integration
SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

.PHONY: help run test test-browser test-services lint lint-python format bench lock clean python

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/^([a-z-]+):.*## (.*)/make \1\t\2/' | expand -t 20

# $(call beside,NPM,COMMAND): `npm NPM` of the frontend while COMMAND runs; fails if one of them does. Installing packages
# keeps one core busy for minutes, and nothing of the frontend needs them.
define beside
{ [ ! -f frontend/package.json ] || { $(PYTHON) .ci/prepare.py node && npm --prefix frontend $(1); }; } & frontend=$$!; \
{ $(2); } || { kill $$frontend 2>/dev/null; exit 1; }; \
wait $$frontend
endef

python:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing. Install it: apt-get install python3 python3-venv"; exit 1; }

run: python ## Everything on this machine: install, build, migrate, demo company, start (PORT=8000)
	@$(PYTHON) .ci/prepare.py --port $(PORT) base frontend
	@exec $(VENV)/python manage.py up --port $(PORT) --with-parent

test: python ## The whole test suite except what needs servers
	@$(call beside,test --silent,$(PYTHON) .ci/prepare.py dev)
	@$(PYTHON) .ci/prepare.py frontend
	@$(VENV)/python -m pytest -n $(WORKERS) --dist loadscope --no-loadscope-reorder -q

test-browser: python ## The journeys of tests/browser in Chromium, on servers of their own (SHOTS=folder keeps pictures)
	@command -v $${CHROMIUM:-chromium} >/dev/null || { echo "Chromium is missing. Install it: apt-get install chromium"; exit 1; }
	@$(PYTHON) .ci/prepare.py dev frontend
	@SHARDS=$(SHARDS) sh tests/browser/shards.sh

test-services: python ## What meets a database again, on a throw-away PostgreSQL and Redis, and what kills them
	@$(PYTHON) .ci/prepare.py services dev frontend
	@$(VENV)/python -m tests.support.services -- \
	  $(VENV)/python -m pytest -n $(SERVICE_WORKERS) --dist loadscope --no-loadscope-reorder -q -m "not any_store" $(SERVICE_TESTS)

lint: python ## Style, types, directions of imports, migrations
	@$(call beside,run --silent lint,$(PYTHON) .ci/prepare.py dev && $(MAKE) lint-python)

lint-python:
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(VENV)/lint-imports
	DJANGO_SETTINGS_MODULE=openroute_site.settings.test $(VENV)/python manage.py makemigrations --check --dry-run

format: ## Let ruff sort and format the Python files
	@$(VENV)/ruff check --fix . ; $(VENV)/ruff format .

bench: python ## Print the benchmark tables (PEERS=1: other gateways beside; BENCH_SECONDS=1: short; PARTS="postgres")
	@$(PYTHON) .ci/prepare.py dev
	@$(VENV)/python -m tests.benchmarks $(PARTS)

lock: ## Compile requirements/*.in into locks with hashes (needs uv)
	@command -v uv >/dev/null || { echo "uv is missing. Install it: pip install uv"; exit 1; }
	@cd requirements && for name in base dev production training; do \
	  uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	    $$([ $$name = base ] || echo --constraint base.txt) $(UPGRADE) --output-file $$name.txt $$name.in || exit 1; \
	done

clean: ## Remove what was installed and built; the data in .state stays
	rm -rf .venv frontend/node_modules frontend/dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find apps openroute_site tests -name __pycache__ -type d -prune -exec rm -rf {} +
