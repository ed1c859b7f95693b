#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""no_long_mode.py CPU...: processors that cannot run Quench get a message, not a reboot loop."""
import sys

from lib import checks as tap
from lib import guest
from lib.guest import qemu


def case(checks, *models):
    for model in models:
        checks.note(model)
        with guest.boot(checks, cpu=model, status=qemu.FAILED) as vm:
            checks.ok(vm.said("long mode"), f"{model}: COM1 says what is missing", vm.report())
            checks.equal([record["t"] for record in vm.records][-1:], ["exit"],
                         f"{model}: an exit record")
    with guest.boot(checks, via="bios", cpu=models[0], status=qemu.FAILED, append="exit=debug") as vm:
        checks.ok(vm.said("long mode"), "through GRUB as well", vm.report())


tap.run(case, *sys.argv[1:])
