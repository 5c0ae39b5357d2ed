# adviz: what can be done with a checkout. Everything is installed into .venv; nothing else on the machine is changed,
# except that the browser tests install Chromium where there is none.
SHELL := /bin/bash
PYTHON := .venv/bin/python
LESSON := notebooks/00_a_gradient_in_one_line.ipynb
ARGS ?=
LAB_ARGS ?=
TORCH ?=

export BASE_PYTHON

.PHONY: help lab test test-all bench bench-ui clean
.NOTPARALLEL:

help:
	@echo "make lab        open the first lesson in JupyterLab            (LAB_ARGS=--no-browser)"
	@echo "make test       check everything, in a few minutes             (ARGS='-k words': that part of the tests)"
	@echo "make test-all   the long runs, and the other Python versions"
	@echo "make bench      measure adviz beside micrograd and autograd    (TORCH=1: and torch, a large download)"
	@echo "make bench-ui   measure the explorer's page, at 8 to 100,000 operations"
	@echo "make clean      remove .venv and everything that was built"

lab:
	@tests/setup/environment.sh lab
	@mkdir -p .venv/share/jupyter/lab/settings && cp binder/overrides.json .venv/share/jupyter/lab/settings/
	@echo "adviz: opening JupyterLab (Ctrl-C ends it)"
	@$(PYTHON) -m jupyterlab $$([ "$$(id -u)" != 0 ] || echo --allow-root) $(LAB_ARGS) $(LESSON)

test:
	@tests/setup/environment.sh test
	@$(PYTHON) tests/setup/chromium.py
	@echo "adviz: checking style (ruff)"
	@$(PYTHON) -m ruff check --quiet
	@echo "adviz: checking types (mypy)"
	@$(PYTHON) -m mypy --no-error-summary
	@tests/setup/frontend.sh
	@echo "adviz: running the lessons, the examples and the tests (pytest)"
	@tests/setup/suite.sh $(ARGS)

test-all:
	@tests/setup/environment.sh test
	@$(PYTHON) tests/setup/chromium.py
	@echo "adviz: the long tests"
	@tests/setup/long.sh $(ARGS)
	@tests/setup/versions.sh

bench:
	@tests/setup/environment.sh bench
	@if [ -n "$(TORCH)" ] && ! $(PYTHON) -c 'import torch' 2>/dev/null; then \
	  echo "adviz: installing torch"; $(PYTHON) -m pip install -qq --disable-pip-version-check torch==2.13.0; fi
	@$(PYTHON) -c 'import torch' 2>/dev/null || echo "adviz: torch is not installed and was not measured (make bench TORCH=1 installs it)"
	@$(PYTHON) tests/benchmarks/run.py $(ARGS)

bench-ui:
	@tests/setup/environment.sh test
	@$(PYTHON) tests/setup/chromium.py
	@$(PYTHON) tests/benchmarks/ui.py $(ARGS)
	@$(PYTHON) tests/benchmarks/drag.py

clean:
	rm -rf .venv build dist tests/artifacts tests/frontend/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -prune -exec rm -rf {} +
