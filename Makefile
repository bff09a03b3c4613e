.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PLAYS := standard stopped hotfix ci-failure stale-production rollback violations

.PHONY: help setup demo plays test lint format bench lock pictures clean

help:  ## what can be made
	@sed -nE 's/^([a-z]+):.*## /  \1\t/p' $(MAKEFILE_LIST)

setup: .venv/.ready  ## .venv with the `slipway` command in it

.venv/.ready: requirements.txt pyproject.toml
	@$(PYTHON) .ci/needs.py
	@echo "Setting up .venv; the first time takes a minute."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) install --no-deps --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

demo: setup  ## a whole world on this machine, with a page to try it on
	$(BIN)/slipway demo

plays: setup  ## good and bad days that play themselves; each must end as the SOP says
	@for play in $(PLAYS); do $(BIN)/slipway demo --play $$play || exit 1; done

test: setup lint  ## ruff, mypy, import rules and every test
	$(BIN)/python -m pytest -n 4 --dist worksteal

lint: setup  ## ruff, mypy and import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: setup  ## layout and import order, corrected
	$(BIN)/ruff check --select I --fix .
	$(BIN)/ruff format .

bench: setup  ## speed, as ratios to a bare Bolt app in the same run
	$(BIN)/python -m tests.bench

pictures: setup  ## the README's pictures and diagrams, made anew
	$(BIN)/python -m tests.diagrams
	$(BIN)/python -m tests.pictures

lock: setup  ## both lock files anew from pyproject.toml (wants uv)
	uv pip compile --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header --extra dev \
	  pyproject.toml -o requirements.txt
	$(MAKE) setup
	$(BIN)/python .ci/runtime_lock.py > requirements-run.txt

clean:  ## remove .venv and what tools left behind
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build *.egg-info
