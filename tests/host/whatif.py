#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""whatif.py WHATIF KERNEL DUMPS: the program whatif as scripts meet it."""
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "guest"))
from lib import checks as tap  # noqa: E402
from lib.guest import Elf  # noqa: E402

KEYS = ["cpu", "features", "copy", "sites", "changed", "text_sha256"]


class Whatif:
    def __init__(self, checks, tool, kernel):
        self.checks, self.tool, self.kernel = checks, tool, kernel

    def run(self, *words, status=0, says=""):
        ended = subprocess.run([self.tool, *map(str, words)], text=True, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE)
        name = " ".join(os.path.basename(str(word)) for word in words[:4])
        self.checks.equal(ended.returncode, status, f"{name}: exit status {status}", ended.stderr)
        if says:
            self.checks.ok(says in ended.stderr, f"{name}: says {says!r}", ended.stderr)
        return [json.loads(line) for line in ended.stdout.splitlines()]


def case_rows(checks, whatif, dumps):
    rows = whatif.run(whatif.kernel, *dumps)
    checks.equal([row["cpu"] for row in rows], [dump.stem for dump in dumps], "a row each, in order")
    checks.ok(all(list(row) == KEYS for row in rows), "with just these keys", rows)
    checks.ok(len({row["text_sha256"] for row in rows}) >= 5, "processors differ")
    twice = whatif.run(whatif.kernel, *reversed(dumps), *dumps)
    checks.equal(twice, list(reversed(rows)) + rows, "what came before leaves no trace")
    by_name = {row["cpu"]: row for row in rows}
    masked = whatif.run("--append", "cpu=-smap", whatif.kernel, *dumps)
    for row in masked:
        same = row["text_sha256"] == by_name[row["cpu"]]["text_sha256"]
        checks.equal(same, "SMAP" not in by_name[row["cpu"]]["features"],
                     f"{row['cpu']}: cpu=-smap changes the text exactly where there was SMAP")
    words = whatif.run("--append", "expect=" + "0" * 64 + " alt=trace bench=copy init=/x -- cpu=-smap",
                       whatif.kernel, *dumps)
    checks.equal(words, rows, "other words of the command line do not matter")


def case_text(checks, whatif, dump, folder):
    path = os.path.join(folder, "text")
    row, = whatif.run("--text", path, whatif.kernel, dump)
    data, elf = Path(path).read_bytes(), Elf(whatif.kernel)
    sizes = [stop - start for start, stop in (elf.range("text"), elf.range("extable"))]
    checks.equal(len(data), sum(sizes), "--text: text and exception table")
    checks.equal(hashlib.sha256(data).hexdigest(), row["text_sha256"], "--text: the digest's bytes")


def case_sites(checks, whatif, dump):
    row, = whatif.run(whatif.kernel, dump)
    whole, *sites = whatif.run("--sites", whatif.kernel, dump)
    checks.equal([whole[key] for key in KEYS if key != "features"],
                 [row[key] for key in KEYS if key != "features"], "--sites: the whole is the row's")
    checks.equal(len(sites), row["sites"], "--sites: a line each")
    checks.equal(sum(s["changed"] for s in sites if not s["depth"]), row["changed"], "as many changed")
    elf = Elf(whatif.kernel)
    for site in sites:
        before = bytes.fromhex("".join(insn["bytes"] for insn in site["before"]))
        after = bytes.fromhex("".join(insn["bytes"] for insn in site["after"]))
        good = (before == elf.read(int(site["assembled"], 16), site["len"])
                and len(after) in (site["len"], 0)
                and sum(version["won"] for version in site["versions"]) <= 1
                and all(version["holds"] == _holds(version) for version in site["versions"]
                        if version["terms"]))
        if not good:
            checks.ok(False, f"{site['symbol']}: what is said of it", site)
    lost = [entry for site in sites for entry in site["extable"] if entry["fate"] == "dropped"
            and site["depth"] == 0]
    checks.equal(len({entry["insn"] for entry in lost}), whole["dropped"], "entries that go")


def _holds(version):
    verdicts = [term["present"] == term["wanted"] for term in version["terms"]]
    return any(verdicts) if version["condition"].startswith("any_of") else all(verdicts)


def case_refused(checks, whatif, dump, folder):
    empty = Path(folder, "bare.txt")
    empty.write_text("CPU 0:\n   0x00000000 0x00: eax=0x1 ebx=0x0 ecx=0x0 edx=0x0\n")
    bad = Path(folder, "bad.txt")
    bad.write_text("CPU 0:\nnot a row\n")
    rows = whatif.run(whatif.kernel, empty, dump, status=1)
    checks.ok("lacks" in rows[0]["refused"] and rows[1]["cpu"] == dump.stem,
              "a processor that is refused is a row, and the next follows", rows)
    rows = whatif.run("--append", "copy=nosuch", whatif.kernel, dump, status=1)
    checks.ok("nosuch" in rows[0]["refused"], "an unknown variant", rows)
    whatif.run(whatif.kernel, bad, status=2, says="bad.txt:2")
    whatif.run("--append", "nosuch", whatif.kernel, dump, status=2, says="nosuch")
    whatif.run("/nonexistent", dump, status=2, says="cannot be opened")
    whatif.run(whatif.tool, dump, status=2, says="whatif: image")
    whatif.run(dump, dump, status=2, says="no ELF")
    whatif.run("--text", "/nonexistent/x", whatif.kernel, dump, status=2, says="/nonexistent/x")
    whatif.run(status=2, says="usage")
    whatif.run("--sites", whatif.kernel, dump, dump, status=2, says="usage")


def case(checks, tool, kernel, place):
    whatif = Whatif(checks, tool, kernel)
    dumps = sorted(Path(place).glob("*.txt"))
    with tempfile.TemporaryDirectory(prefix="quench-") as folder:
        case_rows(checks, whatif, dumps)
        case_text(checks, whatif, dumps[-1], folder)
        for dump in dumps:
            case_sites(checks, whatif, dump)
        case_refused(checks, whatif, dumps[0], folder)


tap.run(case, *sys.argv[1:])
