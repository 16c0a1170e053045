# The only commands to know. On a bare Debian first: apt-get install make python3-venv
#
#   make demo    set up, fill a sample company, serve on http://127.0.0.1:8000
#   make run     the same without the sample company
#   make test    every test, on SQLite and on PostgreSQL
#   make coverage  the same, measured: branches, at least 95 %
#   make check   format, lint, types, architecture, templates, migrations, settings
#   make fix     format and repair what can be repaired by itself
#   make bench   the measurements of benchmarks/; SIZES="1000000" for other numbers of deals
#   make lock    requirements*.txt from pyproject.toml

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
MESSAGES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/django.po))
CODE := crm deals followups reviews referrals tests benchmarks scripts manage.py

.PHONY: demo run test coverage check fix bench lock clean \
	format lint types architecture templates migrations deploy locks

demo: .venv/.run
	@COMPANY_NAME="$${COMPANY_NAME:-Halden Cold-Chain}" \
		COMPANY_ADDRESS="$${COMPANY_ADDRESS:-1 Sample Street, Halden}" \
		$(BIN)/python manage.py standalone --demo --port $(PORT)

run: .venv/.run
	@$(BIN)/python manage.py standalone --port $(PORT)

test: .venv/.dev $(MESSAGES)
	@$(BIN)/python -m tests.everything

coverage: .venv/.dev $(MESSAGES)
	@$(BIN)/python -m tests.everything measured

check: format lint types architecture templates migrations deploy locks

format: .venv/.dev
	$(BIN)/ruff format --check --quiet $(CODE)

lint: .venv/.dev
	$(BIN)/ruff check --output-format concise $(CODE)

types: .venv/.dev
	$(BIN)/mypy

architecture: .venv/.dev
	$(BIN)/lint-imports --no-logo

templates: .venv/.dev
	$(BIN)/djlint --check --lint templates

migrations: .venv/.dev
	$(BIN)/python manage.py makemigrations --check --dry-run

deploy: .venv/.dev $(MESSAGES)
	PRODUCTION=1 SECRET_KEY=$$($(BIN)/python -c "import secrets; print(secrets.token_urlsafe(50))") \
		BASE_URL=https://rebound.example.com ALLOWED_HOSTS=rebound.example.com VAR_DIR=$$(mktemp -d) \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

locks: requirements.txt requirements-dev.txt
	@if grep -nE '://|--(extra-)?index|--find-links' $^; then echo "A lock names an address."; exit 1; fi

fix: .venv/.dev
	$(BIN)/ruff check --fix-only --quiet $(CODE)
	$(BIN)/ruff format $(CODE)
	$(BIN)/djlint --reformat --quiet templates || true

bench: .venv/.dev
	@$(BIN)/python -m benchmarks $(SIZES)

lock: .venv/.dev
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-header pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-header --extra dev -c requirements.txt pyproject.toml -o requirements-dev.txt

clean:
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .pytest_cache .hypothesis var/coverage

# ---- set-up: each stamp is as new as what it was made from ----------------------------------------

.venv/bin/python:
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "Python could not make .venv. On Debian: apt-get install python3-venv"; exit 1; }

.venv/.run: .venv/bin/python requirements.txt
	@echo "Installing what Rebound needs …"
	@$(INSTALL) -r requirements.txt
	@touch $@

.venv/.dev: .venv/.run requirements-dev.txt
	@echo "Installing what its developers need …"
	@$(INSTALL) -r requirements-dev.txt
	@touch $@

%.mo: %.po | .venv/.run
	$(BIN)/pybabel --quiet compile -i $< -o $@
