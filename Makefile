# `make reports` and `make test` do all the set-up. They need make, Python 3.11 to 3.13 and the package
# registries; what else is missing they install on Debian as root or through sudo without a password.

# uv installs the locked packages about twelve times as fast as pip (18 seconds against 216).
UV = uv==0.13.9
# Without compiled files, of the packages and of the project itself, imports take up to three times as long, and every
# notebook kernel imports.
export UV_COMPILE_BYTECODE = 1
export PYTHONDONTWRITEBYTECODE =

SUPPORTED = import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON = $(shell for python in python3.13 python3.12 python3.11 python3; do \
	if $$python -c "$(SUPPORTED)" 2>/dev/null; then echo $$python; break; fi; done)

# Succeeds when the Debian packages $(1) are installed; fails where this user may not install any.
install_debian = { if [ "$$(id -u)" = 0 ]; then root=; else root="sudo -n"; fi; \
	$$root apt-get update -qq && \
	$$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $(1); }

# What boards and panels receive: stored without results, so that nbval has nothing to compare.
DOCUMENTS = $(addprefix notebooks/,area_report.ipynb problem_profile.ipynb panel_pack.ipynb \
	service_coverage.ipynb quarterly_overview.ipynb foi_response.ipynb)

.PHONY: help reports test check lab synthetic simulate lock browser clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

reports: .venv/installed  ## every area's documents, as reports/index.html
	@echo "Making every area's documents in reports/ (some minutes)"
	@.venv/bin/needs-assessment report --all

test: check browser  ## the checks, all tests, the methods' examples and the analysts' notebooks
	@echo "Testing with three workers, since some tests wait for others (some minutes)"
	@.venv/bin/pytest -n 3 --dist loadfile --no-loadscope-reorder --nbval tests docs/methods \
		$(filter-out $(DOCUMENTS),$(wildcard notebooks/*.ipynb))

check: .venv/installed  ## format, lint, types, floors and what may be stored, as before each commit
	@echo "Checking format, lint, types, floors and stored files (half a minute)"
	.venv/bin/ruff format --check
	.venv/bin/ruff check
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/pytest -q tests/test_stored_files.py

lab: .venv/installed  ## JupyterLab with the notebooks and their kernel
	@echo "Starting JupyterLab; it opens in your browser, and Ctrl+C ends it"
	@.venv/bin/jupyter-lab --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/notebooks \
		$(if $(filter 0,$(shell id -u)),--allow-root)

synthetic: .venv/installed  ## the made-up records of data/synthetic again
	@echo "Making the synthetic records again (some seconds)"
	@.venv/bin/needs-assessment synthesise

simulate: .venv/installed  ## docs/simulations.md: how often what the methods claim comes true
	@echo "Simulating what the methods claim (some minutes)"
	@.venv/bin/python -m simulations --write

lock: .venv/installed  ## requirements.lock after a change of dependencies; all anew with UPGRADE=--upgrade
	@echo "Locking every package to a version and its hashes (half a minute)"
	@.venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --group dev \
		--generate-hashes --no-header --no-emit-index-url $(UPGRADE) --output-file requirements.lock

clean:  ## removes the environment, the reports and the caches; never data
	@echo "Removing .venv, the reports and the caches"
	@rm -rf .venv .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	@find reports -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +
	@find . -name __pycache__ -prune -exec rm -rf {} +

.venv/installed: pyproject.toml requirements.lock
	@[ -n "$(PYTHON)" ] || { echo "No Python 3.11, 3.12 or 3.13 found: install one, or name it with PYTHON=..."; exit 1; }
	@echo "Making .venv with $(PYTHON) from the locked packages (1.4 GB; a minute, longer on a slow network)"
	@venv=$$($(PYTHON) -c "import sys; print('python3.%d-venv' % sys.version_info[1])"); \
	$(PYTHON) -c "import ensurepip" 2>/dev/null || $(call install_debian,$$venv) || \
		{ echo "Python cannot make environments here: as root, apt-get install $$venv; then make again"; exit 1; }
	@$(PYTHON) -m venv .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check $(UV)
	@.venv/bin/uv pip install --quiet --python .venv/bin/python --require-hashes --requirement requirements.lock
	@.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --editable .
	@touch $@

browser: .venv/installed
	@for browser in "$$CHROMIUM" chromium chromium-browser google-chrome; do \
		if command -v "$$browser" >/dev/null; then exit 0; fi; done; \
	echo "Installing Chromium for the accessibility tests (half a minute)"; \
	$(call install_debian,chromium fonts-liberation) || \
		echo "No Chromium, and it cannot be installed without root or sudo: the browser tests are skipped, or fail in CI"
