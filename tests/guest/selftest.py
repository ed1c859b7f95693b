#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""selftest.py CPU...: the kernel's own test of the user copies, on every model named that there is: with
#PF and #GP at every byte, interrupts, and another task that leaves other registers behind."""
import re
import sys

from lib import checks as tap
from lib import guest
from lib.guest import models, records

COPIES = ("reference", "aligned", "unaligned", "movsq", "erms", "fsrm", "guarded", "overlap", "sse",
          "streaming")
CLEARS = ("reference", "unaligned", "stosq", "stosb", "erms")
WANTED = {f"copy {name}" for name in COPIES} | {f"clear {name}" for name in CLEARS}


def case(checks, *cpus):
    there = {name for name, _ in models.listed()}
    for cpu in cpus:
        if cpu not in there:
            checks.note(f"this QEMU has no {cpu}")
            continue
        with guest.boot(checks, cpu=cpu, append="alt=quiet selftest=copy") as vm:
            tests = records.of_type(vm.records, "test")
            wrong = [f"{test['name']}: {test['why']}" for test in tests if not test["ok"]]
            checks.ok(not wrong, f"{cpu}: every copy keeps its contract", wrong)
            checks.equal({test["name"] for test in tests}, WANTED, f"{cpu}: every variant was on trial",
                         vm.report())
            few = [test for test in tests if int(test["why"].split()[0]) < 1000] if not wrong else []
            checks.ok(not few, f"{cpu}: a thousand cases and more each", few)
            came = sum(int(test["why"].split()[2]) for test in tests) if not wrong else 0
            checks.ok(wrong or came, f"{cpu}: interrupts came meanwhile")
            rival = re.search(r"another task ran in between (\d+) times", vm.console)
            checks.ok(rival and int(rival[1]), f"{cpu}: so did another task", vm.report())


tap.run(case, *sys.argv[1:])
