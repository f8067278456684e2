# Two commands matter: `make demo` and `make test`. Both build .venv from the lock first, once.
PYTHON ?= python3
VENV ?= .venv
WORKERS ?= 2
BIN := $(VENV)/bin
EXAMPLES := minimax_vl/assets/examples
HOUSE := apps eval kernels minimax_vl scripts text_backbone vision tests setup.py

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.ONESHELL:
.SILENT:
.PHONY: help demo web test gpu lint types unit format clean

# pip's own file names as progress: the first install is the one step that takes minutes
PIP_INSTALL = $(BIN)/python -m pip install --disable-pip-version-check --progress-bar off -c requirements.lock
SHOW_DOWNLOADS = sed -un 's/^ *Downloading /  /p'

help:
	echo "make demo    nano reads two example images and prints text and time"
	echo "make web     ask about pictures in the browser"
	echo "make test    lint, format, types, tests (CPU)"
	echo "make gpu     tests of the kernels, compiled, on a machine with a CUDA device"
	echo "make format  let ruff rewrite what it can"
	echo "make clean   remove what make created"

demo: $(VENV)/.installed
	export TIMEFORMAT="  (%1R s, start of Python and loading included)"
	echo "== minimax-vl ask $(EXAMPLES)/form.png 'What is the registration number?'   (a real scan)"
	time $(BIN)/minimax-vl ask $(EXAMPLES)/form.png "What is the registration number?"
	echo "== minimax-vl caption $(EXAMPLES)/schedule.jpg"
	time $(BIN)/minimax-vl caption $(EXAMPLES)/schedule.jpg
	echo
	echo "Next, with an image of yours: $(BIN)/minimax-vl ask IMAGE 'QUESTION'  (all commands: --help)"

web: $(VENV)/.installed
	$(BIN)/minimax-vl demo

test: lint types unit

lint: $(VENV)/.tested
	echo "== ruff"
	$(BIN)/ruff check $(HOUSE)
	$(BIN)/ruff format --check $(HOUSE)

# Checkers cannot follow the folder mapping of an editable install, so they get what users get: the wheel.
types: $(VENV)/.tested
	echo "== types, on the unpacked wheel"
	rm -rf build/lib build/bdist.* .check  # setuptools would put stale files from there into the wheel
	$(BIN)/python -m pip wheel -q --disable-pip-version-check --no-deps --no-build-isolation -w .check .
	$(BIN)/python -m zipfile -e .check/*.whl .check/wheel
	cp pyproject.toml .check/wheel/
	cd .check/wheel
	"$(abspath $(BIN))/basedpyright" --pythonpath "$(abspath $(BIN))/python" minimax_vl

unit: $(VENV)/.tested
	echo "== tests"
	OMP_NUM_THREADS=1 $(BIN)/pytest -q -n $(WORKERS) -m "not gpu and not slow"

# In tests/kernels the interpreter runs what a GPU machine compiles; elsewhere the marked tests are enough.
gpu: $(VENV)/.tested
	$(BIN)/python -c 'import sys, torch; sys.exit(not torch.cuda.is_available() and "make gpu: no CUDA device here")'
	$(BIN)/pytest -q tests/kernels
	$(BIN)/pytest -q -m gpu --ignore tests/kernels

format: $(VENV)/.tested
	$(BIN)/ruff check --fix $(HOUSE)
	$(BIN)/ruff format $(HOUSE)

clean:
	rm -rf $(VENV) .check build/lib build/bdist.* *.egg-info .pytest_cache .ruff_cache .hypothesis

# Debian's python3 comes without ensurepip; its pip can still fill a venv from outside.
$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
		|| { echo "$$($(PYTHON) --version) found; 3.10 or newer is needed: make PYTHON=python3.12 ..." >&2; exit 1; }
	echo "== creating $(VENV)"
	$(PYTHON) -m venv $(VENV) 2>/dev/null || {
		$(PYTHON) -m venv --clear --without-pip $(VENV)
		$(PYTHON) -m pip --python $(VENV)/bin/python install -q pip
	}

$(VENV)/.installed: $(VENV)/bin/python pyproject.toml setup.py requirements.lock
	echo "== installing the locked set (the first time takes a few minutes)"
	$(PIP_INSTALL) setuptools | $(SHOW_DOWNLOADS)
	$(PIP_INSTALL) --no-build-isolation -e . | $(SHOW_DOWNLOADS)
	touch $@

$(VENV)/.tested: $(VENV)/.installed
	echo "== installing the development tools"
	$(PIP_INSTALL) --no-build-isolation -e ".[dev]" | $(SHOW_DOWNLOADS)
	touch $@
