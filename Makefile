# SPDX-License-Identifier: GPL-2.0-or-later
# Makefile - build, test, install; `make demo` shows the main job, `make check` passes the tests
#
#   make            the programs, in build/ (SAN=1: with AddressSanitizer and UBSan, in build-san/)
#   make demo       boots an emulated host and shows a hand-over there
#   make check      all tests; MUST_RUN=1: a test that is skipped has failed
#   make check-unit the tests that need neither root nor a machine
#   make check-lab  the tests in the emulated host
#   make bench      what it costs, against what people use today
#   make lint       warnings as errors, cppcheck, clang-tidy, shellcheck
#   make install, make uninstall: DESTDIR=, PREFIX=, SYSCONFDIR= as usual
#   make deps       install what building and testing need (apt or dnf)

PREFIX ?= /usr
SYSCONFDIR ?= /etc
LIBEXECDIR ?= $(PREFIX)/libexec
HOOKDIR ?= $(SYSCONFDIR)/libvirt/hooks
DOCDIR ?= $(PREFIX)/share/doc/virt-handoff
CC ?= gcc
INSTALL ?= install
PKG_CONFIG ?= pkg-config
CFLAGS ?= -O2 -g

ifneq ($(V),1)
Q := @
say = @echo "  $(1)	$(2)";
endif

ifeq ($(SAN),1)
B := build-san
SANFLAGS := -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=all
else
B := build
HARDEN := -D_FORTIFY_SOURCE=2
# the gate is started for every VM: without the dynamic linker it starts faster than /bin/true
GATE_LDFLAGS ?= -static-pie
endif
GATE_LDFLAGS ?= -pie

WARN := -Wall -Wextra -Wshadow -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef
OURS := -std=gnu11 -D_GNU_SOURCE -Icommon -Itests/data $(WARN) $(HARDEN) $(SANFLAGS) -fPIE -fstack-protector-strong \
	-ffunction-sections -fdata-sections -MMD -MP
LINK := $(SANFLAGS) -Wl,-z,relro,-z,now,--gc-sections,--as-needed

# a library without a .pc file (iniparser in Debian 12) is linked by its name
flags = $(shell $(PKG_CONFIG) --cflags $(1) 2>/dev/null)
libs = $(shell $(PKG_CONFIG) --libs $(1) 2>/dev/null || echo -l$(patsubst lib%,%,$(1)))

HOOK_LIBS = $(call libs,expat) $(call libs,iniparser) $(call libs,libkmod) $(call libs,libnftnl) \
	$(call libs,libmnl) $(call libs,json-c)
TEST_LIBS = $(call libs,cmocka)
FUSE_LIBS = $(call libs,fuse3)

COMMON := address alias apply base bdf book child clock conf conf-forward conf-host \
	conf-keys conf-schema conntrack consoles file findings forward forwarding \
	forwarding-plan fw fw-batch fw-element fw-foreign fw-rule fw-table guest guest-device \
	guest-domain handover holders host iface ini ini-scan inventory ip kind-attr \
	kind-console kind-driver kind-module kind-unit kinds lease ledger ledger-read lock \
	log network nodes policy policy-check policy-choose step sysctl text uses worker
