# Every target brings its own environment: uv where it is installed, else venv and pip.
BIN := .venv/bin
ifneq ($(shell command -v uv 2>/dev/null),)
venv    = uv venv --quiet --allow-existing $(BIN:/bin=)
install = uv pip install --quiet --python $(BIN)/python
else
venv    = python3 -m venv $(BIN:/bin=)
install = $(BIN)/python -m pip install --quiet --disable-pip-version-check
endif

.DEFAULT_GOAL := check
.PHONY: demo demo-service test explore check bench bench-peers docs clean

.venv/.run: pyproject.toml
	@$(venv) && $(install) --editable . && touch $@
.venv/.dev: pyproject.toml
	@$(venv) && $(install) --editable ".[dev]" && touch $@ .venv/.run .venv/.service
.venv-peers/.run: BIN := .venv-peers/bin
.venv-peers/.run: pyproject.toml benchmarks/requirements-peers.txt
	@$(venv) && $(install) --editable . --requirement benchmarks/requirements-peers.txt && touch $@

.venv/.service: pyproject.toml
	@$(venv) && $(install) --editable ".[agent,service]" "moto[s3,server]>=5" "trustme>=1.2" && touch $@ .venv/.run

demo: .venv/.run ## print which update each example device gets, and why
	@$(BIN)/python examples/demo.py

demo-service: .venv/.service ## run a device cloud, an image store and three devices, and tell what happens
	@$(BIN)/python examples/service_demo.py

test: .venv/.dev ## run the tests and print the branch coverage
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile --cov --cov-report=term

explore: .venv/.dev ## run the tests on random examples that were not drawn before
	$(BIN)/python -m pytest --hypothesis-profile explore --numprocesses auto --dist loadfile

check: .venv/.dev docs ## run every style check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/basedpyright
	$(BIN)/lint-imports
	$(BIN)/typos
	$(BIN)/validate-pyproject pyproject.toml

bench: .venv/.dev ## print each benchmark as a ratio to its baseline
	$(BIN)/python benchmarks/compare.py

bench-peers: .venv-peers/.run ## print how policy_lang compares with other engines
	.venv-peers/bin/python benchmarks/bench_peers.py

docs: .venv/.dev ## build the documentation, warnings are errors
	$(BIN)/sphinx-build -n -W -q -b html docs build/docs

clean: ## remove everything that is built
	rm -rf .venv .venv-peers build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
