# SPDX-License-Identifier: GPL-2.0-or-later
# tests.mk - what is built for the tests, the suites of `make check`, lint, bench and coverage; a part of ../Makefile

UNIT := $(patsubst test-%.c,%,$(notdir $(sort $(wildcard tests/unit/test-*.c))))
UNIT_TESTS := $(UNIT:%=$(B)/tests/unit/test-%)
TEST_LIB := $(B)/libtest.a

# what is no test is shared, and linked with those that ask for it; played.o is not there: it has the names of worker.o
UNIT_SHARED := $(filter-out test-% played,$(patsubst %.c,%,$(notdir $(sort $(wildcard tests/unit/*.c)))))
$(TEST_LIB): $(UNIT_SHARED:%=$(B)/tests/unit/%.o) $(B)/tests/data/machine.o
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $^

# those in which a function of the test answers the writes
$(patsubst %,$(B)/tests/unit/test-%,kind-mdev kind-offer kind-vgpu numvfs sriov-script): $(B)/tests/unit/played.o
$(B)/tests/unit/test-parallel: $(B)/helpers/boot-parallel.o

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(TEST_LIB) $(LIB)
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(TEST_LIBS) $(HOOK_LIBS)

$(B)/tests/golden/place: $(B)/tests/golden/cards.o
$(B)/tests/golden/plan $(B)/tests/golden/place $(B)/tests/docs/accept: %: %.o $(TEST_LIB) $(LIB)
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(HOOK_LIBS)

# the fake kernel, and what runs programs on it; its helpers are looked for beside the program
FAKE_LIB := $(B)/libfake.a
FAKE := attr box-build box-files cards cards-command child command control driver fault filter group index later limit lines load \
	mdev module node sandbox serve sriov vendor
FAKE_TOOLS = $(patsubst %,$(B)/tests/$(1)/%,fake-systemctl fake-sriov-manage fake-nvidia-smi asan-options.so)
FAKE_PROGRAMS := $(B)/tests/fake/in-fake $(B)/tests/fake/behaviour $(B)/tests/crash/crash $(B)/tests/crash/faults $(B)/tests/crash/plug \
	$(call FAKE_TOOLS,fake) $(call FAKE_TOOLS,crash)

$(FAKE_LIB): $(FAKE:%=$(B)/tests/fake/%.o) $(B)/tests/data/machine.o
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $^

$(B)/tests/fake/in-fake: $(B)/tests/fake/in-fake.o $(FAKE_LIB)
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $^ $(FUSE_LIBS)

$(B)/tests/crash/crash: $(patsubst %,$(B)/tests/crash/%.o,crash calls case scenario trace) $(FAKE_LIB)
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $^ $(FUSE_LIBS)

$(B)/tests/crash/faults: $(patsubst %,$(B)/tests/crash/%.o,faults faults-host faults-kernel faults-process faults-files expect libvirt scenario) $(FAKE_LIB)
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $^ $(FUSE_LIBS)

$(B)/tests/crash/plug: $(B)/tests/crash/plug.o $(LIB)
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $^ $(HOOK_LIBS)

# what goes into the sandbox is small and has no sanitizers of its own
define fake_tool
$$(B)/tests/%/fake-$(1): tests/fake/$(1).c
	$$(call say,LD,$$@)mkdir -p $$(@D) && $$(CC) -std=gnu11 -D_GNU_SOURCE -O2 $$(WARN) -static -o $$@ $$<
endef
$(foreach t,systemctl sriov-manage nvidia-smi,$(eval $(call fake_tool,$(t))))

$(B)/tests/%/asan-options.so: tests/fake/asan-options.c
	$(call say,LD,$@)mkdir -p $(@D) && $(CC) -O2 -fPIC -shared $(WARN) -o $@ $<

# the same questions to the fake kernel and to a real one
$(B)/tests/fake/behaviour: $(patsubst %,tests/fake/%.c,behaviour ask ask-mdev ask-sriov) tests/fake/behaviour.h
	$(call say,LD,$@)mkdir -p $(@D) && $(CC) -std=gnu11 -D_GNU_SOURCE -O2 $(WARN) -static -o $@ $(filter %.c,$^)

# a recorded machine as a folder, for the cases of the command
$(B)/tests/command/unpack: %: %.o $(B)/tests/data/machine.o
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $^

NETNS_PROGRAMS := $(patsubst %,$(B)/tests/netns/%,advertise fill kill-at noise peer sctp)
# a watch that gives up sooner, and for twenty seconds
BRIEF := -DMINUTE_MS=20000 -DREPAIRS_MAX=4

$(B)/tests/netns/fill $(B)/tests/netns/noise: NETNS_LIBS = $(call libs,libmnl)
$(NETNS_PROGRAMS): %: %.o
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $^ $(NETNS_LIBS)

BENCH_PROGRAMS := $(patsubst %,$(B)/tests/bench/%,pairs forwards load reaction crowd peak)

$(BENCH_PROGRAMS): %: %.o $(B)/tests/bench/measure.o $(LIB)
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $^ $(HOOK_LIBS)

$(B)/tests/netns/watch-brief: helpers/watch.c $(B)/helpers/watch-hook.o $(B)/helpers/watch-listen.o
	@mkdir -p $(@D)
	$(call say,LD,$@)$(CC) $(filter-out -MMD -MP,$(OURS)) $(BRIEF) $(CPPFLAGS) $(CFLAGS) $(LINK) -pie $(LDFLAGS) -o $@ $^

# ---- fuzz ----

# what is not a harness is shared by some; each harness has its folder in tests/fuzz/corpus
FUZZ_SHARED := fuzz boot-check import-check bounds bounds-forms bounds-parsers libvirt-xml
FUZZ_NAMES := $(filter-out $(FUZZ_SHARED),$(patsubst %.c,%,$(notdir $(sort $(wildcard tests/fuzz/*.c)))))
FUZZ_PROGRAMS := $(FUZZ_NAMES:%=$(B)/tests/fuzz/%)
comma_list = $(patsubst %,-Wl$(comma)--wrap=%,$(1))
FUZZ_WRAP = $(call comma_list,open openat)
FUZZ_LIBS = $(HOOK_LIBS)

$(B)/tests/fuzz/domain-text: $(patsubst %,$(B)/helpers/%.o,domain-text domain-edit print)
$(B)/tests/fuzz/record: $(patsubst %,$(B)/helpers/%.o,record record-xml record-blank agree)
$(B)/tests/fuzz/import-iptables: $(B)/tests/fuzz/import-check.o
$(patsubst %,$(B)/tests/fuzz/import-%,rc-local mdevctl driverctl): $(patsubst %,$(B)/tests/fuzz/%-check.o,boot import)
$(B)/tests/fuzz/netlink: FUZZ_WRAP += $(call comma_list,fw_dump recv iface_read \
	$(patsubst %,mnl_socket_%,open2 bind close get_fd sendto recvfrom))
$(FUZZ_PROGRAMS): %: %.o $(B)/tests/fuzz/fuzz.o $(LIB)
	$(call say,LD,$@)$(CC) $(SANFLAGS:fuzzer-no-link%=%) -fsanitize=fuzzer $(FUZZ_WRAP) -pie $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(FUZZ_LIBS)

# what is read within bounds of time and memory, by the code as it is installed
BOUNDS_PROGRAMS := $(B)/tests/fuzz/bounds $(B)/tests/fuzz/libvirt-xml
$(B)/tests/fuzz/bounds: $(patsubst %,$(B)/tests/fuzz/%.o,bounds-forms bounds-parsers) \
	$(patsubst %,$(B)/helpers/%.o,domain-text record record-xml record-blank agree)
$(B)/tests/fuzz/libvirt-xml: $(B)/helpers/domain-text.o
$(BOUNDS_PROGRAMS): %: %.o $(LIB)
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(HOOK_LIBS)

FUZZ_SUITES = \
	fuzz 'tests/fuzz/run build-fuzz' \
	bounds '$(B)/tests/fuzz/bounds' \
	libvirt-xml 'tests/fuzz/libvirt $(B)/tests/fuzz/libvirt-xml && tests/fuzz/libvirt build-san/tests/fuzz/libvirt-xml'

.PHONY: fuzz fuzz-programs bounds-programs
fuzz-programs: $(FUZZ_PROGRAMS)
bounds-programs: $(BOUNDS_PROGRAMS)
# FUZZ_SECONDS=1800 make fuzz: each harness half an hour, two at a time
fuzz: with-deps
	$(Q)$(MAKE) --no-print-directory $(PARALLEL) FUZZ=1 fuzz-programs
	$(Q)tests/run fuzz:86400 'tests/fuzz/run build-fuzz $(FUZZ_ONLY)'

# ---- soak and kills: they run in the lab ----
FAULTS_PROGRAMS := $(patsubst %,$(B)/tests/faults/%,soak kills)
FAULTS_PARTS := $(patsubst %,$(B)/tests/faults/%.o,tool yard libvirt look look-whole spoil)
.PHONY: faults-programs
faults-programs: $(FAULTS_PROGRAMS)

$(B)/tests/faults/soak: $(patsubst %,$(B)/tests/faults/%.o,soak-judge soak-prove)
$(B)/tests/faults/kills: $(B)/tests/faults/kills-cases.o $(B)/tests/faults/kills-events.o
$(FAULTS_PROGRAMS): %: %.o $(FAULTS_PARTS)
	$(call say,LD,$@)$(CC) $(LINK) -pie $(LDFLAGS) -o $@ $^

UNIT_PROGRAMS := $(UNIT_TESTS) $(B)/tests/golden/plan $(B)/tests/golden/place $(B)/tests/command/unpack \
	$(B)/tests/docs/accept $(B)/tests/bench/crowd $(B)/tests/bench/pairs
.PHONY: unit-programs fake-programs netns-programs bench-programs check-netns check-packages check-now check-unit-now with-deps
unit-programs: $(UNIT_PROGRAMS)
fake-programs: $(FAKE_PROGRAMS)
netns-programs: $(NETNS_PROGRAMS) $(B)/tests/netns/watch-brief
bench-programs: $(BENCH_PROGRAMS)

# as many compilers at a time as there are processors, unless the command line says how many
JOBS := $(shell nproc 2>/dev/null || echo 2)
PARALLEL = $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(JOBS))

# what is missing is installed first; a second make, because pkg-config is asked when a Makefile is read
with-deps:
	$(Q)tests/deps check || $(MAKE) --no-print-directory deps

check: with-deps
	$(Q)$(MAKE) --no-print-directory $(PARALLEL) check-now
check-unit: with-deps
	$(Q)$(MAKE) --no-print-directory $(PARALLEL) check-unit-now
check-lab: with-deps
	$(Q)tests/run lab:7200 tests/lab/run lab-early tests/lab/early lab-packages tests/lab/packages
check-packages: with-deps
	$(Q)$(MAKE) --no-print-directory $(PARALLEL) all
	$(Q)tests/run $(PACKAGE_SUITES)
check-netns: with-deps
	$(Q)$(MAKE) --no-print-directory $(PARALLEL) all netns-programs
	$(Q)tests/run netns 'BUILD=$(CURDIR)/$(B) tests/netns/run'
demo: with-deps
	$(Q)tests/lab/demo
bench: with-deps all fake-programs netns-programs bench-programs
	$(Q)tests/bench/run $(B)

# Suites that wait more than they work run beside others (+, see tests/run).
each = for t in $(1); do $(2) $$t || f=1; done; [ -z "$$f" ]
at_once = tests/at-once "$(2)" $(1)
UNIT_SUITES = \
	tree tests/tree/check \
	+faults-list tests/faults/check \
	golden 'tests/golden/run $(B)/tests/golden/plan' \
	+golden-sanitizers 'tests/golden/run build-san/tests/golden/plan' \
	+golden-place 'tests/golden/run $(B)/tests/golden/place' \
	+golden-place-sanitizers 'tests/golden/run build-san/tests/golden/place' \
	+docs 'tests/docs/run $(B)' \
	+coming-from 'tests/docs/coming-from $(B)' \
	+completion 'tests/docs/completion $(B)' \
	+seeds 'tests/docs/seeds $(B)' \
	+unit '$(call at_once,$(UNIT_TESTS),)'
# A child that hangs in the kernel, and a process killed on purpose, are not leaks. Two that took two thirds of its time are left to
# the sanitizers: in test-kill all is done by such processes, test-guest-refused reads thousands of texts, which the fuzzing does too.
VALGRIND = valgrind -q --error-exitcode=9 --leak-check=full --child-silent-after-fork=yes
VALGRIND_TESTS = $(filter-out %/test-kill %/test-guest-refused,$(UNIT_TESTS))
# Never beside each other, or beside unit: test-holders counts who has /dev/full open.
VALGRIND_SUITE = unit-valgrind '$(call at_once,$(VALGRIND_TESTS),$(VALGRIND))'
SANITIZERS_SUITE = unit-sanitizers '$(call at_once,$(UNIT_TESTS:$(B)/%=build-san/%),)'

VFIO_MODULES := irqbypass,vfio,vfio_virqfd,vfio_pci_core,vfio_pci
# questions to the fake kernel: MACHINE -- WHAT; tests/lab/tests/behaviour.sh asks a real one
ask = $(B)/tests/fake/in-fake tests/data/$(1).machine --bind $(CURDIR)/$(B)/tests/fake:/bench \
	--modules $(VFIO_MODULES) -- /bench/behaviour $(2)
FAKE_SUITES = \
	fake '$(call ask,one-card,0000:01:00.0) && $(call ask,vgpus,sriov 0000:81:00.0) && \
		$(call ask,vgpus,mdev 0000:61:00.0 nvidia-226) && $(call ask,vgpus,mdev mbochs mbochs-medium) && \
		$(B)/tests/fake/in-fake tests/data/vgpus.machine --file $(CURDIR)/tests/fake/cards.sh:/root/cards.sh -- /bin/bash /root/cards.sh' \
	+early 'tests/early/run $(B)' \
	+early-sanitizers 'tests/early/run build-san' \
	+early-command 'tests/early/command $(B)' \
	+early-command-sanitizers 'tests/early/command build-san' \
	+plan-and-start 'tests/command/plan-and-start $(B)' \
	+plan-and-start-sanitizers 'tests/command/plan-and-start build-san' \
	+command-libvirt 'tests/command/libvirt $(B)' \
	+command-libvirt-sanitizers 'tests/command/libvirt build-san' \
	command 'tests/command/run $(B)' \
	+command-sanitizers 'tests/command/run build-san' \
	+command-crowd 'tests/command/crowd $(B)' \
	+record-same 'tests/command/record-same $(B)'

# The build with sanitizers is killed at each third point: all points are those of the plain build. Killed twice: 4,600 pairs, of
# which each fourth first point is taken here; without --pairs, all.
INSTALLED = rm -rf $(1)/installed && $(MAKE) --no-print-directory -s $(2) install DESTDIR=$(CURDIR)/$(1)/installed
CRASH_SUITES = \
	crash '$(B)/tests/crash/crash --install $(B)/installed --pairs 4' \
	+crash-sanitizers '$(call each,prepare stopped release,build-san/tests/crash/crash --install build-san/installed --every 3 --series)' \
	+faults '$(B)/tests/crash/faults $(B)/installed' \
	+faults-sanitizers 'build-san/tests/crash/faults build-san/installed' \
	+command-undo 'tests/command/undo $(B)' \
	+command-undo-sanitizers 'tests/command/undo build-san' \
	+boot 'tests/boot/run $(B)' \
	+boot-sanitizers 'tests/boot/run build-san' \
	+boot-faults 'tests/boot/faults $(B)'

# ---- speed ----
# of the plain build only: a sanitizer's own code would be most of it
INSTRUCTION_SUITES = instructions 'tests/instructions/run $(B)'
.PHONY: instructions
instructions: with-deps all unit-programs fake-programs netns-programs
	$(Q)tests/instructions/run $(B) --keep

PACKAGE_SUITES = packages 'BUILD=$(B) tests/packages/run'

NETNS_SUITES = \
	netns 'BUILD=$(CURDIR)/$(B) tests/netns/run' \
	+netns-sanitizers 'BUILD=$(CURDIR)/build-san tests/netns/run'

check-unit-now: all unit-programs
	$(Q)$(MAKE) --no-print-directory SAN=1 all unit-programs
	$(Q)CMOCKA_MESSAGE_OUTPUT=tap tests/run $(UNIT_SUITES) $(VALGRIND_SUITE) $(SANITIZERS_SUITE)

check-now: all unit-programs fake-programs netns-programs bounds-programs
	$(Q)$(MAKE) --no-print-directory SAN=1 all unit-programs fake-programs netns-programs bounds-programs
	$(Q)$(MAKE) --no-print-directory FUZZ=1 fuzz-programs
	$(Q)$(call INSTALLED,$(B))
	$(Q)$(call INSTALLED,build-san,SAN=1)
	$(Q)CMOCKA_MESSAGE_OUTPUT=tap tests/run lint '$(MAKE) --no-print-directory lint' $(UNIT_SUITES) $(FAKE_SUITES) +$(VALGRIND_SUITE) \
		$(CRASH_SUITES) +$(SANITIZERS_SUITE) $(INSTRUCTION_SUITES) $(FUZZ_SUITES) $(NETNS_SUITES) +$(PACKAGE_SUITES) \
		lab:4500 tests/lab/run lab-packages:1800 tests/lab/packages +lab-early:1800 tests/lab/early

C_FILES := $(wildcard common/*.c hooks/*.c helpers/*.c tests/*/*.c)
# without git, or in a clone that git does not trust because it is somebody else's: what is there
SH_FILES = $(shell { git ls-files 2>/dev/null | grep . || find * .ci -type f ! -path 'build*'; } | grep -v '^tests/fuzz/corpus/' | xargs grep -lE '^\#!/bin/(ba)?sh|^\# shellcheck shell=' 2>/dev/null)

# gcc's analyser, in the same go, for what runs as root. Two of its checks need to see more than one file (a function of another
# one fills what it is given, and keeps what it is told to): some thirty reports, of which two were right, in pinned.c.
ANALYZE =
$(B)/common/%.o $(B)/hooks/%.o $(B)/helpers/%.o: override CFLAGS += $(ANALYZE)

lint: with-deps
	$(Q)$(MAKE) --no-print-directory $(PARALLEL) B=build-lint CFLAGS='-O2 -Werror' \
		ANALYZE='-fanalyzer -Wno-analyzer-malloc-leak -Wno-analyzer-use-of-uninitialized-value' all unit-programs netns-programs bench-programs faults-programs >/dev/null && echo 'ok lint gcc -Werror'
	$(Q)cppcheck -j $(JOBS) --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability --inline-suppr \
		-D_GNU_SOURCE -Icommon --suppress=missingIncludeSystem common hooks helpers && echo 'ok lint cppcheck'
	$(Q)printf '%s\n' $(filter common/% hooks/% helpers/%,$(C_FILES)) | \
		xargs -P $(JOBS) -n 8 sh -c 'clang-tidy --quiet "$$@" -- -std=gnu11 -D_GNU_SOURCE -Icommon 2>/dev/null' sh && echo 'ok lint clang-tidy'
	$(Q)shellcheck -x -P SCRIPTDIR $(SH_FILES) && echo 'ok lint shellcheck'

# ---- trixie ----

# The second platform, Debian 13: whole, then with libvirt's other firewall, then with its other daemons. Not a part of check,
# because it takes longer than all of that: tests/lab/README.md has the figures.
TRIXIE := LAB_DEBIAN=trixie SAN=0 tests/lab
# what libvirt's rules have to do with; what its daemons have to do with
FIREWALLED := forward forward-and-card forward-killed forward-required fault-clock fault-libvirtd assign
DAEMONS := hand-over managed attach libvirtd-restart libvirtd-killed client-killed leftover two-at-once save vgpu-start uninstall
.PHONY: check-trixie
check-trixie: with-deps
	$(Q)tests/run trixie:14400 '$(TRIXIE)/run' \
		trixie-nftables:3600 'LAB_FIREWALL=nftables $(TRIXIE)/run $(FIREWALLED)' \
		trixie-modular:7200 'LAB_DAEMONS=modular $(TRIXIE)/run $(DAEMONS) $(FIREWALLED)' \
		trixie-early:3600 '$(TRIXIE)/early' trixie-packages '$(TRIXIE)/packages' \
		trixie-modular-packages 'LAB_DAEMONS=modular $(TRIXIE)/packages'

# ---- coverage: what the tests run of the programs, see tests/coverage/README.md; not part of `make check` ----

.PHONY: coverage
coverage: with-deps
	$(Q)JOBS=$(JOBS) tests/coverage/run
