# The commands of the project. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help run test faults lint format reset bench lock messages python venv-dev
SHELL := /bin/sh

PORT ?= 8000
ARGS ?=
VENV := .venv/bin/python

ifeq ($(OS),Windows_NT)
$(error This runs on Linux and macOS. On Windows, use WSL2: wsl --install)
endif

# The first of these that is new enough. Another one: make run PYTHON=/path/to/python
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
ifndef PYTHON
PYTHON := $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	if $$p -c '$(NEW_ENOUGH)' 2>/dev/null; then echo $$p; break; fi; done)
endif

help: ## This list
	@echo "make run       Run everything on this computer: http://localhost:8000 (PORT=8001 for another)"
	@echo "make test      Run the tests (ARGS=\"-k words\" for some of them)"
	@echo "make lint      Check style, templates, imports between apps, and migrations"
	@echo "make format    Let ruff put the code into shape"
	@echo "make faults    Run the slow tests that kill processes"
	@echo "make bench     Measure speed"
	@echo "make reset     Start over: deletes the local database, uploads and mail"
	@echo "make lock      Choose the versions of all packages anew (UPGRADE=1 for the newest)"
	@echo "make messages  Collect and compile the translations"

run: python
	@$(PYTHON) -m cop.local run --port "$(PORT)"

test: venv-dev
	@$(VENV) -m pytest -n auto $(ARGS)

# Exit code 5 only says that there is no such test yet.
faults: venv-dev
	@$(VENV) -m pytest -m faults $(ARGS) || [ $$? -eq 5 ]

# makemigrations looks for a database and must not find one, least of all a real one.
LINT_ENV := DATABASE_URL=postgres://cop@127.0.0.1:1/cop REDIS_URL=redis://127.0.0.1:1 \
	EMAIL_URL=smtp://127.0.0.1:1 SECRET_KEY=lint DEFAULT_FROM_EMAIL=lint@cop.example \
	POSTAL_ADDRESS=lint SITE_URL=http://localhost:8000 LOCAL_MODE=0 \
	PYTHONWARNINGS=ignore::RuntimeWarning

lint: venv-dev
	$(VENV) -m ruff check .
	$(VENV) -m ruff format --check .
	$(VENV) -m djlint templates --lint --quiet
	.venv/bin/lint-imports
	$(LINT_ENV) $(VENV) manage.py makemigrations --check --dry-run

format: venv-dev
	$(VENV) -m ruff check --fix .
	$(VENV) -m ruff format .

reset: python
	@$(PYTHON) -m cop.local reset $(if $(FORCE),--yes)

bench: venv-dev
	@$(VENV) -m bench $(ARGS)

COMPILE = $$folder/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-annotate --no-header $(if $(UPGRADE),--upgrade)

# The largest first; the other two take its versions, so that one .venv serves all.
lock: python
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(PYTHON) -m venv $$folder; \
	$$folder/bin/python -m pip install --quiet --disable-pip-version-check uv; \
	$(COMPILE) --extra local --extra dev -o requirements-dev.txt; \
	$(COMPILE) --extra local -c requirements-dev.txt -o requirements-local.txt; \
	$(COMPILE) -c requirements-dev.txt -o requirements.txt

messages: venv-dev
	@command -v msgfmt >/dev/null || { echo "The gettext tools are missing. On Debian: apt install gettext"; exit 1; }
	@$(LINT_ENV) $(VENV) manage.py makemessages -l fr --no-location --ignore ".venv/*" --ignore "var/*"
	@$(LINT_ENV) $(VENV) manage.py compilemessages --ignore .venv

python:
	@$(PYTHON) -c '$(NEW_ENOUGH)' 2>/dev/null || { \
	echo "Python 3.11 or newer is needed. Install it, or name it: make run PYTHON=/path/to/python3.11"; exit 1; }

venv-dev: python
	@$(PYTHON) -m cop.local setup requirements-dev.txt
