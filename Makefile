# `make ask Q="..."` and `make test` do all the set-up that they need.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
export Q

.PHONY: ask chat setup test test-model check lint types imports eval bench lock clean

ask: .venv/ready
	@test -n "$$Q" || { echo 'usage: make ask Q="your question"' >&2; exit 2; }
	@$(BIN)/ibid ask "$$Q"

chat: .venv/ready
	@$(BIN)/ibid chat

test: .venv/ready-dev
	$(BIN)/pytest -n 2

# The whole way with a real language model on this machine; fetches 0.5 GB the first time.
test-model: .venv/ready-dev
	$(BIN)/pytest -m model

check: lint types imports test

lint: .venv/ready-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: .venv/ready-dev
	$(BIN)/mypy

imports: .venv/ready-dev
	$(BIN)/lint-imports

# The figures of the README, from the project's own questions and the public data beside it.
eval: .venv/ready-dev
	$(BIN)/python -m tests.evals.article
	$(BIN)/python -m tests.evals.retrieval
	$(BIN)/python -m tests.evals.wice

setup: .venv/ready

.venv/ready: requirements.txt pyproject.toml
	@echo "Setting up .venv (one to two minutes, once) ..." >&2
	@$(PYTHON) -m venv .venv
	@$(PIP) --require-hashes -r requirements.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/ready-dev: .venv/ready requirements-dev.txt
	@$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@

# How long a person waits, alone and among 50 who ask at once while the articles change; how fast
# articles are indexed.
bench: .venv/ready-dev
	$(BIN)/python -m tests.benchmarks.latency
	$(BIN)/python -m tests.benchmarks.load
	$(BIN)/python -m tests.benchmarks.indexing

# The development packages are chosen first, so that those of both kinds of install are the same.
lock: .venv/ready-dev
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	    --group build --group dev -o requirements-dev.txt pyproject.toml
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	    --group build --constraint requirements-dev.txt -o requirements.txt pyproject.toml

clean:
	rm -rf .venv
