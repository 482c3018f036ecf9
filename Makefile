# The commands that a person types. Each says what it does; steps that are done are not done again.
.PHONY: help demo build python test check check-whole fuzz bench docs format clean
.DEFAULT_GOAL := help

# make demo DATA=prices.parquet SECTORS=sectors.csv runs the main job on your own file.
DATA ?=
SECTORS ?=

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 16

demo: ## Install what is missing, build, run the main job, print the report's path
	@DATA="$(DATA)" SECTORS="$(SECTORS)" tools/demo.sh

build: ## Build the release preset (build/release/bin/orrery)
	@tools/build.sh release

python: ## Build and install the Python package into .venv
	@tools/setup.sh check
	@tools/install_python.sh

test: ## Build and run every test, ending in a line with counts
	@tools/setup.sh check
	@tools/build.sh release
	@tools/install_python.sh
	@tools/run_tests.sh release

check: ## What CI runs: format, layers, lint, -Werror build, tests, demo, docs, sanitizers where bytes are parsed, tidy
	@tools/check.sh

check-whole: ## The same with sanitizers over everything (half an hour more on two cores)
	@tools/check.sh whole

fuzz: ## Random and damaged input for long (ORRERY_FUZZ_ROUNDS, 20000 by default): expressions, studies, requests, tokens, frames
	@tools/build.sh release
	@ORRERY_FUZZ_ROUNDS=$${ORRERY_FUZZ_ROUNDS:-20000} build/release/bin/orrery_factor_test --gtest_filter='*Fuzz*'
	@ORRERY_FUZZ_ROUNDS=$${ORRERY_FUZZ_ROUNDS:-20000} build/release/bin/orrery_plugins_operators_test \
		--gtest_filter='RandomExpressions*'
	@ORRERY_FUZZ_ROUNDS=$${ORRERY_FUZZ_ROUNDS:-20000} build/release/bin/orrery_app_test --gtest_filter='*Fuzz*'
	@ORRERY_FUZZ_ROUNDS=$${ORRERY_FUZZ_ROUNDS:-20000} build/release/bin/orrery_server_test --gtest_filter='*Fuzz*'

bench: ## Measure against the peers in one run (docs/performance.md)
	@tools/bench.sh

docs: ## Write the page of operators anew and run every snippet of the docs (tests keep reference pages current)
	@tools/build.sh release
	@ORRERY_WRITE_OPERATORS=docs/operators.md build/release/bin/orrery_plugins_operators_test \
		--gtest_brief=1 --gtest_filter='OperatorPage*'
	@ORRERY_WRITE_KNOWN_TIMES=1 build/release/bin/orrery_data_test --gtest_brief=1 --gtest_filter='KnownTime.ThePage*'
	@tools/docs.sh

format: ## Format all C++ and Python sources in place
	@git ls-files '*.h' '*.cc' | xargs clang-format-14 -i
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix .

clean: ## Remove what was built (not what was installed)
	rm -rf build out
