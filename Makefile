# The everyday commands. Each makes the virtual environment first if it is not there.
#
#   make quickstart   start an Apache Ignite node and run examples/quickstart.py on it (needs a JVM)
#   make demo         the command line's demonstration, on a node in memory
#   make test         all tests, on live nodes too where there is a JVM; packaging and the compiled
#                     twin have targets of their own
#   make accelerator  the compiled twin of the codec, for this environment (needs a C compiler)
#   make test-accelerated   the tests of the codec and of operations, with that twin
#   make lint         style: ruff, and whether generated files are up to date
#   make types        mypy --strict over packages, tests, tools, examples and benchmarks
#   make docs         the documentation, built into site/; a warning is an error
#   make package      wheel and source archive in dist, checked, installed on each version of Python
#   make check        lint, types, docs, package, test: what continuous integration runs
#   make coverage     the tests with a report of what they do not reach
#   make bench        every client beside its peers on live nodes, in a quarter of an hour (needs a
#                     JVM); BENCH=--short in two minutes, BENCH=--report writes docs/benchmarks.md
#   make bench-codec  the codec alone, beside pygridgain's and beside plain struct code
#   make bench-instructions   what the steps of a call cost, counted by valgrind
#   make format       put the code into the project's style, write generated files anew

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
SOURCES := gridgain_proto gridgain_testing gridgain_cli adapters tests tools examples benchmarks fuzz \
	hatch_build.py
ACCELERATOR := $(VENV)/.accelerator
# They need what is built first: make package, make test-accelerated.
LEFT_OUT := --ignore tests/packaging --ignore tests/codec/test_twins.py

.PHONY: quickstart demo test accelerator test-accelerated lint types docs package check coverage
.PHONY: bench bench-codec bench-instructions format clean

quickstart: $(INSTALLED)
	$(BIN)/python -m tests.ignite -- $(BIN)/python examples/quickstart.py

demo: $(INSTALLED)
	$(BIN)/gridgain demo

test: $(INSTALLED)
	$(BIN)/python -m pytest $(LEFT_OUT)

accelerator: $(ACCELERATOR)

test-accelerated: $(ACCELERATOR)
	GRIDGAIN_ACCELERATOR=1 $(BIN)/python -m pytest tests/codec tests/operations

lint: $(INSTALLED)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python tools/generate_blocking.py --check

types: $(INSTALLED)
	$(BIN)/mypy

package: $(INSTALLED)
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents dist/*.whl
	GRIDGAIN_DIST=dist $(BIN)/python -m pytest tests/packaging

check: lint types docs package test

docs: $(INSTALLED)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

coverage: $(INSTALLED)
	$(BIN)/python -m pytest $(LEFT_OUT) --cov --cov-report=term-missing:skip-covered

bench: $(ACCELERATOR)
	$(BIN)/python -m benchmarks.compare --json .cache/benchmarks.json $(BENCH)

bench-instructions: $(INSTALLED)
	$(BIN)/python benchmarks/instructions.py

bench-codec: $(ACCELERATOR)
	$(BIN)/python -m benchmarks.codec

format: $(INSTALLED)
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python tools/generate_blocking.py
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

$(INSTALLED): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@

$(ACCELERATOR): $(INSTALLED) hatch_build.py $(wildcard gridgain_proto/codec/accelerator/*)
	CFLAGS='-Wall -Wextra -Werror' GRIDGAIN_ACCELERATOR=1 \
		$(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $@

clean:
	rm -rf gridgain_proto/codec/_accelerator.*.so
	rm -rf $(VENV) .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis htmlcov .coverage dist site
