#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""held.py MODEL:CPUS[:PROGRAM,...]...: the programs that hold the kernel to Linux's answers
(docs/held-to.md), all (or those named), so many in one boot. `all` stands for every model of the
boot tests that this QEMU has, with 1, 2 and 4 processors."""
import os
import sys

from lib import checks as tap
from lib import guest
from lib.guest import models, records

PROGRAMS = ["abi", "facts", "pointers", "files", "memory", "pipes", "tree", "signals", "threads",
            "processes", "sharing", "storm", "registers", "elves"]
A_BOOT = 7  # the command line takes no more than 8
MODELS = ["qemu64", "kvm64", "core2duo", "Nehalem", "IvyBridge", "Haswell", "Broadwell", "Denverton",
          "EPYC", "EPYC-Milan", "max", "SapphireRapids", "EPYC-Genoa"]


def places(words):
    if words != ["all"]:
        return words
    return [f"{model}:{cpus}" for model in MODELS for cpus in (1, 2, 4)]


def held(checks, model, cpus, programs):
    append = "alt=quiet " + " ".join(f"init=/bin/{name}" for name in programs)
    where = f"{model}, {cpus} processors"
    with guest.boot(checks, cpu=model, smp=cpus, append=append) as vm:
        lines = vm.console.splitlines()
        for at, line in enumerate(lines):
            if line.startswith("not ok "):
                checks.ok(False, f"{where}: {line.split(' - ', 1)[-1]}", lines[at:at + 2])
        made = sum(line.startswith("ok ") for line in lines)
        plans = [int(line[3:]) for line in lines if line.startswith("1..")]
        checks.equal((len(plans), sum(plans)), (len(programs), made),
                     f"{where}: all checks of all programs came and hold", vm.report())
        ended = [record.get("status") for record in records.of_type(vm.records, "end")]
        checks.equal(ended, [0] * len(programs), f"{where}: every program ended well")
        print(f"# {where}: {made} checks")


def case(checks, *words):
    os.environ.setdefault("QUENCH_PATIENCE", "280")
    known = models.base_models(versions=True)
    for place in places(list(words)):
        model, cpus, *programs = place.split(":")
        if model not in known:
            print(f"# {model}: this QEMU has none")
            continue
        programs = programs[0].split(",") if programs else PROGRAMS
        for at in range(0, len(programs), A_BOOT):
            held(checks, model, cpus, programs[at:at + A_BOOT])


tap.run(case, *sys.argv[1:])
