# Every target is a short script under scripts/, which says what it does and how long each step took.
# V=1 shows the whole output of each step as it comes.
.DEFAULT_GOAL := help
.PHONY: help run test check frontend build bench e2e demo openapi clean-tools

help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '  make %-12s %s\n' "$$name" "$$text"; done

run: ## install what is missing, build everything and start the server on http://127.0.0.1:8080
	@scripts/run

test: ## run every check and every test, with the real servers and clients they need
	@scripts/test

check: ## formatting, lints, dependency rules, scripts and container files
	@scripts/check

frontend: ## build the web application into frontend/dist
	@scripts/frontend

build: ## build the release binary, with the web application inside
	@scripts/build

bench: ## measure this server beside nginx and docker-registry, and print the ratios
	@scripts/bench

e2e: ## only the end-to-end tests: a real client and a real browser against the real binary
	@scripts/e2e

demo: ## fill the registry with a few dozen small images, so that the pages have something to show
	@scripts/demo

openapi: ## write openapi/openapi.json anew from the code
	@scripts/openapi

clean-tools: ## remove the tools, clients and sample images that the targets above have fetched
	@scripts/clean-tools
