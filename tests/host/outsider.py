#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""outsider.py WHATIF KERNEL DUMP|FOLDER...: what whatif foretells for processors and command lines,
against text and exception table worked out from quench.elf and objdump alone (tests/guest/lib/outsider.py)."""
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "guest"))
from lib import checks as tap  # noqa: E402
from lib.guest import Elf  # noqa: E402
from lib.outsider import Outsider  # noqa: E402

LINES = ("", "cpu=-smap", "copy=reference", "copy=movsq", "copy=fsrm", "cpu=-xsave")


def differ(ours, foretold, open_places):
    """Offsets at which they differ, the constants of the boot left out."""
    if len(ours) != len(foretold):
        return [f"{len(ours)} bytes, {len(foretold)} foretold"]
    return [hex(i) for i, (a, b) in enumerate(zip(ours, foretold)) if a != b and i not in open_places]


class Judge:
    def __init__(self, whatif, kernel, scratch):
        self.words = [whatif, "--append"]
        self.kernel, self.scratch = kernel, f"{scratch}/text"
        self.outsider = Outsider(Elf(kernel))

    def rows(self, append, *dumps):
        ended = subprocess.run([*self.words, append, self.kernel, *dumps], text=True,
                               stdout=subprocess.PIPE)
        return [json.loads(line) for line in ended.stdout.splitlines()]

    def foretold(self, append, dump):
        subprocess.run([*self.words, append, "--text", self.scratch, self.kernel, dump], check=True,
                       stdout=subprocess.DEVNULL)
        return Path(self.scratch).read_bytes()

    def agree(self, checks, row, append, dump):
        name = f"{row['cpu']} {append or 'as it is'}"
        foretold = self.foretold(append, dump)
        text, open_places = self.outsider.text(row["features"])
        found = differ(text + self.outsider.table(), foretold, open_places)
        checks.ok(not found, f"{name}: the outsider's {len(foretold)} bytes are those foretold", found)
        checks.equal(hashlib.sha256(foretold).hexdigest(), row["text_sha256"], f"{name}: the digest")
        return text + self.outsider.table(), open_places


def check_the_judge(checks, ours, open_places):
    for offset in range(0, len(ours), len(ours) // 7):
        wrong = bytearray(ours)
        wrong[offset] ^= 0x10
        checks.equal(differ(ours, wrong, open_places), [] if offset in open_places else [hex(offset)],
                     f"found when planted: byte {offset} foretold wrongly")


def case(checks, whatif, kernel, *places):
    dumps = [str(path) for place in map(Path, places)
             for path in (sorted(place.glob("*.txt")) if place.is_dir() else [place])]
    seen = set()
    with tempfile.TemporaryDirectory(prefix="quench-") as scratch:
        judge = Judge(whatif, kernel, scratch)
        for append in LINES:
            rows = judge.rows(append, *dumps)
            checks.equal(len(rows), len(dumps), f"{append or 'no words'}: a line for each dump")
            for row, dump in zip(rows, dumps):
                # Of processors that get the same text by the same features one will do.
                key = (row.get("text_sha256"), *row.get("features", ()))
                if "refused" in row or key in seen:
                    continue
                seen.add(key)
                ours, open_places = judge.agree(checks, row, append, dump)
        check_the_judge(checks, ours, open_places)
        checks.note(f"{len(dumps)} dumps, {len(seen)} texts")


tap.run(case, *sys.argv[1:])
