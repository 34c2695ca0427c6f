# Needs make and Python 3.11 or newer; everything else is installed into .venv, pinned with hashes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCKED := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement
OWN := $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml
XDIST ?= -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help up install dev system check format test quick bench lock clean

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: install ## Install what is needed and run all of Offramp on this machine
	@exec $(BIN)/offramp up

install: $(VENV)/.installed

dev: $(VENV)/.installed-dev

test: dev system ## Install what the tests need and run them (make test T=tests/domain/test_codes.py: one file)
	$(BIN)/pytest $(or $(T),$(XDIST))

quick: dev ## Run the tests that need no browser, no PostgreSQL and no processes of Offramp
	$(BIN)/pytest $(XDIST) -m "not browser and not processes and not postgres"

bench: dev ## Measure starts, launches, sending, plans, searches, commits, timing and a thief's chances; wants a quiet machine
	$(BIN)/python -m benchmarks.starting
	$(BIN)/python -m benchmarks.planning
	$(BIN)/python -m benchmarks.sending
	$(BIN)/python -m benchmarks.launching
	$(BIN)/python -m benchmarks.searching
	$(BIN)/python -m benchmarks.scraping
	$(BIN)/python -m benchmarks.durability
	$(BIN)/python -m benchmarks.timing
	$(BIN)/python -m benchmarks.trust_machine

check: dev ## Lint, format, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: dev ## Put the code into the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: dev ## Pin what pyproject.toml asks for (make lock UPGRADE=--upgrade: the newest of everything)
	$(COMPILE) $(UPGRADE) --extra install --extra tracing --output-file requirements.lock
	$(COMPILE) $(UPGRADE) --extra install --extra tracing --extra dev --constraint requirements.lock \
		--output-file requirements-dev.lock

clean: ## Remove what was installed and cached; keeps the database in .offramp
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# Debian's browser and database are for the tests alone; those that need them are skipped aloud without them.
system:
	@sh tests/install-system-packages.sh

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Offramp needs Python 3.11 or newer; name one: make up PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Development packages contain the runtime's, at the same versions.
$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/pip
	@echo "Installing into $(VENV); this takes a minute or two, once."
	@$(LOCKED) requirements.lock
	@$(OWN)
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock requirements.lock pyproject.toml | $(BIN)/pip
	@echo "Installing into $(VENV), with what the tests need; this takes a minute or two, once."
	@$(LOCKED) requirements-dev.lock
	@$(OWN)
	@touch $@ $(VENV)/.installed
