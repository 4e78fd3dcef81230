# SPDX-License-Identifier: Apache-2.0
# The doors of the project; meson does the building. Everything generated goes below build/.
# `make demo` and `make test` install what is missing (as root) and then need nothing else.

.PHONY: all demo test test-live check bench fuzz sanitize coverage install clean help setup format

all: build/release/build.ninja
	@ninja -C build/release --quiet

help:
	@echo "make            build (build/release/src/cli/zync)"
	@echo "make demo       set up, build, start the simulators, run a full sync on SQLite and show the result"
	@echo "make test       set up, build, run unit, contract and end-to-end tests on the simulators, and the code checks"
	@echo "make test-live  the same contracts and the whole program against real Zabbix 6.0 and 7.0 and a real NetBox"
	@echo "make sanitize   the unit and end-to-end tests under ASan with UBSan, and under TSan"
	@echo "make bench      measure against a floor in the same run"
	@echo "make fuzz       fuzz configuration, templates and replies (SECONDS=60 each)"
	@echo "make coverage   line coverage of the unit tests"
	@echo "make check      only the checks of the code (layers, banned functions, headers, sizes, format, docs)"
	@echo "make install    install program, library, headers, manual page, completion (DESTDIR, PREFIX=/usr/local)"
	@echo "make format     format the code"

setup:
	@scripts/setup

build/release/build.ninja: | setup
	@meson setup build/release -Dprefix=$(or $(PREFIX),/usr/local) >/dev/null

demo: all
	@scripts/demo

test: setup
	@scripts/test

test-live: setup
	@scripts/test-live

check: setup
	@scripts/check

sanitize:
	@scripts/setup --dev
	@scripts/sanitize

bench: all
	@tests/bench/rules
	@tests/bench/run
	@tests/bench/journal

fuzz:
	@scripts/setup --dev
	@scripts/fuzz $(or $(SECONDS),60)

coverage:
	@scripts/setup --dev
	@scripts/coverage

format:
	@git ls-files '*.c' '*.h' | xargs clang-format-19 -i

install: all
	@meson install -C build/release --quiet

clean:
	@rm -rf build
