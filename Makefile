.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help setup demo test lint bench lock pictures clean

help:  ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/'

setup: .venv/.ready  ## .venv with the `slipway` command in it

.venv/.ready: requirements.txt pyproject.toml
	@$(PYTHON) .ci/needs.py
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --no-deps --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: setup  ## a whole world on this machine, with a page to try it on
	$(BIN)/slipway demo

test: setup lint  ## ruff, mypy, import rules and every test
	$(BIN)/python -m pytest -n 2

lint: setup
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup  ## speed, as ratios to a bare Bolt app in the same run
	$(BIN)/python -m tests.bench

pictures: setup  ## the README's pictures, taken anew from the sandbox page
	$(BIN)/python -m tests.pictures

lock: setup  ## requirements.txt anew from pyproject.toml (wants uv)
	uv pip compile --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-header --extra dev \
	  pyproject.toml -o requirements.txt

clean:
	rm -rf .venv
