#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""bench.py: `tools/quench bench` on two models: its records, its marks, and that counting
instructions gives the same figures again."""
import json
import os
import subprocess
import sys
import tempfile

from lib import checks as tap
from lib import guest
from lib.guest import records

MODELS = ("qemu64", "max")


def bench(*words):
    return subprocess.run(
        [str(guest.ROOT / "tools/quench"), "bench", "--no-build", "--build", str(guest.BUILD), *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "NO_COLOR": "1"})


def measured(checks, folder, run):
    """(the run, its records)."""
    path = os.path.join(folder, f"{run}.json")
    done = bench(*(word for model in MODELS for word in ("--cpu", model)), "--json", path)
    checks.equal(done.returncode, 0, f"run {run} ends well", done.stderr)
    with open(path, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    wrong = [problem for problem in map(records.problem, rows) if problem]
    checks.ok(rows and not wrong, f"run {run}: its records keep to the schema", wrong[:5])
    return done, rows


def counts(rows):
    return [row for row in rows if row["clock"] == "icount"]


def case(checks):
    with tempfile.TemporaryDirectory(prefix="quench-") as folder:
        done, first = measured(checks, folder, 1)
        _, again = measured(checks, folder, 2)
    checks.equal(counts(again), counts(first), "instruction counts are the same again")
    for model in MODELS:
        rows = [row for row in first if row["model"] == model]
        shapes = {clock: {(r["name"], r["variant"], r["bytes"], r["dst_off"]) for r in rows
                          if r["clock"] == clock} for clock in ("icount", "tcg")}
        checks.ok(len(shapes["icount"]) > 100 and shapes["icount"] == shapes["tcg"],
                  f"{model}: every cell by both clocks")
        checks.ok(f" * {rows[0]['copy']} " in done.stdout, f"{model}: policy's choice is marked")
        checks.ok(f"{model}: policy chose {rows[0]['copy']}" in done.stderr, f"{model}: progress")
    alone = bench("--cpu", "486")
    checks.ok(alone.returncode == 3 and "486: the kernel refuses it" in alone.stderr,
              "a model without long mode is refused with the reason", alone.stderr)
    alone = bench("--quick")
    checks.ok(alone.returncode == 3 and "--native" in alone.stderr,
              "an option of copybench needs --native", alone.stderr)
    native = bench("--native", "--dry-run", "--quick", "--sizes", "64")
    checks.ok(native.returncode == 0 and "copybench --quick --sizes 64" in native.stdout,
              "--native passes options on", native.stdout, native.stderr)


tap.run(case, *sys.argv[1:])
