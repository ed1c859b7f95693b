#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""front_door.py TRIPLE_KERNEL: tools/quench run as people and scripts meet it."""
import json
import os
import subprocess
import sys
import tempfile

from lib import checks as tap
from lib import guest

QUENCH = str(guest.ROOT / "tools/quench")
BUILD = os.path.dirname(os.path.abspath(guest.KERNEL))


def quench(*words, cwd="/", **environment):
    return subprocess.run([QUENCH, *words], cwd=cwd, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={**os.environ, "LANG": "C", **environment})


def run(*words, **environment):
    return quench("run", "--no-build", "--build", BUILD, *words, **environment)


def ends(checks, result, status, name, *stderr_words):
    checks.equal(result.returncode, status, f"{name}: exit status {status}", result.stdout[-2000:],
                 result.stderr)
    for word in stderr_words:
        checks.ok(word in result.stderr, f"{name}: standard error says {word!r}", result.stderr)


def case_main_job(checks, folder):
    path = os.path.join(folder, "records")
    result = run("--records", path)
    ends(checks, result, 0, "run")
    for words in ("demo: ", ", 0 wrong (", "Patch report", "sites, ", "TCG is not silicon"):
        checks.ok(words in result.stdout, f"run: shows {words!r}", result.stdout)
    checks.ok("\033" not in result.stdout + result.stderr, "run: no colour without a terminal")
    checks.ok("\r" not in result.stdout, "run: no carriage returns without a terminal")
    with open(path, encoding="utf-8") as file:
        kinds = [json.loads(text)["t"] for text in file]
    checks.ok("bench" in kinds and kinds[-1] == "exit", "run: the records are kept")
    ends(checks, run("--via", "pvh", "--cpu", "Haswell", "--append", "init=/bin/hello"), 0, "pvh")


def case_ends(checks, triple):
    pvh = ("--via", "pvh")
    ends(checks, run(*pvh, "--append", "init=/bin/exit -- 3"), 1, "a program that fails")
    ends(checks, run(*pvh, "--append", "nosuchword"), 1, "a word it does not know")
    ends(checks, run(*pvh, "--cpu", "qemu32"), 1, "no long mode")
    ends(checks, run("--kernel", triple, *pvh), 4, "triple fault", "fatal+0x1", "#UD", "rip 0x")
    ends(checks, run("--kernel", triple, *pvh, "--append", "hang", "--timeout", "1"), 124,
         "a guest that never ends", "no end after 1 s")
    ends(checks, run("--gdb", "--dry-run"), 0, "a dry run")
    ends(checks, run("--cpu", "nosuchcpu"), 3, "no such processor", "nosuchcpu",
         "tools/quench cpus")
    ends(checks, run("--records", "/nonexistent/x"), 3, "records nowhere", "/nonexistent/x: No such")
    ends(checks, run("--kernel", "/nonexistent", *pvh), 3, "no such kernel", "/nonexistent")
    ends(checks, run("--initrd", triple), 3, "--initrd with the image", "--via pvh")
    ends(checks, quench("nosuch"), 3, "no such command", "nosuch")
    ends(checks, quench("run", "--timeout", "soon"), 3, "no number", "soon")
    ends(checks, quench("run", "--smp", "0"), 3, "no processors", "1 to 255")
    ends(checks, quench("--help"), 0, "--help")
    ends(checks, quench("test", "--build", BUILD, "--dry-run", "host", "budget"), 3,
         "suite and test", "not both")


def case_packages(checks, folder):
    """Nothing in PATH, nobody to install it: the one apt line."""
    for tool in ("sh", "readlink", "dirname", "id"):
        os.symlink(f"/usr/bin/{tool}", os.path.join(folder, tool))
    if os.geteuid() == 0:
        checks.note("root would install; the dry run shows how")
        result = quench("run", "--dry-run", PATH=folder)
        ends(checks, result, 0, "nothing in PATH, as root")
        checks.ok("apt-get install" in result.stdout and "nasm" in result.stdout,
                  "it would install what is missing", result.stdout)
    else:
        ends(checks, quench("run", PATH=folder), 3, "nothing in PATH", "apt-get", "nasm")


def case(checks, triple):
    with tempfile.TemporaryDirectory() as folder:
        case_main_job(checks, folder)
        case_ends(checks, triple)
        case_packages(checks, folder)


tap.run(case, os.path.abspath(sys.argv[1]))
