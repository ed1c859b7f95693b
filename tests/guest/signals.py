#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""signals.py: signals, sigreturn and exceptions by their test program: PROCESSORS:MODEL..."""
import sys

from lib import checks as tap
from lib import guest


def check(checks, cpus, model):
    where = f"signals on {cpus} of {model}"
    with guest.boot(checks, append="init=/bin/signals", smp=cpus, cpu=model) as vm:
        lines = vm.console.splitlines()
        made = [line for line in lines if line.startswith(("ok ", "not ok "))]
        for line in made:
            checks.ok(line.startswith("ok "), f"{where}: {line.split(' - ', 1)[-1]}",
                      lines[lines.index(line):][:2])
        planned = [line for line in lines if line.startswith("1..")]
        checks.equal(planned, [f"1..{len(made)}"], f"{where}: all its checks came", vm.report())


def case(checks):
    for word in sys.argv[1:]:
        check(checks, *word.split(":"))


tap.run(case)
