# Every command of the project. PROFILE=ci is quick, PROFILE=full is run in the background.
PYTHON ?= python3
PROFILE ?= ci
VENV := .venv
BIN := $(VENV)/bin
export PROFILE
# ENGINES=external: test-cluster starts no engine, their addresses are in the environment.
export ENGINES

.PHONY: install demo test lint test-models test-browser test-faults test-cluster bench screenshot clean

install: $(VENV)/.base  ## .venv with the snapmode command in it

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed") if sys.version_info < (3, 11) else None'
	@echo "making $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "On Debian: apt-get install python3-venv"; exit 1; }

$(VENV)/.base: pyproject.toml | $(VENV)/bin/python
	@echo "installing SnapMode into $(VENV): about half a minute"
	@$(BIN)/pip install --quiet --disable-pip-version-check -e .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@ $(VENV)/.base

$(VENV)/.cluster: $(VENV)/.dev
	$(BIN)/pip install --quiet --disable-pip-version-check -e '.[cluster,dev]'
	@touch $@

# torch is several GB, so models are tested in an environment of their own.
.venv-train/.ready: pyproject.toml
	$(PYTHON) -m venv .venv-train
	.venv-train/bin/pip install --quiet --disable-pip-version-check -e '.[train,dev]'
	@touch $@

demo: install  ## crawl the demo shop, ingest it, serve the page on http://127.0.0.1:8000
	@$(BIN)/snapmode demo

test: install $(VENV)/.dev  ## the default suite: no server, no torch, under three minutes
	$(BIN)/pytest

lint: $(VENV)/.dev  ## format, lint and strict types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

test-models: .venv-train/.ready  ## exports against torch
	.venv-train/bin/pytest -m models

test-browser: $(VENV)/.dev  ## the page in real Chromium
	$(BIN)/pytest -m browser

test-faults: $(VENV)/.cluster  ## SIGKILLs, full disks, cut links: on the embedded loop and on real engines
	$(BIN)/pytest -m faults

test-cluster: $(VENV)/.cluster  ## on real engines, which it downloads, starts and stops itself
	$(BIN)/pytest -m cluster

bench: $(VENV)/.cluster  ## every figure of the README; starts and stops real engines
	$(BIN)/pip install --quiet --disable-pip-version-check faiss-cpu
	$(BIN)/python -m benchmarks

screenshot: $(VENV)/.dev  ## docs/screenshot.png, made by the browser test
	SNAPMODE_SCREENSHOT=docs/screenshot.png $(BIN)/pytest -m browser

clean:
	rm -rf $(VENV) .venv-train var
