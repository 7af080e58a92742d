# One virtual environment with locked dependencies; every target sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help explorer serve migrate test fuzz lint audit data-check clean

help:  ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): requirements-dev.lock pyproject.toml
	@echo "==> virtual environment with locked dependencies"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

explorer: $(READY)  ## build GraphiQL into static files
	$(BIN)/python explorer/build.py

serve: $(READY) explorer  ## set up everything and serve
	@$(BIN)/llmref serve

migrate: $(READY)  ## start the local database and bring it to the newest schema
	$(BIN)/llmref migrate

lint: $(READY)  ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports

test: lint explorer  ## set up everything and test
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadgroup

# Strict, because an advisory service that knows none of our packages would find nothing wrong with them either.
audit: $(READY)  ## ask PyPI and npm for known vulnerabilities of every locked dependency
	@$(BIN)/uv tool run pip-audit==2.10.1 --strict --disable-pip --require-hashes --progress-spinner off -r requirements-dev.lock \
	  || { echo "==> Python: vulnerable, or not audited because the advisory service did not answer; see above" >&2; exit 1; }
	@for folder in explorer clients/typescript tests/clients bench/postgraphile; do (cd $$folder && npm audit --package-lock-only) \
	  || { echo "==> $$folder: vulnerable, or not audited because npm or its advisory service did not answer; see above" >&2; exit 1; }; done

fuzz: $(READY)  ## 2,025 generated requests against a running server
	FUZZ_REQUESTS=75 $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist load tests/clients/test_generated_requests.py

data-check: $(READY)  ## read the upstream files in DIR=… whole, and say what is not taken
	@test -n "$(DIR)" || { echo "say where the files are: make data-check DIR=…" >&2; exit 2; }
	@$(BIN)/llmref data-check "$(DIR)"

clean:  ## remove what was set up, the local database included
	rm -rf $(VENV) .data explorer/node_modules explorer/dist bench/postgraphile/node_modules \
	  tests/clients/node_modules clients/*/node_modules clients/*/generated
