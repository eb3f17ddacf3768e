# `make run` shows it, `make up` keeps it, `make test` proves it; `make help` lists the rest.

ifndef PYTHON
PYTHON := $(shell for name in python3.13 python3.12 python3.11 python3; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
endif
VENV := .venv
RUN := $(VENV)/bin/python
PYTEST := $(VENV)/bin/python -m pytest
READY := $(VENV)/.ready
UV ?= uv
COMPILE := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url

# A misspelt variable would be passed over in silence.
KNOWN := AGAINST BASE CMD COMPARE EXPLAIN IMAGE KEEP KINDS LOGIN ONCE ONLY PROGRAM PYTHON QUICK ROWS SERVICE SINCE SQL UV WITHOUT
# Those of the environment may be given on the command line, too.
KNOWN += BILLING_CACHE_DIR CHROMIUM CONTAINER_ENGINE HELM HYPOTHESIS_PROFILE JAVA_HOME LOG_LEVEL MAVEN_REPOSITORY_URL \
	MYPY_NUM_WORKERS OTEL_EXPORTER_OTLP_ENDPOINT POSTGRES_ROLE_PASSWORD PYTEST_ADDOPTS SOAK_FACTOR
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
$(foreach name,$(filter-out $(KNOWN) $(filter %_PORT %_SERVERS %_DSN,$(GIVEN)),$(GIVEN)),\
	$(error there is no variable $(name); there are $(KNOWN)))
# Its dollars are for the shell that runs it.
override CMD := $(value CMD)
export CMD

.DEFAULT_GOAL := help
.PHONY: help run up shell ops test unit integration contract journeys chromium soak validate test-stripe-mock cli bench bench-check growth image image-check sbom scaling check lint lint-deploy format examples sdks sdk-check sdk-packages schemas migrate rules lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z. -]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(READY) ## start the platform and tell the story of one invoice (ONCE=1 leaves after it)
	@$(RUN) -m deploy.local.run $(if $(ONCE),--once)

up: $(READY) ## start the platform, until Ctrl-C (WITHOUT=invoice: you start that one; SQL=1: log every statement)
	@$(RUN) -m deploy.local.up $(if $(WITHOUT),--without $(WITHOUT)) $(if $(SQL),--log-sql)

shell: $(READY) ## psql on a service's schema of the running platform (SERVICE=payment, LOGIN=worker, CMD='SELECT …')
	@$(RUN) -m deploy.local.shell '$(SERVICE)' $(if $(LOGIN),--login '$(LOGIN)') $(if $(CMD),--command "$$CMD")

ops: $(READY) ## a command in a service's environment, as kubectl exec gives it (SERVICE=payment, CMD='…', else a shell)
	@$(RUN) -m deploy.local.ops '$(SERVICE)' $(if $(CMD),"$$CMD")

# Three at a time, each with servers of its own; the journeys share one platform and begin first.
SIDE_BY_SIDE := -n 3 --dist loadscope --no-loadscope-reorder

test: $(READY) chromium ## every test
	@$(PYTEST) $(SIDE_BY_SIDE) tests/journeys tests/integration tests/contract tests/unit sdks/python/tests sdks/javascript/tests

unit integration contract journeys: $(READY) ## one kind of test
	@$(PYTEST) tests/$@

integration journeys: chromium

chromium: $(READY) ## install the browser that tests of pages drive, where it is missing
	@$(RUN) -m deploy.local.chromium

soak: $(READY) ## the property tests and the crash journeys at full size; takes long
	@HYPOTHESIS_PROFILE=soak SOAK_FACTOR=20 $(PYTEST) tests/unit tests/integration/openapi/test_fuzz.py tests/journeys/test_crashes.py tests/journeys/test_collection_chaos.py tests/journeys/test_renewals.py

STRIPE_MOCK := $(CURDIR)/.local/stripe-mock/v0.203.0/stripe-mock

test-stripe-mock: $(READY) ## what we send to Stripe, against Stripe's own OpenAPI (needs Go)
	@test -x $(STRIPE_MOCK) || echo "  building stripe-mock with Go …"
	@test -x $(STRIPE_MOCK) || GOBIN=$(dir $(STRIPE_MOCK)) go install github.com/stripe/stripe-mock@v0.203.0
	@STRIPE_MOCK=$(STRIPE_MOCK) $(PYTEST) tests/integration/payment/test_stripe_mock.py

validate: $(READY) ## every kind of document, judged by phive and veraPDF (needs a JDK 17; KINDS='"NL to SE" …' for some)
	@$(RUN) -m tests.validation $(KINDS)

