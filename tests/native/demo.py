#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""demo.py INIT: runs the demo on the Linux of this machine, which thereby judges its expectations.

Standard output goes to a file: only there does Linux write as far as the mapped bytes reach.
"""
import platform
import re
import subprocess
import sys
import tempfile


def main():
    with tempfile.TemporaryFile() as output:
        status = subprocess.run([sys.argv[1]], stdin=subprocess.DEVNULL, stdout=output).returncode
        output.seek(0)
        lines = output.read().decode("utf-8", "replace").splitlines()
    wrong = [line for line in lines if line.endswith(" WRONG")]
    ends = [re.fullmatch(r"demo: (\d+) rows, (\d+) wrong \((\d+) answers\)", line)
            for line in lines[-1:]]
    right = sum(line.endswith(" ok") for line in lines)
    checks = [
        ("exit status 0", status == 0),
        ("it says how many rows there were", bool(ends and ends[0])),
        ("each row is there", bool(ends and ends[0]) and int(ends[0][1]) == right + len(wrong)),
        ("none is wrong", not wrong and bool(ends and ends[0]) and ends[0][2] == "0"),
    ]
    for number, (name, good) in enumerate(checks, 1):
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
    for line in wrong:
        print("# " + line)
    print(f"# judged by Linux {platform.release()}")
    print(f"1..{len(checks)}")


main()
