# Needs make and Python 3.11 or newer; everything else is installed into .venv, pinned with hashes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The lock names all there is; without --no-deps, pip asks for what somebody wants with an extra as if it were not pinned.
LOCKED := $(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-deps --requirement
OWN := $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate
# Cosmic Ray is for `make mutants` alone, beside what everybody else needs.
MUTANTS := .mutants/packages
XDIST ?= -n 2 --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help up install dev system check format test quick bench mutants storm lock dist clean

help: ## What can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: $(if $(HOST),dev,install) ## Install what is needed and run all of Offramp on this machine (make up HOST=examples/hosted: with a sample host)
	@exec $(BIN)/offramp up $(if $(HOST),--host $(HOST))

install: $(VENV)/.installed

dev: $(VENV)/.installed-dev

test: dev system ## Install what the tests need and run them (make test T=tests/domain/test_codes.py: one file)
	$(BIN)/pytest $(or $(T),$(XDIST) --deselect tests/storm/test_storm.py)

quick: dev ## Run the tests that need no browser, no PostgreSQL and no processes of Offramp
	$(BIN)/pytest $(XDIST) -m "not browser and not processes and not postgres"

bench: dev ## Measure starts, launches, sending, plans, searches, commits, timing, prompts and a thief's chances; wants a quiet machine
	$(BIN)/python -m benchmarks.starting
	$(BIN)/python -m benchmarks.planning
	$(BIN)/python -m benchmarks.sending
	$(BIN)/python -m benchmarks.launching
	$(BIN)/python -m benchmarks.searching
	$(BIN)/python -m benchmarks.console_pages
	$(BIN)/python -m benchmarks.scraping
	$(BIN)/python -m benchmarks.durability
	$(BIN)/python -m benchmarks.appending
	$(BIN)/python -m benchmarks.timing
	$(BIN)/python -m benchmarks.prompting
	$(BIN)/python -m benchmarks.trust_machine
	$(BIN)/python -m benchmarks.verdicts

mutants: dev $(MUTANTS)/.installed ## Change rules one by one and see that a test notices (make mutants M=domain SAMPLE=300 SEED=7)
	nice $(BIN)/python -m tests.mutants $(M) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(SEED),--seed $(SEED)) $(if $(AGAIN),--again)

storm: dev system ## Let faults fall on whole processes that a crowd uses (make storm SEED=7 MINUTES=10 PEOPLE=100 POSTGRESQL=1)
	$(BIN)/python -m tests.storm $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES)) \
		$(if $(PEOPLE),--people $(PEOPLE)) $(if $(POSTGRESQL),--postgresql) $(if $(WITHOUT),--without $(WITHOUT))

check: dev ## Lint, format, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: dev ## Put the code into the project's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: dev ## Pin what pyproject.toml asks for (make lock UPGRADE=--upgrade: the newest of everything)
	$(COMPILE) $(UPGRADE) pyproject.toml --extra install --extra tracing --output-file requirements.lock
	$(COMPILE) $(UPGRADE) pyproject.toml --extra install --extra tracing --extra dev --constraint requirements.lock \
		--output-file requirements-dev.lock
	$(COMPILE) $(UPGRADE) tests/mutants/requirements.in --constraint requirements-dev.lock \
		--output-file tests/mutants/requirements.lock

# The newest release in the changelog dates every file in the wheels, so that whoever builds it gets the same bytes.
dist: export SOURCE_DATE_EPOCH = $(shell sed -n 's/^.. \[[0-9].*\] - //p' CHANGELOG.md | head -n 1 | \
	$(PYTHON) -c 'import datetime; print(int(datetime.datetime.fromisoformat(input() + "T00:00+00:00").timestamp()))')
dist: dev ## Build the wheels of Offramp and of its client into dist/, the same bytes on every machine
	@rm -rf dist
	@$(BIN)/hatchling build --target wheel --directory $(CURDIR)/dist
	@cd clients/python && $(abspath $(BIN))/hatchling build --target wheel --directory $(CURDIR)/dist

clean: ## Remove what was installed and cached; keeps the database in .offramp
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .mutants

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

$(MUTANTS)/.installed: tests/mutants/requirements.lock | $(BIN)/pip
	@$(LOCKED) $< --target $(MUTANTS) --upgrade
	@touch $@
