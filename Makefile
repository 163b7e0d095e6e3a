# Two commands matter: `make demo` (watch it heal) and `make test` (everything, on real machines).
# Both set up what they need on a fresh Debian machine: packages, the test image, the binary.
SHELL   := /bin/bash
GO      ?= go
export VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
# Packages whose tests need no throw-away machine.
UNIT     = $(shell $(GO) list ./... | grep -v -e /agent/e2e -e /examples$$)
FUZZ    ?= 10s
TIME    ?= 2h
CORPUS  := $(if $(FILE),$(FILE),examples/incidents)

.PHONY: help build deb faults demo shell test unit e2e lint fuzz soak bench corpus image setup clean
help:           ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

setup:          ## the packages that a fresh Debian needs
	@.ci/setup

build: setup    ## the static binary, dist/gatemend
	@.ci/build dist/gatemend

faults: build   ## the same with the points at which tests end or freeze it, dist/gatemend-faults
	@.ci/build dist/gatemend-faults faultpoints

deb: setup      ## Debian packages for amd64 and arm64, in dist/
	@.ci/deb/build

image: setup    ## the Debian images that throw-away machines boot from: 12 and 13 (once)
	$(GO) run ./agent/e2e/machine/image

shell: build image ## a throw-away machine with shop and agent, to break by hand
	$(GO) run ./agent/e2e/demo -binary dist/gatemend -shell

demo: build image ## boot the demo shop, break it several ways, watch the agent heal it
	$(GO) run ./agent/e2e/demo -binary dist/gatemend

test: lint unit fuzz e2e ## everything, end to end included
	@echo "make test: all passed"

lint: setup     ## gofmt, go vet
	@test -z "$$(gofmt -l . | tee /dev/stderr)" || { echo "gofmt: the files above need formatting" >&2; exit 1; }
	$(GO) vet ./...

unit: setup     ## tests that need no throw-away machine, with the race detector
	$(GO) test -race -timeout 10m $(UNIT)

e2e: faults image ## tests on real machines: systemd, nginx, gunicorn
	GATEMEND_BINARY=$(CURDIR)/dist/gatemend .ci/e2e

fuzz:           ## each fuzz target for $(FUZZ)
	@.ci/fuzz $(FUZZ)

soak: faults image ## break machines at random for TIME (2h), by SEED; STEP repeats one: TIME=2h SEED=1 make soak
	@mkdir -p dist/soak
	GATEMEND_BINARY=$(CURDIR)/dist/gatemend GATEMEND_SOAK=$(TIME) SEED=$(SEED) STEP=$(STEP) $(GO) test -v -count=1 -timeout 0 -artifacts -outputdir dist/soak -run '^TestSoak$$' ./agent/e2e

bench: build image ## outages, costs and reading speed, measured
	$(GO) run ./agent/e2e/bench/flood
	$(GO) run ./agent/e2e/bench -binary dist/gatemend

corpus:         ## score a JSON-lines file of incidents: make corpus FILE=incidents.jsonl
	$(GO) run ./detect/diagnose/corpus $(CORPUS)

clean:          ## what make built, the test image included
	rm -rf dist
	rm -rf --one-file-system /var/cache/gatemend-e2e
