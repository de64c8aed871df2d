# `make run` starts everything, `make test` checks everything; `make help` tells the rest.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
STAMPS := .venv/stamps
DOMAIN := django
CATALOGUES := $(wildcard locale/*/LC_MESSAGES/$(DOMAIN).po)

# Even where the environment forbids it: to compile everything anew takes each process seconds.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run test test-faults test-hosts test-compose check extension bench format cover messages screenshots upgrade requirements clean setup setup-dev

help:  ## what each target does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup  ## start the site with all it needs; Ctrl-C stops it (PORT=8000 BIND=127.0.0.1)
	@exec $(BIN)/python manage.py up

# Processes for the tests: three where there are fewer processors, as browser and database work while one waits.
TEST_PROCESSES := $(shell n=$$(nproc 2>/dev/null || echo 2); echo $$(( n < 3 ? 3 : n > 8 ? 8 : n )))

test: setup-dev  ## every check, quickest first
	@# Beside the checks, which keep one processor busy, pytest compiles the tests once: else each process does.
	@$(BIN)/pytest -q --collect-only >/dev/null 2>&1 & $(MAKE) --no-print-directory check; status=$$?; wait; exit $$status
	@for name in chromium chromium-browser google-chrome; do command -v $$name >/dev/null && exit 0; done; \
	  ls ~/.cache/ms-playwright/chromium* >/dev/null 2>&1 || echo "No Chromium here: the browser tests are skipped."
	@# A file goes to one process, the longest first.
	$(BIN)/pytest -q -n $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder tests/browser tests/test_*.py tests

check: setup-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	@find templates -name '*.html' -print0 | xargs -0 --no-run-if-empty $(BIN)/djade --target-version 5.2 --check
	$(BIN)/bandit -q -c pyproject.toml -r apps kzmedia manage.py
	$(BIN)/python -m tests.audit
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/python manage.py check
	$(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run

test-faults: setup-dev  ## the tests that kill real processes
	@# Most of their time is waiting, so three at once, the longest files first; the other files are not even read.
	$(BIN)/pytest -q -m faults -n 3 --dist loadfile --no-loadscope-reorder $$(grep -rlF mark.faults tests --include='*.py' | sort -r)

test-hosts: setup-dev  ## several hosts with real servers, in network namespaces: standby, pooler, TLS, failover (root; a few minutes)
	@$(BIN)/python -m tests.hosts

test-compose: setup-dev  ## docker-compose.yml as an installation, on base images of debootstrap: build, backup, upgrade, kills (root; many minutes)
	@$(BIN)/python -m tests.compose

extension:  ## check and pack the companion for the editors' browsers into var/extension
	@$(PYTHON) extension/build.py
	@# Mozilla's linter, where npm can have it; what is packed does not depend on it.
	@cd extension && if command -v npm >/dev/null && npm ci --no-audit --no-fund --ignore-scripts --prefer-offline --silent; \
	  then npx --no-install addons-linter --warnings-as-errors companion; \
	  else echo "npm is not here or has no linter: Mozilla's checks of extensions are left out."; fi

bench: setup-dev $(STAMPS)/requirements-bench $(STAMPS)/lighthouse  ## collecting beside a bare script, standings and pages beside bare SQL, Lighthouse, files beside psql and libraries (first `manage.py synthesise --accounts 4000 --days 3650`)
	$(BIN)/python benchmarks/collecting.py
	$(BIN)/python benchmarks/standings.py
	$(BIN)/python benchmarks/pages.py
	$(BIN)/python benchmarks/running.py
	$(BIN)/python benchmarks/lighthouse.py
	$(BIN)/python benchmarks/exports.py
	$(BIN)/python benchmarks/importing.py
	$(BIN)/python benchmarks/ledger.py

format: setup-dev  ## format code and templates
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .
	@find templates -name '*.html' -print0 | xargs -0 --no-run-if-empty $(BIN)/djade --target-version 5.2

cover: setup-dev  ## what the tests reach
	$(BIN)/coverage run -m pytest -q
	$(BIN)/coverage report

messages: setup-dev  ## collect texts for the translators (needs GNU gettext)
	@command -v xgettext >/dev/null || { echo "make messages needs GNU gettext (xgettext)"; exit 1; }
	$(BIN)/python manage.py makemessages --all --no-location --ignore .venv --ignore var --ignore node_modules

screenshots: setup-dev  ## pictures of every page of a running site into var/screenshots (SITE=http://127.0.0.1:8000)
	@$(BIN)/python -m tests.browser.screenshots $(or $(SITE),http://127.0.0.1:8000)

upgrade:  ## an installation with Docker: fetch the release, build it, back up, change over, go back if it fails
	@deploy/upgrade.sh

requirements: setup-dev  ## compile the .in files anew
	$(BIN)/pip-compile --upgrade --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --quiet requirements.in
	$(BIN)/pip-compile --upgrade --strip-extras --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --quiet requirements-dev.in

clean:  ## remove what is made anew: environment, caches, collected files; data under var/ stays
	rm -rf .venv .venv-bench .venv-validators node_modules benchmarks/node_modules extension/node_modules tools/validators/node_modules var/static var/vendor var/test .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage htmlcov
	find apps kzmedia tests -name __pycache__ -type d -prune -exec rm -rf {} +
	rm -f locale/*/LC_MESSAGES/*.mo

setup: $(STAMPS)/requirements $(STAMPS)/browser-scripts $(CATALOGUES:.po=.mo)

setup-dev: setup $(STAMPS)/requirements-dev $(STAMPS)/validators

$(STAMPS)/python:
	@$(PYTHON) -c 'import sys; sys.exit("KZMedia needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Name one: make run PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	@echo "Making the virtual environment ..."
	@$(PYTHON) -m venv .venv
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/requirements: requirements.txt | $(STAMPS)/python
	@echo "Installing packages ..."
	@# Root's site runs as users who may not write here, so all is compiled now; others compile what they load.
	@$(PIP) install $$([ "$$(id -u)" = 0 ] || echo --no-compile) -r requirements.txt
	@touch $@

$(STAMPS)/requirements-dev: requirements-dev.txt $(STAMPS)/requirements
	@echo "Installing packages for checks and tests ..."
	@$(PIP) install --no-compile -r requirements-dev.txt
	@touch $@

# Checkers of the documents that others read, apart from the product, which needs other versions of the same packages. What cannot
# be installed is left out, and its test says so.
$(STAMPS)/validators: requirements-validators.txt tools/validators/package-lock.json | $(STAMPS)/python
	@echo "Installing checkers of documents ..."
	@rm -rf .venv-validators; $(PIP) install --no-compile --no-deps --target .venv-validators -r requirements-validators.txt >/dev/null || rm -rf .venv-validators & \
	if command -v npm >/dev/null; then cd tools/validators && timeout 120 npm ci --no-audit --no-fund --ignore-scripts --prefer-offline --fetch-retries=0 --silent || rm -rf node_modules; fi; \
	wait; touch $(CURDIR)/$@

# Beside the product, not within it: only the benchmarks of other libraries see them.
$(STAMPS)/requirements-bench: requirements-bench.txt $(STAMPS)/requirements-dev
	@echo "Installing packages to measure beside ..."
	@rm -rf .venv-bench && $(PIP) install --target .venv-bench -r requirements-bench.txt
	@touch $@

# Without npm Lighthouse is left out.
$(STAMPS)/lighthouse: benchmarks/package.json benchmarks/package-lock.json | $(STAMPS)/python
	@if command -v npm >/dev/null; then cd benchmarks && npm ci --no-audit --no-fund --ignore-scripts --prefer-offline --silent \
	  || echo "npm could not install Lighthouse; it is left out."; fi
	@touch $@

# Without npm, or when it fails, the bundle inside the plotly package stands in (kzmedia/vendor.py).
$(STAMPS)/browser-scripts: package.json package-lock.json | $(STAMPS)/python
	@if command -v npm >/dev/null; then \
	  timeout 40 npm ci --no-audit --no-fund --ignore-scripts --prefer-offline --fetch-retries=0 --silent \
	  || echo "npm could not install Plotly's basic bundle; the larger one of the Python package is used."; fi
	@touch $@

%.mo: %.po | $(STAMPS)/requirements
	@$(BIN)/pybabel --quiet compile --domain $(DOMAIN) --input-file $< --output-file $@
