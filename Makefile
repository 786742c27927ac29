# `make book` and `make test` need Python 3.11 or newer, git and make; they set up everything else themselves.
# Works with GNU Make 3.81 (macOS) and newer.

SHELL := /bin/bash
.DEFAULT_GOAL := help
BIN := .venv/bin
READY := .venv/.ready
# Two test processes, one computing thread each: no oversubscription on two cores, and the same on a bigger machine.
WORKERS ?= 2
# Of `make lock`: the newest versions, or (lowest-direct) the oldest that pyproject.toml allows.
RESOLUTION ?= highest
# `make book EDITION=instructor`: with the solutions, into a folder of its own.
EDITION ?= students
ifeq ($(EDITION),instructor)
SITE := _build/instructor/_build/html
ZIP := _build/neural-networks-instructor.zip
SETTINGS := $(BIN)/python tools/instructor _build/instructor
BUILD_OPTIONS := --toc _build/instructor/_toc.yml --config _build/instructor/_config.yml --path-output _build/instructor
else ifeq ($(EDITION),students)
SITE := _build/html
ZIP := _build/neural-networks.zip
else
$(error EDITION=$(EDITION): there are students and instructor)
endif
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile
# Two thread pools (NumPy's and PyTorch's) that wait by spinning slow each other down.
export OMP_WAIT_POLICY := passive

# These begin: a file that takes minutes and comes last leaves one process idle.
LONGEST := tests/site/ tests/exercises/ tests/grading/
NOTEBOOKS = $(shell find book -name '*.ipynb' -not -path '*/.*' | sort)

.PHONY: help setup book test test-units test-notebooks test-gpu lint format bench serve offline pdf lab release lock clean distclean

help:           ## show this list
	@grep -hE '^[a-z-]+: .*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

$(READY): requirements.txt pyproject.toml tools/setup
	@tools/setup python

setup: $(READY) ## create .venv and install what requirements.txt pins

book: $(READY)  ## build the book into _build/html; EDITION=instructor: with the solutions
	@$(BIN)/python -m coursekit.nets.download || echo "Chapters that use these networks will say that they are missing."
	@$(SETTINGS)
	@OMP_NUM_THREADS=1 COURSEKIT_STATIC=1 $(BIN)/jupyter-book build -W -n --keep-going $(BUILD_OPTIONS) .
	@echo "Open $(SITE)/index.html, or run: make serve"

test: $(READY)  ## every test: every notebook, units, grader, release check, built site
	@tools/setup system
	@$(BIN)/coursekit release --check
	@$(MAKE) --no-print-directory test-notebooks book
	@$(MAKE) --no-print-directory test-units

test-units: $(READY)
	$(PYTEST) --no-loadscope-reorder --durations=20 $(LONGEST) coursekit $(filter-out $(LONGEST),$(wildcard tests/*/ tests/test_*.py))

# The book that is built afterwards takes its outputs from here: see book/conftest.py.
test-notebooks: $(READY)
	$(PYTEST) --nbval-lax --nbval-current-env --nbval-cell-timeout 300 $(NOTEBOOKS)

test-gpu: $(READY) ## every notebook on the GPU; fails where PyTorch sees none
	@$(BIN)/python -c 'import coursekit, sys; sys.exit(coursekit.device() != "cuda" and "PyTorch sees no GPU here")'
	@$(MAKE) --no-print-directory test-notebooks
	@$(BIN)/python tools/numbers compare

lint: $(READY)  ## style of code and notebooks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	find book solutions exercises -name '*.ipynb' -not -path '*/.*' -print0 | xargs -0 $(BIN)/nbstripout --keep-count --keep-id --verify

format: $(READY) ## put code and notebooks into the form `make lint` wants
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	find book solutions exercises -name '*.ipynb' -not -path '*/.*' -print0 | xargs -0 $(BIN)/nbstripout --keep-count --keep-id

bench: $(READY) ## speed as ratios to PyTorch, measured side by side
	@$(BIN)/python -m benchmarks

serve: book     ## look at the built book on http://localhost:8000
	$(BIN)/python -m http.server 8000 --bind 127.0.0.1 --directory $(SITE)

offline: book   ## the book as one zip, for a learning-management system or a stick
	@$(BIN)/python tools/offline $(SITE) $(ZIP)

pdf: book       ## the book as one PDF
	@$(BIN)/python tools/pdf $(SITE) $(ZIP:.zip=.pdf)

lab: $(READY)   ## work on the chapters and exercises in JupyterLab
	$(BIN)/jupyter lab exercises/

release: $(READY) ## make exercises/ from solutions/
	@$(BIN)/coursekit release

lock:           ## pin requirements.txt anew (needs uv)
	uv pip compile pyproject.toml --extra test --extra bench --universal --python-version 3.11 --no-annotate --no-header \
	  --no-emit-index-url --no-emit-find-links --resolution $(RESOLUTION) --upgrade --output-file requirements.txt

clean:          ## remove what the build made
	rm -rf _build .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

distclean: clean ## and the virtual environment
	rm -rf .venv
