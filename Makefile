# `make demo` and `make test` are all that a fresh clone needs. Both make .venv when it is missing, and install into it
# again when pyproject.toml or constraints.txt have changed.

PYTHON ?= python3
BIN := .venv/bin
RUNTIME := .venv/.installed
DEV := .venv/.installed-dev
PIP_INSTALL := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test check lint slow format docs

demo: $(RUNTIME)
	@mkdir -p demo
	$(BIN)/tabgan fit sample_data/reviews.csv -o demo/reviews.tabgan --force
	$(BIN)/tabgan sample -m demo/reviews.tabgan -n 10000 -o demo/synth.parquet --force
	$(BIN)/tabgan evaluate sample_data/reviews.csv demo/synth.parquet -o demo/report.html --force
	@echo
	@echo "The model:           demo/reviews.tabgan"
	@echo "10,000 made-up rows: demo/synth.parquet"
	@echo "The report:          demo/report.html (open it in a browser)"

test: check

# Each worker takes one core; more threads than that would only get in each other's way.
check: lint
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 -m "not slow"

lint: $(DEV)
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports

slow: $(DEV)
	$(BIN)/python -m pytest -m slow

format: $(DEV)
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

docs: $(DEV)
	$(BIN)/python -c 'import json; from tabgan.evaluation.report import json_schema; print(json.dumps(json_schema(), indent=2, ensure_ascii=False))' > docs/report.schema.json
	$(BIN)/python -c 'from tabgan.gan.settings_page import settings_page; print(settings_page(), end="")' > docs/settings.md

$(RUNTIME): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("tabgan needs Python 3.11 or later, $(PYTHON) is " + sys.version.split()[0] + "; name another one with make PYTHON=python3.11")'
	@echo "Installing into .venv; this takes a minute or two"
	@$(PYTHON) -m venv .venv
	@$(PIP_INSTALL) --editable .
	@touch $@

$(DEV): pyproject.toml constraints.txt | $(RUNTIME)
	@echo "Installing the tools for tests into .venv"
	@$(PIP_INSTALL) --editable '.[dev]'
	@touch $(RUNTIME) $@
