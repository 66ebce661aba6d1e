# `make demo` shows the Home at work, `make test` proves it, `make bench` measures it. Each makes its own environment.
PYTHON ?= python3.11
RUN := .venv/bin/python
DEV := .venv-dev/bin/python
BENCH := .venv-bench/bin/python
AUDIT := .venv-audit/bin/python
# As many tests side by side as there are cores, four at most.
PYTEST := $(DEV) -m pytest -n auto --maxprocesses 4 --dist worksteal
# The lock names everything, so nothing else is looked for: an extra of a newer version than the locked one would stop the installation.
PIP_FLAGS := --quiet --disable-pip-version-check --no-deps --require-hashes

# The tests start hundreds of processes: what Python has compiled once is kept, whatever the environment says.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check coverage soak years bench audit lock clean

demo: .venv/ready
	$(RUN) -m bot demo

test: .venv-dev/ready
	$(PYTEST)

check: .venv-dev/ready
	$(DEV) -m ruff format --check .
	$(DEV) -m ruff check .
	$(DEV) -m mypy
	$(PYTEST)

# Which lines the suite runs: on one database, since the other runs the same, and measuring doubles the time of a test.
coverage: .venv-dev/ready
	TEST_DATABASES=sqlite $(PYTEST) --cov --cov-report=term:skip-covered

soak: .venv-dev/ready
	$(PYTEST) -m long

years: .venv-dev/ready
	$(PYTEST) -m years

# The messages it measures on are looked for in ../shared/data; `make bench DATA=FOLDER` names another folder.
bench: .venv-bench/ready
	$(BENCH) -m tests.benchmarks $(if $(DATA),--data $(DATA))

# Known vulnerabilities of what is locked; says so where they cannot be looked up.
audit: .venv-audit/ready
	$(AUDIT) .ci/audit.py requirements.lock requirements-dev.lock

.venv/ready: requirements.lock
	$(PYTHON) -m venv .venv
	$(RUN) -m pip install $(PIP_FLAGS) -r requirements.lock
	touch $@

.venv-dev/ready: requirements-dev.lock
	$(PYTHON) -m venv .venv-dev
	$(DEV) -m pip install $(PIP_FLAGS) -r requirements-dev.lock
	touch $@

.venv-bench/ready: requirements-bench.lock
	$(PYTHON) -m venv .venv-bench
	$(BENCH) -m pip install $(PIP_FLAGS) -r requirements-bench.lock
	touch $@

.venv-audit/ready: requirements-audit.lock
	$(PYTHON) -m venv .venv-audit
	$(AUDIT) -m pip install $(PIP_FLAGS) -r requirements-audit.lock
	touch $@

# After a change of pyproject.toml; needs uv.
lock:
	uv pip compile --quiet --upgrade --generate-hashes --no-header --no-emit-index-url --no-annotate --python-version 3.11 \
		pyproject.toml -o requirements.lock
	uv pip compile --quiet --upgrade --generate-hashes --no-header --no-emit-index-url --no-annotate --python-version 3.11 \
		--extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
	uv pip compile --quiet --upgrade --generate-hashes --no-header --no-emit-index-url --no-annotate --python-version 3.11 \
		--extra dev --extra bench -c requirements-dev.lock pyproject.toml -o requirements-bench.lock
	uv pip compile --quiet --upgrade --generate-hashes --no-header --no-emit-index-url --no-annotate --python-version 3.11 \
		--group audit -o requirements-audit.lock

clean:
	rm -rf .venv .venv-dev .venv-bench .venv-audit .pytest_cache .mypy_cache .ruff_cache .hypothesis htmlcov .coverage