HEADERS := $(wildcard common/*.h)

LIB := $(B)/libhandoff.a
HOOKS := $(B)/hooks/gate $(B)/hooks/gate-network $(B)/hooks/qemu $(B)/hooks/network

.PHONY: all demo check check-unit check-lab install uninstall lint bench deps clean
.DELETE_ON_ERROR:
.SECONDARY:

all: $(HOOKS)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(OURS) $(call flags,fuse3) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(LIB): $(COMMON:%=$(B)/common/%.o)
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $^

$(B)/hooks/gate $(B)/hooks/gate-network: %: %.o
	$(call say,LD,$@)$(CC) $(LINK) $(GATE_LDFLAGS) $(LDFLAGS) -o $@ $^

$(B)/hooks/qemu $(B)/hooks/network: %: %.o $(LIB)
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $^ $(HOOK_LIBS)

# ---- tests ----

UNIT := apply conf conf-forward guest ini kill shared text
UNIT_TESTS := $(UNIT:%=$(B)/tests/unit/test-%)
TEST_LIB := $(B)/libtest.a

$(TEST_LIB): $(B)/tests/unit/table.o $(B)/tests/unit/tree.o $(B)/tests/unit/world.o $(B)/tests/data/machine.o
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $^

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(TEST_LIB) $(LIB)
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $^ $(TEST_LIBS) $(HOOK_LIBS)

$(B)/tests/golden/plan: $(B)/tests/golden/plan.o $(TEST_LIB) $(LIB)
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $^ $(HOOK_LIBS)

$(B)/tests/bench/pairs $(B)/tests/netns/kill-at $(B)/tests/netns/peer: %: %.o
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $^

UNIT_PROGRAMS := $(UNIT_TESTS) $(B)/tests/golden/plan
.PHONY: unit-programs fake-programs check-now check-unit-now with-deps
unit-programs: $(UNIT_PROGRAMS)
fake-programs: $(FAKE_PROGRAMS)

# what is missing is installed first; a second make, because pkg-config is asked when a Makefile is read
with-deps:
	$(Q)tests/deps check || $(MAKE) --no-print-directory deps

check: with-deps
	$(Q)$(MAKE) --no-print-directory check-now
check-unit: with-deps
	$(Q)$(MAKE) --no-print-directory check-unit-now
check-lab: with-deps
	$(Q)tests/run lab tests/lab/run
demo: with-deps
	$(Q)tests/lab/demo
bench: with-deps all fake-programs $(B)/tests/bench/pairs
	$(Q)tests/bench/run $(B)

each = for t in $(1); do $(2) $$t || f=1; done; [ -z "$$f" ]
UNIT_SUITES = \
	tree tests/tree/check \
	unit '$(call each,$(UNIT_TESTS),)' \
	golden 'tests/golden/run $(B)/tests/golden/plan'
# a child that hangs in the kernel, and a process killed on purpose, are not leaks
VALGRIND = valgrind -q --error-exitcode=9 --leak-check=full --child-silent-after-fork=yes
MEMORY_SUITES = \
	unit-valgrind '$(call each,$(UNIT_TESTS),$(VALGRIND))' \
	unit-sanitizers '$(call each,$(UNIT_TESTS:$(B)/%=build-san/%),)' \
	golden-sanitizers 'tests/golden/run build-san/tests/golden/plan'

INSTALLED = rm -rf $(1)/installed && $(MAKE) --no-print-directory -s $(2) install DESTDIR=$(CURDIR)/$(1)/installed
VFIO_MODULES := irqbypass,vfio,vfio_virqfd,vfio_pci_core,vfio_pci
CRASH_SUITES = \
	fake '$(B)/tests/fake/in-fake tests/data/one-card.machine --bind $(CURDIR)/$(B)/tests/fake:/bench \
		--modules $(VFIO_MODULES) -- /bench/behaviour 0000:01:00.0' \
	faults '$(call INSTALLED,$(B)) && $(B)/tests/crash/faults $(B)/installed' \
	crash '$(B)/tests/crash/crash --install $(B)/installed' \
	faults-sanitizers '$(call INSTALLED,build-san,SAN=1) && build-san/tests/crash/faults build-san/installed' \
	crash-sanitizers '$(call each,prepare stopped release,build-san/tests/crash/crash --install build-san/installed --series)'

check-unit-now: all unit-programs
	$(Q)$(MAKE) --no-print-directory SAN=1 all unit-programs
	$(Q)CMOCKA_MESSAGE_OUTPUT=tap tests/run $(UNIT_SUITES) $(MEMORY_SUITES)

check-now: all unit-programs fake-programs
	$(Q)$(MAKE) --no-print-directory SAN=1 all unit-programs fake-programs
	$(Q)CMOCKA_MESSAGE_OUTPUT=tap tests/run lint '$(MAKE) --no-print-directory lint' $(UNIT_SUITES) $(MEMORY_SUITES) \
		$(CRASH_SUITES) lab tests/lab/run

C_FILES := $(wildcard common/*.c hooks/*.c tests/*/*.c)
SH_FILES = $(shell git ls-files 2>/dev/null | xargs grep -lE '^\#!/bin/(ba)?sh|^\# shellcheck shell=' 2>/dev/null)

lint: with-deps
	$(Q)$(MAKE) --no-print-directory B=build-lint CFLAGS='-O2 -Werror' all unit-programs >/dev/null && echo 'ok lint gcc -Werror'
	$(Q)cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability --inline-suppr \
		-D_GNU_SOURCE -Icommon --suppress=missingIncludeSystem common hooks && echo 'ok lint cppcheck'
	$(Q)clang-tidy --quiet $(filter common/% hooks/%,$(C_FILES)) -- -std=gnu11 -D_GNU_SOURCE -Icommon 2>/dev/null && echo 'ok lint clang-tidy'
	$(Q)shellcheck -x -P SCRIPTDIR $(SH_FILES) && echo 'ok lint shellcheck'

# ---- install ----

install: all
	$(Q)$(INSTALL) -d -m 755 $(DESTDIR)$(HOOKDIR)/qemu.d $(DESTDIR)$(HOOKDIR)/virt-handoff
	$(Q)$(INSTALL) -m 755 $(B)/hooks/gate $(DESTDIR)$(HOOKDIR)/qemu.d/50-virt-handoff
	$(Q)$(INSTALL) -m 755 $(B)/hooks/qemu $(DESTDIR)$(HOOKDIR)/virt-handoff/qemu
	$(Q)$(INSTALL) -d -m 755 $(DESTDIR)$(SYSCONFDIR)/virt-handoff/vms
	$(Q)$(INSTALL) -d -m 755 $(DESTDIR)$(DOCDIR)
	$(Q)$(INSTALL) -m 644 conf/vm.ini README.md LICENSE $(DESTDIR)$(DOCDIR)

# INI files are the user's: they stay, and so does their folder as long as it has one
uninstall:
	$(Q)rm -f $(DESTDIR)$(HOOKDIR)/qemu.d/50-virt-handoff $(DESTDIR)$(HOOKDIR)/virt-handoff/qemu
	$(Q)rm -f $(DOCDIR:%=$(DESTDIR)%/vm.ini) $(DESTDIR)$(DOCDIR)/README.md $(DESTDIR)$(DOCDIR)/LICENSE
	$(Q)for d in $(HOOKDIR)/virt-handoff $(HOOKDIR)/qemu.d $(SYSCONFDIR)/virt-handoff/vms \
		$(SYSCONFDIR)/virt-handoff $(DOCDIR); do rmdir "$(DESTDIR)$$d" 2>/dev/null || :; done

deps:
	$(Q)tests/deps install

clean:
	$(Q)rm -rf build build-san build-lint

-include $(wildcard $(B)/common/*.d $(B)/hooks/*.d $(B)/tests/*/*.d)
