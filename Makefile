# SPDX-License-Identifier: GPL-2.0-or-later
# Makefile - build, test, install; `make demo` shows the main job, `make check` passes the tests
#
#   make            the programs, in build/ (SAN=1: with AddressSanitizer and UBSan, in build-san/)
#   make demo       boots an emulated host and shows a hand-over there
#   make check      all tests; MUST_RUN=1: a test that is skipped has failed
#   make check-unit the tests that need neither root nor a machine
#   make check-netns the tests of port forwards, in network namespaces (root)
#   make check-lab  the tests in the emulated host
#   make fuzz       what comes from outside, with libFuzzer: FUZZ_SECONDS= for each harness, FUZZ_ONLY= some of them
#   make check-packages make install, the packages, SELinux
#   make bench      what it costs, against what people use today
#   make instructions  write down how many instructions each program takes; make check compares
#   make lint       warnings as errors, cppcheck, clang-tidy, shellcheck
#   make coverage   what the tests run of the programs
#   make check-trixie the lab, early and packages in an emulated Debian 13: hours
#   make install, make uninstall: DESTDIR=, PREFIX=, SYSCONFDIR= as usual; STRIP=yes
#   make deb, make rpm: a package, in build/packages
#   make deps       install what building and testing need (apt or dnf)

# of this release, wherever one is told; the day is what packages have as the time of their files
VERSION := $(shell sed -n 's/^.define VERSION "\(.*\)"/\1/p' helpers/version.h)
RELEASED := 2026-11-21

PREFIX ?= /usr
override PREFIX := $(patsubst %/,%,$(PREFIX))
SYSCONFDIR ?= /etc
LIBEXECDIR ?= $(PREFIX)/libexec
HOOKDIR ?= $(SYSCONFDIR)/libvirt/hooks
UNITDIR ?= $(PREFIX)/lib/systemd/system
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/virt-handoff
INITRAMFSDIR ?= $(PREFIX)/share/initramfs-tools
DRACUTDIR ?= $(PREFIX)/lib/dracut/modules.d
STATEDIR ?= /var/lib/virt-handoff
PRESETDIR ?= $(PREFIX)/lib/systemd/system-preset
COMPLETIONDIR ?= $(PREFIX)/share/bash-completion/completions
SELINUXDIR ?= $(PREFIX)/share/selinux/packages
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

# ---- fuzz ---- (FUZZ=1: for libFuzzer, in build-fuzz/; the harnesses are below)
ifeq ($(FUZZ),1)
B := build-fuzz
CC := clang
HARDEN :=
SANFLAGS := -fsanitize=fuzzer-no-link,address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=all
endif

# ---- coverage ---- (COVERAGE=1: programs that count what is run of them, in build-cov/; tests/coverage/run asks for it)
ifeq ($(COVERAGE),1)
B := build-cov
CFLAGS := -O1 -g
COUNT := --coverage -fprofile-update=atomic
LINK_COUNT := $(COUNT) -Wl,--wrap=_exit tests/coverage/end.c
endif

WARN := -Wall -Wextra -Wshadow -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef
OURS := -std=gnu11 -D_GNU_SOURCE -Icommon -Itests/data $(WARN) $(HARDEN) $(SANFLAGS) $(COUNT) -fPIE -fstack-protector-strong \
	-ffunction-sections -fdata-sections -MMD -MP -ffile-prefix-map=$(CURDIR)=.
LINK := $(SANFLAGS) $(LINK_COUNT) -Wl,-z,relro,-z,now,--gc-sections,--as-needed

comma := ,
# a library without a .pc file (iniparser in Debian 12) is linked by its name
flags = $(shell $(PKG_CONFIG) --cflags $(1) 2>/dev/null)
libs = $(shell $(PKG_CONFIG) --libs $(1) 2>/dev/null || echo -l$(patsubst lib%,%,$(1)))

