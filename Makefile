# make demo and make test need nothing but a Python 3.11 or newer on the path (or PYTHON=/path/to/python).
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	"$$p" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
JOBS ?= 2
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help demo test campaigns clean

help:
	@echo "make demo       derive, check, train and cross-check a small network"
	@echo "make test       lint, type check, import contracts, tests"
	@echo "make campaigns  the long forms of the campaigns"
	@echo "make clean      remove the environment and the caches"

.venv/core.stamp: pyproject.toml
	@test -n "$(PYTHON)" || { echo "no Python 3.11 or newer with venv found; say make PYTHON=/path/to/python" >&2; exit 2; }
	@test -x $(BIN)/python || "$(PYTHON)" -m venv --clear .venv
	@$(PIP) --editable .
	@touch $@

.venv/test.stamp: .venv/core.stamp
	@$(PIP) --editable '.[test]'
	@touch $@

demo: .venv/core.stamp
	@$(BIN)/symbackprop demo

test: .venv/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -n $(JOBS) --dist worksteal

# What the tests do with thousands of drawn claims, with tens of thousands; docs/testing.md says what is counted.
campaigns: .venv/test.stamp
	ENGINE_CAMPAIGN=20000 ENGINE_FUZZ=20000 DIAGNOSIS_CAMPAIGN=4000 SYMBACKPROP_LONG=1 $(BIN)/python -m pytest -q -s \
		tests/verification/engine/test_campaign.py tests/verification/engine/test_soundness.py \
		tests/verification/engine/test_windows.py tests/verification/test_diagnosed_slips.py \
		tests/verification/test_safety.py

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build dist
