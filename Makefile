# Everything there is to run. Needs Python >= 3.11, make and git; all else is installed into .venv.

PYTHON ?= python3
VENV := .venv
DIST ?= dist
PIP := $(VENV)/bin/python -m pip --disable-pip-version-check -q
STAMP := $(VENV)/.installed
MUTATE := $(VENV)/.installed-mutate
BENCH := $(VENV)/.installed-bench

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench race scale mutate survive wheel constraints clean attack

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(STAMP) ## Set everything up and play the real case from wish to in force
	@$(VENV)/bin/politirad demo

test: $(STAMP) ## Set everything up and run all tests
	@$(VENV)/bin/pytest -n 2 --dist worksteal

lint: $(STAMP) ## Check style, types and the direction of imports
	@$(VENV)/bin/ruff check
	@$(VENV)/bin/ruff format --check
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports --no-logo

bench: $(STAMP) ## Measure this machine and print the table of the README
	@$(VENV)/bin/python -m bench

race: $(BENCH) ## Race the neighbours over the same steps, and print the tables; takes minutes. RACE='--rounds 3' is quicker
	@$(VENV)/bin/python -m bench.peers $(RACE)

scale: $(STAMP) ## Measure many councils on SQLite and PostgreSQL, and how it grows with their number; takes minutes
	@$(VENV)/bin/python -m bench.scale

mutate: $(MUTATE) ## Change the rules of approval in small ways and see that the tests notice; takes minutes
	@$(VENV)/bin/python -m bench.mutate

survive: $(STAMP) ## Kill the clock 200 times, then workers and their server, and see that no letter is lost; takes minutes
	@$(VENV)/bin/python -m tests.survive 200
	@$(VENV)/bin/python -m tests.survive_workers 2000

attack: $(STAMP) ## Change 10,000 random bits and bytes of an export and of the log's whole rows; each must be detected; takes minutes
	@$(VENV)/bin/python -m tests.attack 10000

wheel: $(STAMP) ## Build the wheel into dist/
	@$(VENV)/bin/hatchling build -t wheel -d $(DIST)

constraints: ## Pin the newest versions that pyproject.toml allows
	@scratch=$$(mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && $(PYTHON) -m venv "$$scratch" \
	  && pip="$$scratch/bin/python -m pip --disable-pip-version-check -q" \
	  && $$pip install '.[dev,mutate]' \
	  && { sed '/^[^#]/,$$d' constraints.txt; $$pip freeze --exclude politirad; } > "$$scratch/new" \
	  && $$pip install -c "$$scratch/new" '.[bench]' \
	  && { sed '/^[^#]/,$$d' constraints-bench.txt; \
	       $$pip freeze --exclude politirad | grep -vxF -f "$$scratch/new"; } > "$$scratch/bench" \
	  && cp "$$scratch/new" constraints.txt && cp "$$scratch/bench" constraints-bench.txt

clean: ## Remove what make has made
	@rm -rf $(VENV) dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache mutants
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "politirad needs Python 3.11 or newer; $(PYTHON) is older or missing. Try: make PYTHON=python3.13" >&2; exit 1; }
	@echo "Setting up $(VENV), which takes a minute or less …"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install -c constraints.txt hatchling
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[dev]'
	@touch $@

$(BENCH): $(STAMP) constraints-bench.txt
	@$(PIP) install -c constraints.txt -c constraints-bench.txt --no-build-isolation -e '.[bench]'
	@touch $@

$(MUTATE): $(STAMP)
	@$(PIP) install -c constraints.txt --no-build-isolation -e '.[mutate]'
	@touch $@