HOOK_LIBS = $(call libs,expat) $(call libs,iniparser) $(call libs,libkmod) $(call libs,libnftnl) \
	$(call libs,libmnl) $(call libs,json-c)
# libvirt is loaded when it is asked for, see helpers/virt-load.h; AddressSanitizer answers for the functions of ONC RPC
# that libvirt calls, and finds the real ones only in what is there from the start
CTL_LIBS = -ldl $(call libs,libpci) $(if $(SANFLAGS),-Wl$(comma)--no-as-needed $(call libs,libvirt))
TEST_LIBS = $(call libs,cmocka)
FUSE_LIBS = $(call libs,fuse3)

COMMON := $(patsubst %.c,%,$(notdir $(sort $(wildcard common/*.c))))
HEADERS := $(wildcard common/*.h)

LIB := $(B)/libhandoff.a
HOOKS := $(B)/hooks/gate $(B)/hooks/gate-network $(B)/hooks/qemu $(B)/hooks/network
# all of helpers/ that is not of a small program of its own
CTL := $(filter-out boot% early% late% watch%,$(patsubst %.c,%,$(notdir $(sort $(wildcard helpers/*.c)))))
HELPERS := $(B)/helpers/watch $(B)/helpers/early $(B)/helpers/late $(B)/helpers/boot $(B)/helpers/virt-handoff

.PHONY: all demo check check-unit check-lab install uninstall deb rpm lint bench deps clean
.DELETE_ON_ERROR:
.SECONDARY:

all: $(HOOKS) $(HELPERS)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(OURS) $(call flags,fuse3) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(LIB): $(COMMON:%=$(B)/common/%.o)
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $^

# what waits for something to happen is small and static too
$(B)/helpers/watch: $(B)/helpers/watch-hook.o $(B)/helpers/watch-listen.o
$(B)/hooks/gate $(B)/hooks/gate-network $(B)/helpers/watch: %: %.o
	$(call say,LD,$@)$(CC) $(LINK) $(GATE_LDFLAGS) $(LDFLAGS) -o $@ $^

$(B)/hooks/qemu $(B)/hooks/network: %: %.o $(LIB)
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $^ $(HOOK_LIBS)

# goes into the initramfs, which has libc: dynamic is smaller there than static
EARLY := $(B)/helpers/early-judge.o $(B)/helpers/early-report.o
$(B)/helpers/early: %: %.o $(EARLY) $(LIB)
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $^

$(B)/helpers/late: %: %.o $(EARLY) $(LIB)
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $^ $(call libs,libkmod)

$(B)/helpers/boot: $(B)/helpers/boot.o $(B)/helpers/boot-parallel.o $(LIB)
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $^ $(HOOK_LIBS)

# the command that a person types
$(B)/helpers/virt-handoff: $(CTL:%=$(B)/helpers/%.o) $(LIB)
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $^ $(HOOK_LIBS) $(CTL_LIBS)

include tests/tests.mk

# ---- install ----

# MODE SOURCE TARGET, see conf/packaging/put; `make uninstall` removes the same targets
EARLY_GLUE := hooks/virt-handoff scripts/init-top/00-virt-handoff
DRACUT_GLUE := 90virt-handoff/module-setup.sh 90virt-handoff/virt-handoff.sh
FILES = \
	755 $(B)/hooks/gate $(HOOKDIR)/qemu.d/50-virt-handoff \
	755 $(B)/hooks/gate-network $(HOOKDIR)/network.d/50-virt-handoff \
	755 $(B)/hooks/qemu $(HOOKDIR)/virt-handoff/qemu \
	755 $(B)/hooks/network $(HOOKDIR)/virt-handoff/network \
	755s $(B)/helpers/early $(LIBEXECDIR)/virt-handoff/early \
	755 $(B)/helpers/late $(LIBEXECDIR)/virt-handoff/late \
	755 $(B)/helpers/boot $(LIBEXECDIR)/virt-handoff/boot \
	755 $(B)/helpers/watch $(LIBEXECDIR)/virt-handoff/watch \
	755 $(B)/helpers/virt-handoff $(SBINDIR)/virt-handoff \
	$(foreach f,$(EARLY_GLUE),755t initramfs-tools/$f $(INITRAMFSDIR)/$f) \
	$(foreach f,$(DRACUT_GLUE),755t dracut/$f $(DRACUTDIR)/$f) \
	$(foreach f,$(wildcard conf/*.service conf/*.path conf/*.timer),644t $f $(UNITDIR)/$(notdir $f)) \
	644 conf/virt-handoff.preset $(PRESETDIR)/90-virt-handoff.preset \
	$(foreach f,$(wildcard helpers/*.8 hooks/*.8),644 $f $(MANDIR)/man8/$(notdir $f)) \
	$(foreach f,$(wildcard conf/*.5),644 $f $(MANDIR)/man5/$(notdir $f)) \
	$(foreach f,$(wildcard conf/completion/*.bash),644 $f $(COMPLETIONDIR)/$(basename $(notdir $f))) \
	644 conf/selinux/virt-handoff.cil $(SELINUXDIR)/virt-handoff.cil \
	$(foreach f,conf/vm.ini conf/host.ini conf/coming-from.md README.md LICENSE,644 $f $(DOCDIR)/$(notdir $f))
# enabled for everybody; a package leaves that to its distribution: ENABLED=
ENABLED = virt-handoff-early.service virt-handoff-boot.service
WANTS = $(UNITDIR)/multi-user.target.wants
# not ours alone; a PREFIX of its own goes with the last file, what is above it stays
COMMON_PREFIX = $(filter /usr /usr/local /opt,$(PREFIX))
BASES = $(if $(COMMON_PREFIX),$(PREFIX) $(addprefix $(PREFIX)/,lib sbin share share/doc) $(MANDIR)) $(patsubst %/,%,$(dir $(PREFIX))) \
	$(filter-out $(if $(COMMON_PREFIX),,$(PREFIX)/%),$(SYSCONFDIR) $(HOOKDIR)) /var/lib
put = DESTDIR='$(DESTDIR)' INSTALL='$(INSTALL)' STRIP='$(STRIP)' LIBEXECDIR='$(LIBEXECDIR)' SBINDIR='$(SBINDIR)' \
	BASES='$(BASES)' conf/packaging/put

install: all
	$(Q)$(put) install $(FILES)
	$(Q)$(if $(ENABLED),$(INSTALL) -d -m 755 $(DESTDIR)$(WANTS))
	$(Q)$(foreach u,$(ENABLED),ln -sf ../$u $(DESTDIR)$(WANTS)/$u &&) :
	$(Q)$(INSTALL) -d -m 755 $(DESTDIR)$(SYSCONFDIR)/virt-handoff/vms

# INI files are the user's: they stay, and so does their folder as long as it has one
uninstall:
	$(Q)$(if $(DESTDIR),,. conf/packaging/functions && refuse_while_held)
	$(Q)$(put) uninstall $(foreach u,$(ENABLED),644 - $(WANTS)/$u) $(FILES) 644 - $(STATEDIR)/early.list
	$(Q)for d in $(SYSCONFDIR)/virt-handoff/vms $(SYSCONFDIR)/virt-handoff \
		$(if $(COMMON_PREFIX),,$(filter $(PREFIX)/%,$(SYSCONFDIR)) $(PREFIX)); do rmdir "$(DESTDIR)$$d" 2>/dev/null || :; done

# ---- packages, in build/packages ----

deb: all
	$(Q)conf/packaging/build-deb $(B) $(VERSION) $(RELEASED)
rpm: all
	$(Q)conf/packaging/build-rpm $(B) $(VERSION) $(RELEASED)

deps:
	$(Q)tests/deps install

clean:
	$(Q)rm -rf build build-san build-lint build-cov build-fuzz

-include $(wildcard $(B)/common/*.d $(B)/hooks/*.d $(B)/helpers/*.d $(B)/tests/*/*.d)