bench: $(READY) ## what a unit costs, and how fast (ONLY="payments …", AGAINST=checkout, COMPARE=report, PROGRAM=toml, KEEP=1)
	@$(RUN) -m tests.bench $(ONLY) $(if $(AGAINST),--against '$(AGAINST)') $(if $(COMPARE),--compare '$(COMPARE)') \
		$(if $(PROGRAM),--program '$(PROGRAM)') $(if $(KEEP),--keep)

bench-check: $(READY) ## fail where a unit costs a tenth more CPU than the kept figures of this machine say
	@$(RUN) -m tests.bench --check $(ONLY)

growth: $(READY) ## lists, search, counts and the proof at a million rows (ROWS=…, EXPLAIN=1: plans of what is slow)
	@$(RUN) -m tests.bench.growth $(if $(ROWS),--rows $(ROWS)) $(if $(EXPLAIN),--explain)

IMAGE ?= billing:0.1.0

image: $(READY) ## build the image (IMAGE=name, BASE=image to build on)
	@$(RUN) -m deploy.docker build --image '$(IMAGE)' $(if $(BASE),--base '$(BASE)')

image-check: $(READY) ## the story with every service in a confined container of the image
	@$(RUN) -m deploy.docker check --image '$(IMAGE)'

sbom: $(READY) ## what is in the image, as CycloneDX
	@$(RUN) -m deploy.docker sbom --image '$(IMAGE)'

.env: $(READY) ## random secrets for docker-compose.yml, made once
	@$(RUN) -m deploy.docker secrets

scaling: $(READY) ## payment workers 1 → 2 → 4 under load and a rolling restart: picture and table
	@$(RUN) -m deploy.scaling

check: $(READY) ## format, types, our rules and tests of what changed, in seconds (SINCE=revision, QUICK=1: no servers)
	@$(RUN) -m deploy.quality.check $(if $(SINCE),--since '$(SINCE)') $(if $(QUICK),--quick)

lint: $(READY) ## style, types, migrations and our own rules, for everything
	@$(RUN) -m deploy.quality.lint

lint-deploy: $(READY) ## chart, examples, image recipe, alerts (QUICK=1: without Go and Node; KEEP=1: render anew)
	@$(RUN) -m deploy.checks $(if $(QUICK),--quick) $(if $(KEEP),--keep)

format: $(READY) ## put the code into its format
	@$(VENV)/bin/ruff check --fix-only .
	@$(VENV)/bin/ruff format .

cli: $(READY) ## install the command line: .venv/bin/blg (sdks/cli/README.md)
	@$(VENV)/bin/python -m pip install --quiet --no-deps --editable sdks/cli

schemas: $(READY) ## write schemas/, what the chart knows of settings, and the SDKs anew from the code
	@$(RUN) -m deploy.schemas
	@$(RUN) -m deploy.kubernetes
	@$(RUN) -m sdks.generator

examples: $(READY) ## tell the story to a platform of its own and keep it as OpenAPI's examples
	@$(RUN) -m tests.story

sdks: $(READY) ## write the generated parts of the SDKs anew from schemas/api/gateway.json
	@$(RUN) -m sdks.generator

sdk-check: $(READY) ## the SDKs: what is generated is fresh, types, every case of sdks/cases
	@$(RUN) -m sdks.generator --check
	@$(VENV)/bin/mypy --no-error-summary sdks/generator sdks/cases sdks/python/src
	@$(PYTEST) -q sdks/python/tests sdks/javascript/tests

sdk-packages: $(READY) ## build the SDKs' packages into .local/dist and install each into an empty environment
	@$(RUN) -m sdks.packages

migrate: $(READY) ## bring the schemas of POSTGRES_DSN to their newest revision
	@$(RUN) -m shared.postgres.migrate

rules: $(READY) ## take the rules of e-invoices from their locked jars into the invoice service
	@$(RUN) -m deploy.validation.rules

lock: $(READY) ## resolve the newest dependencies and pin them with their hashes
	@command -v $(UV) > /dev/null || { echo "uv is needed: $(VENV)/bin/pip install uv, then make lock UV=$(VENV)/bin/uv"; exit 1; }
	$(UV) pip compile pyproject.toml $(COMPILE) -o requirements.lock
	$(UV) pip compile pyproject.toml --extra dev $(COMPILE) -o requirements-dev.lock
	$(RUN) -m deploy.local.kafka_jars
	$(RUN) -m deploy.validation.validators

clean: ## remove data, logs and secrets of the local stack (downloads stay)
	@$(or $(PYTHON),python3) -m deploy.local.clean

.venv: $(READY)

$(READY): requirements-dev.lock
	@$(if $(PYTHON),,echo "Python 3.11 or newer is needed: install it, or name it: make PYTHON=/path/to/python3"; exit 1)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "$(PYTHON) is no Python 3.11 or newer: name one with make PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m deploy.local.install $(VENV) $<
	@touch $@
