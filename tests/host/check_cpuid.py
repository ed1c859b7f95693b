#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""check_cpuid.py CPU-FACTS FOLDER: tools/check-cpuid on decoders that lie, crash or are not there: a
disagreement is found, and a dump the decoder crashes on is listed by name."""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "guest"))
from lib import checks as tap  # noqa: E402

CHECK = Path(__file__).resolve().parents[2] / "tools/check-cpuid"
DECODER = shutil.which("cpuid")


def run(script, facts, *dumps):
    """check-cpuid where cpuid(1) is this shell script; None: where there is none."""
    with tempfile.TemporaryDirectory(prefix="quench-") as folder:
        if script:
            fake = Path(folder, "cpuid")
            fake.write_text(f"#!/bin/sh\n{script}\n")
            fake.chmod(0o755)
        ended = subprocess.run(["/usr/bin/python3", str(CHECK), facts, *map(str, dumps)], text=True,
                               stdout=subprocess.PIPE, env={**os.environ, "PATH": folder + (
                                   ":" + os.environ["PATH"] if script else "")})
    return ended.returncode, ended.stdout


def case(checks, facts, folder):
    dumps = sorted(Path(folder).glob("*.txt"))
    if not DECODER:
        tap.skip_all("cpuid(1) is not installed")
    status, said = run(f'exec {DECODER} "$@"', facts, *dumps)
    checks.equal(status, 0, "cpuid(1) itself agrees", said)
    checks.ok("0 disagreements, 0 dumps cpuid(1) fails on" in said, "and says so", said)
    status, said = run(f'{DECODER} "$@" | sed "s/SMAP: .* = true/SMAP: supervisor mode access '
                       'prevention = false/"', facts, *dumps)
    checks.equal(status, 1, "a decoder that denies SMAP disagrees", said)
    checks.ok("SMAP: features.def says True, cpuid(1) False" in said, "by name", said)
    # Only with this brand in it: what stands on standard input is kept for the real one.
    status, said = run('dump=$(cat); case $dump in *0x756e6547*) kill -SEGV $$;; esac\n'
                       f'echo "$dump" | {DECODER} "$@"', facts, *dumps)
    checks.equal(status, 0, "one that crashes on Intel's dumps agrees on the others", said)
    checks.ok("haswell.txt" in said and "zen4.txt" not in said, "and those are listed by name", said)
    status, said = run("exit 1", facts, *dumps)
    checks.equal(status, 1, "one that decodes nothing is no judge", said)
    status, said = run(None, facts, *dumps)
    checks.ok(status == 2 and "not installed" in said, "and none at all is told", said)


tap.run(case, *sys.argv[1:])
