# Two commands are enough: `make serve` and `make test`. The rest is for those who work on Petajaga.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help serve setup dev check check-fast test test-long lint test-pages test-layers \
	test-routes test-rest test-fast format bench bench-http lock sbom clean

# The first Python that is new enough, else whatever `python3` is (which is then refused).
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p $(NEW_ENOUGH) 2>/dev/null && echo $$p && exit; done; echo python3)
BIN := .venv/bin
PREPARE = @$(PYTHON) $(NEW_ENOUGH) 2>/dev/null || { echo "petajaga: Python 3.11 or newer is needed, \
	$(PYTHON) is not; install it, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }; \
	$(PYTHON) -I api/bootstrap.py

help:
	@echo "make serve       environment, data, model, release; then the map on http://127.0.0.1:8000"
	@echo "make test        every check and test of a push (installs chromium if it may): an hour"
	@echo "make test-long   the same at length: statistics, rebuilt data, 500 new examples each"
	@echo "make check-fast  lint, types and the quick tests: 1 minute"
	@echo "make setup       only the environment, in .venv, with .venv/bin/petajaga"
	@echo "make bench       timings against their targets"
	@echo "make bench-http  requests a second beside pygeoapi and tipg"
	@echo "make lock        new versions into the requirements*.lock files"
	@echo "make sbom        what Petajaga is made of (CycloneDX), from requirements.lock into sbom.json"
	@echo "make clean       remove .venv and caches (var/ stays)"

setup:
	$(PREPARE) runtime

dev:
	$(PREPARE) dev

serve: setup
	@$(BIN)/petajaga build
	@$(BIN)/petajaga publish
	@exec $(BIN)/petajaga serve

# Two jobs at a time fill two cores; each prints what it has to say when it ends, and all are run
# whichever fails.
BESIDE = @$(MAKE) --no-print-directory --keep-going --jobs=2 \
	$(if $(filter output-sync,$(.FEATURES)),--output-sync)
PYTEST = $(BIN)/python -m pytest -q

check: dev
	@$(MAKE) --no-print-directory lint

# The sign-in service that one test runs.
OIDC = tests/data/oidc
test: dev
	$(PREPARE) browser
	@test -d $(OIDC)/node_modules || ! command -v npm >/dev/null || npm ci --silent --ignore-scripts --prefix $(OIDC)
	$(BESIDE) test-rest test-pages test-layers test-routes lint

check-fast: dev
	$(BESIDE) lint test-fast

# Hours: new examples for every property, and what is too long for each push.
test-long: dev
	$(PREPARE) browser
	$(PYTEST) -m "not (bench or e2e)" --hypothesis-profile long
	$(PYTEST) -m "e2e and not bench" -p no:cacheprovider tests/e2e

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test-pages:
	$(PYTEST) -p no:cacheprovider tests/e2e

test-layers:
	$(PYTEST) -p no:cacheprovider tests/layers

ROUTES = tests/routes tests/test_notebooks.py
test-routes:
	$(PYTEST) -p no:cacheprovider $(ROUTES)

test-rest:
	$(PYTEST) $(addprefix --ignore=,tests/e2e tests/layers $(ROUTES))

test-fast:
	$(PYTEST) -m "not (slow or e2e or long or bench)" --ignore=tests/e2e

format: dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# REPORT=docs/BENCHMARKS.md keeps the table.
bench: dev
	$(BIN)/python -m pytest tests/benchmarks -m bench --benchmark-enable --benchmark-quiet -q \
		$(if $(REPORT),--bench-report $(REPORT))

# Beside tipg and pygeoapi on the same PostGIS (Debian's postgresql-15-postgis-3 and wrk; as root).
bench-http: dev
	@test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip install --quiet --require-hashes -r requirements-peers.lock
	PETAJAGA_PEERS=.venv-peers/bin/python $(PYTEST) -m bench tests/benchmarks/test_bench_peers.py \
		$(if $(REPORT),--bench-report $(REPORT))

# Universal locks: every wheel's hash, for Python 3.11 and newer on any machine.
LOCK = $(BIN)/uv pip compile --quiet --no-config --upgrade --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-header --no-annotate
lock: dev
	@$(BIN)/python -m pip install --quiet uv
	$(LOCK) requirements.in -o requirements.lock
	$(LOCK) -c requirements.lock requirements-dev.in -o requirements-dev.lock
	$(LOCK) -c requirements.lock requirements-data.in -o requirements-data.lock
	$(LOCK) requirements-peers.in -o requirements-peers.lock

# For the security officer of an agency: every package with its version and hashes.
sbom: dev
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv tool run --quiet --from cyclonedx-bom==7.5.0 cyclonedx-py requirements \
		--output-reproducible --of JSON -o sbom.json requirements.lock

clean:
	rm -rf .venv .venv-peers .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .benchmarks
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +
