# make demo: a class of notebooks graded before your eyes.  make test: every test.
# make bench: how fast, beside stock nbgrader.  make lab: JupyterLab at the first notebook.
# make proxy: the part of the workshop's room that pip has not; it needs Node.js 20 and npm.
# Each makes .venv first where it is missing; they need Python 3.11 or newer, pip and make.

PYTHON ?= python3
BIN := .venv/bin
SOURCES := $(shell find grader solutions -name '*.py' -o -path 'grader/templates/*' -type f)
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test lab bench proxy clean

demo: .venv/ready demo/truth.json
	@$(BIN)/grader grade --course demo --timeout 2
	@$(BIN)/grader report --course demo --truth demo/truth.json --title "Sample class"

# The class and the course are made anew where the lessons or the grader changed. The gradebook is
# the demo's own, so it may go.
demo/truth.json: .venv/ready $(SOURCES)
	@rm -rf demo/submitted demo/autograded demo/gradebook.db
	@$(BIN)/grader build --course demo
	@$(BIN)/python -m solutions.sample_class demo

test: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check grader solutions tests
	$(BIN)/mypy
	$(BIN)/pytest -n auto

bench: .venv/ready
	$(BIN)/python benchmarks/grading.py

proxy: $(BIN)/configurable-http-proxy

$(BIN)/configurable-http-proxy: | .venv/ready
	npm install --global --prefix .venv --no-fund --no-audit --loglevel error configurable-http-proxy@5.3.0

lab: .venv/ready
	$(BIN)/jupyter lab $(firstword $(sort $(wildcard notebooks/*.ipynb)))

.venv/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("Attend needs Python 3.11 or newer; %s is %d.%d. Name another with make PYTHON=..." % (sys.executable, v[0], v[1]))'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --disable-pip-version-check --quiet -r requirements.lock
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-build-isolation --no-deps -e .
	@touch $@

clean:
	rm -rf demo course release
