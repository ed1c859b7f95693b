#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""foretelling.py: tools/quench whatif, explain and cpus as people and scripts meet them, and the digest that
run hands the kernel."""
import json
import os
import pty
import subprocess
import sys
import tempfile

from lib import checks as tap
from lib import guest
from lib.guest import models

QUENCH = str(guest.ROOT / "tools/quench")
DUMPS = str(guest.ROOT / "tests/host/cpuid")
KEYS = ["cpu", "features", "copy", "sites", "changed", "text_sha256"]


def quench(checks, *words, status=0, says=(), complains=()):
    """Runs a command on the build under test; its standard output."""
    command = [QUENCH, words[0], "--no-build", "--build", str(guest.BUILD), *words[1:]]
    ended = subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           env={**os.environ, "LANG": "C"})
    name = " ".join(words)[:60]
    checks.equal(ended.returncode, status, f"{name}: exit status {status}", ended.stdout[-1500:],
                 ended.stderr)
    for word in says:
        checks.ok(word in ended.stdout, f"{name}: shows {word!r}", ended.stdout[-3000:])
    for word in complains:
        checks.ok(word in ended.stderr, f"{name}: standard error says {word!r}", ended.stderr)
    checks.ok("\033" not in ended.stdout + ended.stderr, f"{name}: no colour without a terminal")
    return ended.stdout


def on_a_terminal(*words, **environment):
    """Standard output of a command whose output is a terminal; None where there are none."""
    try:
        mine, theirs = pty.openpty()
    except OSError:
        return None
    command = [QUENCH, words[0], "--no-build", "--build", str(guest.BUILD), *words[1:]]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs,
                               stderr=subprocess.DEVNULL,
                               env={**os.environ, "TERM": "xterm", **environment})
    os.close(theirs)
    data = b""
    try:
        while part := os.read(mine, 65536):
            data += part
    except OSError:
        pass
    process.wait()
    os.close(mine)
    return data


def case_whatif(checks, folder):
    quench(checks, "whatif", "--all", DUMPS,
           says=("haswell", "zen4", "features that matter", "texts for", "processors"))
    rows = [json.loads(line) for line in
            quench(checks, "whatif", "--all", DUMPS, "--json").splitlines()]
    checks.ok(len(rows) >= 12 and all(list(row) == KEYS for row in rows), "--json: a line each", rows)
    row = json.loads(quench(checks, "whatif", "--cpu", "Haswell,-erms", "--json"))
    checks.ok(row["cpu"] == "Haswell,-erms" and "ERMS" not in row["features"], "a model with flags",
              row)
    text = os.path.join(folder, "text")
    quench(checks, "whatif", "--cpuid", f"{DUMPS}/zen4.txt", "--append", "copy=reference", "--text",
           text, says=("reference",))
    checks.ok(os.path.getsize(text) > 10000, "--text: a file")
    quench(checks, "whatif", "--all", folder, status=3, complains=("no *.txt", "cpuid -r"))
    quench(checks, "whatif", "--cpuid", "/nonexistent", status=3, complains=("/nonexistent",))
    quench(checks, "whatif", "--cpu", "n270", status=3, complains=("n270", "long mode"))
    quench(checks, "whatif", "--cpu", "nosuch", status=3, complains=("nosuch",))
    quench(checks, "whatif", "--append", "nosuch", status=3, complains=("nosuch", "known are"))
    quench(checks, "whatif", "--append", "copy=nosuch", status=1, says=("refused", "reference"))
    quench(checks, "whatif", "--cpu", "max", "--cpuid", "x", status=3, complains=("not allowed",))
    quench(checks, "whatif", "--all", DUMPS, "--text", text, status=3, complains=("one processor",))


def case_explain(checks):
    quench(checks, "explain", "copy_to_user", "--cpuid", f"{DUMPS}/haswell.txt",
           says=("copy_to_user+0x", "copy_user.asm:", "before", "after", "jmp copy_user_",
                 "decided by rule", "lost", "chosen for"))
    out = quench(checks, "explain", "--cpu", "max")
    for words in ("CPUID.07H.0:EBX[20]", "stac", "clac", "won      SMAP", "exception table:"):
        checks.ok(words in out, f"explain: says {words!r}")
    checks.ok("source unknown" not in out, "explain: every site has its source line", out[-3000:])
    sites = [json.loads(line) for line in quench(checks, "explain", "--json").splitlines()]
    checks.ok(all(site["source"] for site in sites) and len(sites) > 20, "--json: a line a site")
    place = sites[-1]
    for what in (place["symbol"], place["site"], place["symbol"].rpartition("+")[0]):
        quench(checks, "explain", what, says=(place["symbol"],))
    quench(checks, "explain", "copy_to_usr", status=3, complains=("copy_to_user", "near"))
    quench(checks, "explain", "0x1", status=3, complains=("no patch site",))
    shown = on_a_terminal("explain", "copy_to_user")
    if shown is None:
        checks.note("no pseudo-terminal here: colour is not tested")
        return
    checks.ok(b"\033[" in shown, "in colour on a terminal")
    checks.ok(b"\033[" not in on_a_terminal("explain", "copy_to_user", NO_COLOR="1"),
              "and not with NO_COLOR")


def case_cpus(checks):
    out = quench(checks, "cpus", "--json", complains=("n270",))
    rows = [json.loads(line) for line in out.splitlines()]
    names = [row["cpu"] for row in rows]
    checks.ok(set(names) < set(models.base_models()) and len(names) > 20, "cpus: base models", names)
    checks.ok({"qemu64", "Haswell", "EPYC", "max"} <= set(names), "the known ones among them", names)
    checks.ok(not {"n270", "pentium", "host"} & set(names), "those without a 64-bit mode are not")
    quench(checks, "cpus", "--append", "copy=reference", says=("EPYC", "reference", "texts for"))


def case_run(checks, folder):
    path = os.path.join(folder, "records")
    words = ("run", "--via", "pvh", "--records", path, "--append")
    quench(checks, *words, "init=/bin/hello cpu=-smap -- a", complains=("foretold: sha256",))
    with open(path, encoding="utf-8") as file:
        records = [json.loads(line) for line in file]
    line, digest = records[0]["cmdline"], next(r for r in records if r["t"] == "digest")
    checks.equal(line, f"expect={digest['text_sha256']} init=/bin/hello cpu=-smap -- a",
                 "run: the kernel is held to the digest")
    quench(checks, *words, "nosuch", status=1, complains=("is not foretold", "nosuch"))
    quench(checks, *words, "expect=" + "0" * 64, status=1, says=("not the expected one",))
    quench(checks, "run", "--via", "pvh", "--cpu", "n270", status=1,
           complains=("is not foretold", "long mode"))
    quench(checks, "run", "--via", "pvh", "--no-expect", "--records", path, "--append",
           "init=/bin/hello")
    with open(path, encoding="utf-8") as file:
        checks.equal(json.loads(file.readline())["cmdline"], "init=/bin/hello", "run: --no-expect")


def case(checks):
    with tempfile.TemporaryDirectory() as folder:
        case_whatif(checks, folder)
        case_explain(checks)
        case_cpus(checks)
        case_run(checks, folder)


tap.run(case, *sys.argv[1:])
