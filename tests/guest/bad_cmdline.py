#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""bad_cmdline.py: words the kernel does not know, and a command line at and beyond its limit."""
from lib import checks as tap
from lib import guest
from lib.guest import qemu, records

LIMIT = 4095  # BOOT_CMDLINE_BYTES with the NUL is 4096


def refused(checks, append, *words):
    with guest.boot(checks, append=append, status=qemu.FAILED) as vm:
        fail = records.last(vm.records, "fail") or {}
        checks.ok(all(word in fail.get("why", "") for word in words),
                  f"{append[:40]!r}: the record names {' '.join(words)}", vm.report())
        checks.ok(vm.said(*words), f"{append[:40]!r}: COM1 says so")


def long_line(length):
    return "init=/bin/exit -- 0 ".ljust(length, "x")


def case(checks):
    refused(checks, "verbose", "verbose", "known")
    refused(checks, "nosuch=1", "nosuch")
    refused(checks, "exit=never", "exit=never")
    refused(checks, "init=relative", "init=relative")
    refused(checks, "cpu=-nosuch", "nosuch")
    refused(checks, "cpu=smap", "smap")
    refused(checks, "cpu=", "cpu=")
    refused(checks, "expect=" + "0" * 63, "expect")
    refused(checks, "expect=" + "0" * 64, "expect")
    refused(checks, "init=/absent", "/absent")
    with guest.boot(checks, append=long_line(LIMIT)) as vm:
        boot = records.last(vm.records, "boot") or {}
        checks.equal(len(boot.get("cmdline", "")), LIMIT, "4095 bytes arrive whole")
    # Much more overruns QEMU's own PVH loader, whose buffer is 4096 bytes too; GRUB takes it.
    for via, length in (("pvh", LIMIT + 1), ("pvh", LIMIT + 2), ("bios", LIMIT), ("bios", LIMIT + 1),
                        ("bios", 3 * LIMIT)):
        with guest.boot(checks, via=via, append=long_line(length), status=qemu.PASSED
                        if length == LIMIT else qemu.FAILED) as vm:
            checks.ok(length == LIMIT or vm.said("command line", str(LIMIT)),
                      f"{via}, {length} bytes: COM1 names the limit", vm.report())
    with guest.boot(checks, cpu="qemu64", append="cpu=+smap", status=qemu.FAILED) as vm:
        checks.ok(vm.said("smap") or vm.said("SMAP"), "a feature that cannot be forced is named",
                  vm.report())


tap.run(case)
