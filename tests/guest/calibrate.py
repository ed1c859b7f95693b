#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""copy=calibrate: declined where the clock is an emulator's; copy=calibrate-anyway: measured, taken,
and the text is what was taken."""
from lib import checks as tap
from lib import guest
from lib.guest import records

# The runs with instructions for a clock are the same every time.
ICOUNT = ("-icount", "shift=0,sleep=off")


def check_taken(checks, vm):
    taken = records.last(vm.records, "calibrated") or {}
    figures = {r["variant"]: r["tsc"] for r in records.of_type(vm.records, "calibrate")}
    checks.ok(len(figures) >= 8 and all(figures.values()), "every variant that runs was measured",
              vm.report())
    checks.ok(not {"reference", "streaming", "masked"} & figures.keys(),
              "but those that are no candidates, or cannot run", vm.report())
    checks.equal(min(figures, key=figures.get, default=None), taken.get("variant"),
                 "the fastest was taken", vm.report())
    checks.ok(taken.get("ns", 10**9) <= 3_000_000, "within 3 ms", vm.report())
    won = [r["won"] for r in records.of_type(vm.records, "alt") if r["won"].startswith("COPY_")]
    checks.equal(set(won), {f"COPY_{taken.get('variant', '').upper()}"},
                 "the sites have its code", vm.report())
    checks.ok(", 0 wrong (" in vm.console, "the demo counts 0 wrong", vm.report())


def case(checks):
    with guest.boot(checks, append="copy=calibrate") as vm:
        checks.ok(vm.said("calibrate: the clock is an emulator's"), "declined, and says why",
                  vm.report())
        checks.ok(not records.of_type(vm.records, "calibrated"), "nothing was taken", vm.report())
    with guest.boot(checks, append="copy=calibrate-anyway", extra=ICOUNT) as vm:
        check_taken(checks, vm)


tap.run(case)
