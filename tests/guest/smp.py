#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""smp.py MODEL... | refused: every processor starts, is sealed, or is refused for what it lacks."""
import re
import sys
import time

from lib import checks as tap
from lib import guest
from lib.guest import qemu, records

CR0_WP, CR4_SMEP, CR4_SMAP = 1 << 16, 1 << 20, 1 << 21


def smp_of(vm):
    return records.last(vm.records, "smp") or {}


def registers(vm, name):
    """The value of a control register on each processor, as QEMU has it."""
    answer = vm.qmp.human("info registers -a")
    return [int(value, 16) for value in re.findall(rf"\b{name}=([0-9a-f]+)", answer)]


def count(checks, model, cpus):
    """All run, and CR0 and CR4 are the same, with WP, on each: seen from outside."""
    name = f"{model}, {cpus} processors"
    with guest.boot(checks, cpu=model, smp=str(cpus), halt=True, append="init=/bin/hello") as vm:
        smp = smp_of(vm)
        checks.ok(smp.get("cpus") == cpus and smp.get("refused") == 0 and smp.get("silent") == 0,
                  f"{name}: all run", smp, vm.report())
        checks.equal(smp.get("tsc_behind"), 0, f"{name}: one time on all")
        cr0, cr4 = registers(vm, "CR0"), registers(vm, "CR4")
        checks.ok(len(cr0) == cpus and all(value & CR0_WP for value in cr0),
                  f"{name}: CR0.WP on each", [hex(value) for value in cr0])
        checks.ok(len(set(cr0)) == 1 and len(set(cr4)) == 1, f"{name}: CR0 and CR4 equal on all",
                  [hex(value) for value in cr0 + cr4])
        features = (records.last(vm.records, "cpu") or {}).get("features", [])
        for feature, bit in (("SMEP", CR4_SMEP), ("SMAP", CR4_SMAP)):
            checks.ok(all(bool(value & bit) == (feature in features) for value in cr4),
                      f"{name}: CR4.{feature} as the processor has it")
        vm.qmp.execute("inject-nmi")
        checks.ok(not records.of_type(vm.records, "panic"), f"{name}: an NMI does no harm")


def refused(checks):
    """A processor without a patched feature runs nothing of the kernel; the others go on."""
    with guest.boot(checks, cpu="max", smp="4", append="ap=-smap init=/bin/hello") as vm:
        smp = smp_of(vm)
        checks.ok((smp.get("cpus"), smp.get("refused"), smp.get("lacking")) == (1, 3, "SMAP"),
                  "three that lack SMAP are refused", smp, vm.report())
        checks.ok(vm.said("refused: it lacks SMAP"), "a line says so and why", vm.report())
    with guest.boot(checks, cpu="qemu64", smp="2", append="ap=-smap init=/bin/hello") as vm:
        checks.equal(smp_of(vm).get("cpus"), 2, "nobody misses what the text was not patched for",
                     vm.report())
    with guest.boot(checks, cpu="max", smp="2", append="cpu=-smap ap=-smap init=/bin/hello") as vm:
        checks.equal(smp_of(vm).get("cpus"), 2, "nor what cpu= took from all", vm.report())


def limited(checks):
    with guest.boot(checks, smp="4", append="smp=2 init=/bin/hello") as vm:
        smp = smp_of(vm)
        checks.ok((smp.get("cpus"), smp.get("silent")) == (2, 2), "smp=2 starts one other", smp)


def nmis(checks):
    """NMIs on every processor while user copies run on one: no byte and no record is lost."""
    vm = guest.Guest(cpu="max", smp="4", append="init=/bin/hello bench=copy")
    sent = 0
    # Not before: the firmware opens the pin, too, and nobody has an IDT yet.
    while vm.process.poll() is None and b'"t":"smp"' not in vm.record_bytes:
        time.sleep(0.01)
    while vm.process.poll() is None and sent < 2000:
        try:
            vm.qmp.execute("inject-nmi")
            sent += 1
        except (EOFError, OSError):
            break
    ended = vm.wait()
    with vm:
        checks.equal(ended, qemu.PASSED, "NMIs in the middle of user copies do no harm", vm.report())
        checks.ok(sent > 20 and not records.of_type(vm.records, "panic"), f"{sent} NMIs were sent")


def deterministic(checks):
    """Every loop that waits for another processor pauses: one thread can run them all."""
    with guest.boot(checks, smp="4", append="init=/bin/hello",
                    extra=("-icount", "shift=0,sleep=off")) as vm:
        checks.equal(smp_of(vm).get("cpus"), 4, "four processors with -icount", vm.report())


def case(checks, *models):
    if models == ("refused",):
        return refused(checks)
    for model in models:
        for cpus in (1, 2, 4, 8):
            count(checks, model, cpus)
    refused(checks)
    limited(checks)
    nmis(checks)
    deterministic(checks)


tap.run(case, *sys.argv[1:])
