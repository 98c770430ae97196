# 青听 Qingting. On a fresh machine with Python 3.11+ and make: `make serve` or `make test`.
# Each target installs what it needs into .venv first; a second run starts in seconds.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
STAMPS := $(VENV)/.stamps
DATA ?= ../shared/data
CONFIG ?= models/configs/encoder.yaml

.PHONY: serve test test-train check train lock bench assets browser format clean

serve: $(STAMPS)/serve assets
	$(BIN)/python -m api serve

test: $(STAMPS)/test browser
	@$(BIN)/python scripts/assets.py --with-test-assets
	$(BIN)/python -m pytest --ignore=tests/models -n 2 --dist loadfile

# The tests of learning need torch, which nothing else does.
test-train: $(STAMPS)/train
	$(BIN)/python -m pytest tests/models

check: $(STAMPS)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMPS)/serve
	$(BIN)/python -m eval bench

# Trains, exports and calibrates the shipped model; reads the public sets from $(DATA).
train: $(STAMPS)/train
	$(BIN)/python -m models.build --config $(CONFIG) --data $(DATA)

format: $(STAMPS)/test
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

assets: $(STAMPS)/serve
	@$(BIN)/python scripts/assets.py

# Browser tests need a chromium; Debian's is installed where we may, otherwise said aloud.
browser: $(STAMPS)/test
	@$(BIN)/python scripts/browser.py

# The requirements files are made from pyproject.toml; index addresses are kept out of them.
lock: $(STAMPS)/test
	$(BIN)/python scripts/lock.py

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed")'
	$(PYTHON) -m venv $(VENV)

$(STAMPS)/serve: requirements/serve.txt | $(VENV)/bin/python
	$(PIP) -r requirements/serve.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/test: requirements/test.txt $(STAMPS)/serve
	$(PIP) -r requirements/test.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/train: requirements/train.txt $(STAMPS)/test
	$(PIP) -r requirements/train.txt
	@mkdir -p $(STAMPS) && touch $@

clean:
	rm -rf $(VENV) node_modules assets/node_modules api/static/vendor .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
