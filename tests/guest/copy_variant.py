#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""copy_variant.py NAME...: every copy variant by name, and its benchmark; but masked, whose
instructions QEMU does not emulate."""
import sys

from lib import checks as tap
from lib import guest
from lib.guest import qemu, records

SIZES = (8, 64, 256, 1500, 4096, 65536)
CLEARS = {"reference", "unaligned", "stosq", "stosb", "erms", "quench"}


def check_bench(checks, vm, names):
    cells = records.of_type(vm.records, "bench")
    wanted = {(name, size, offset != 0) for name in (*names, "quench") for size in SIZES
              for offset in (0, 3)}
    seen = {(c["variant"], c["bytes"], c["dst_off"] != 0) for c in cells if c["name"] == "copy"}
    checks.equal(seen, wanted, "the benchmark has every variant, size and alignment", vm.report())
    cleared = {c["variant"] for c in cells if c["name"] == "clear"}
    checks.equal(cleared, CLEARS, "and every variant of clearing")
    checks.ok(all(c["tsc"] > 0 and c["ops"] > 0 for c in cells), "every cell was measured")
    checks.ok(vm.said("TCG is not silicon"), "it says that TCG is not silicon")


def case(checks, *names):
    for cpu in ("qemu64", "max"):
        for name in names:
            with guest.boot(checks, cpu=cpu, append=f"copy={name}") as vm:
                chosen = (records.last(vm.records, "cpu") or {}).get("copy")
                checks.equal(chosen, name, f"{cpu}, {name}: chosen", vm.report())
                checks.ok(", 0 wrong (" in vm.console, f"{cpu}, {name}: the demo counts 0 wrong")
    with guest.boot(checks, append="bench=copy") as vm:
        check_bench(checks, vm, names)
    with guest.boot(checks, append="copy=masked", status=qemu.FAILED) as vm:
        checks.ok(vm.said("copy=masked", "AVX512BW"), "one without its instructions: refused",
                  vm.report())
    with guest.boot(checks, append="copy=fastest", status=qemu.FAILED) as vm:
        checks.ok(vm.said("fastest", *names), "an unknown variant: the names are listed",
                  vm.report())


tap.run(case, *sys.argv[1:])
