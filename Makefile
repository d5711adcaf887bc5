# Everything here does its own set-up: Go and a package manager are enough.
SHELL := /bin/bash -o pipefail
GO ?= go
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
LDFLAGS := -s -w $(if $(VERSION),-X relink/importer/cli.version=$(VERSION))

.DEFAULT_GOAL := help
.PHONY: help run build test check bench bench-peers postgres chaos dist

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## the binary, ./relink
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '$(LDFLAGS)' -o relink .

run: postgres build ## import samples/links.csv into the sandbox; again to resume
	@./relink import samples/links.csv --sandbox; code=$$?; \
	case $$code in \
	0) echo "make run: done, every row is in place." ;; \
	3) echo "make run: relink exited with 3, as it should: the sample holds a few bad rows on purpose, and they are listed above. All others are in place." ;; \
	4) echo "make run: stopped before the end; type make run again to carry on." ;; \
	*) exit $$code ;; \
	esac

# -count=1: the tests that build the program themselves would be taken from the
# cache although the program has changed.
test: postgres ## all tests, short forms
	$(GO) test -count=1 -timeout 10m ./...

check: postgres ## gofmt, vet, staticcheck, go mod tidy, and all tests with -race
	@files=$$(gofmt -l $$(git ls-files '*.go')); test -z "$$files" || { echo "gofmt wants: $$files"; exit 1; }
	$(GO) vet ./...
	$(GO) mod tidy -diff
	$(GO) run honnef.co/go/tools/cmd/staticcheck@v0.8.2 ./...
	$(GO) test -count=1 -race -timeout 15m ./...

FUZZTIME ?= 20s
fuzz: ## every fuzz target for FUZZTIME (20s)
	@set -e; for package in $$($(GO) list ./...); do \
	  for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz' || true); do \
	    $(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package; \
	  done; \
	done

bench: postgres ## what it costs, side by side with a bare loop (four minutes)
	$(GO) test -count=1 -timeout 30m -v -run '^TestTable$$' ./importer/bench -args -table -plot $(CURDIR)/samples/cost.svg

# What cannot be had here (no network, no root) is named, and the rest measured.
bench-peers: postgres ## what others do with the same rows: vegeta, k6, River, GNU parallel (optional)
	@command -v parallel >/dev/null || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq parallel >/dev/null; } || true
	cd importer/bench/peers && $(GO) run .

chaos: postgres ## the long fault tests, with their table (RELINK_SEED=N repeats one)
	RELINK_CHAOS=1 $(GO) test -count=1 -timeout 60m -v ./importer/chaos | grep -v -E '^=== (RUN|PAUSE|CONT)'

# The version is the tag's; the same source gives the same bytes. The man pages
# are written by cobra/doc with a go.mod of its own: it needs modules that the
# program does not.
PLATFORMS := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
dist: ## static binaries for six platforms, man pages and completions, in ./dist
	@rm -rf dist && mkdir -p dist/man dist/completion
	@set -e; for platform in $(PLATFORMS); do \
	  os=$${platform%/*}; arch=$${platform#*/}; ext=; [ $$os != windows ] || ext=.exe; \
	  echo "dist/relink-$$os-$$arch$$ext"; \
	  CGO_ENABLED=0 GOOS=$$os GOARCH=$$arch $(GO) build -trimpath -buildvcs=false -ldflags '$(LDFLAGS) -buildid=' -o dist/relink-$$os-$$arch$$ext .; \
	done
	@cp go.mod dist/man.mod && cp go.sum dist/man.sum
	@$(GO) get -modfile=dist/man.mod github.com/spf13/cobra/doc
	$(GO) run -modfile=dist/man.mod importer/cli/man/main.go dist/man '$(VERSION)'
	@rm dist/man.mod dist/man.sum
	@set -e; for shell in bash zsh fish powershell; do $(GO) run . completion $$shell > dist/completion/relink.$$shell; done
	@cd dist && sha256sum relink-* > SHA256SUMS 2>/dev/null || shasum -a 256 relink-* > SHA256SUMS

# The server programs of Postgres, for the private Postgres and for the tests.
# Nothing is started by this.
postgres:
	@command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres \
	  /opt/homebrew/opt/postgresql*/bin/postgres /usr/local/opt/postgresql*/bin/postgres >/dev/null 2>&1 || { \
	  echo "installing PostgreSQL with the system's package manager"; \
	  if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	  if command -v apt-get >/dev/null; then $$sudo apt-get update -qq && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql; \
	  elif command -v dnf >/dev/null; then $$sudo dnf install -y postgresql-server; \
	  elif command -v apk >/dev/null; then $$sudo apk add postgresql; \
	  elif command -v pacman >/dev/null; then $$sudo pacman -S --noconfirm postgresql; \
	  elif command -v brew >/dev/null; then brew install postgresql@17; \
	  else echo "no package manager that is known here: install PostgreSQL 14 or later" >&2; exit 1; fi; }
