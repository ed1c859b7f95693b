#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""firmware.py bios|uefi: the image through GRUB, with the command line from SMBIOS."""
import sys

from lib import checks as tap
from lib import guest
from lib.guest import records


def case(checks, via):
    append = "copy=movsq cpu=-erms,-fsrm init=/init"
    with guest.boot(checks, via=via, append=append) as vm:
        boot = records.last(vm.records, "boot") or {}
        checks.equal(boot.get("via"), "multiboot2", "GRUB booted it", vm.report())
        checks.equal(boot.get("cmdline", "").split(), append.split(), "the command line arrived")
        checks.equal((records.last(vm.records, "cpu") or {}).get("copy"), "movsq",
                     "and was followed")
        checks.ok(", 0 wrong (" in vm.console, "the demo counts 0 wrong", vm.report())


tap.run(case, sys.argv[1])
