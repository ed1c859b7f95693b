#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""test_tap.py TAP: the reporter itself, fed with every way to report badly."""
import subprocess
import sys

# Name, what the program prints, how it exits -> whether it passes, a text its report must hold.
CASES = [
    ("one good check", "1..1\nok 1 - a\n", 0, True, "ok 1 - a"),
    ("plan at the end", "ok 1 - a\nok 2 - b\n1..2\n", 0, True, "1..2"),
    ("colours and carriage returns", "\033[32mok 1 - a\033[0m\r\n1..1\r\n", 0, True, "ok 1 - a\n"),
    ("a failed check in colour", "\033[31mnot ok 1 - a\033[0m\n1..1\n", 1, False, "not ok 1 - a"),
    ("a version of its own", "TAP version 14\nok 1\n1..1\n", 0, True, "TAP version 13"),
    ("skipped with a reason", "1..0 # SKIP no such device\n", 0, True, "1..0 # SKIP no such device"),
    ("other lines", "hello\nok 1\n1..1\n", 0, True, "# hello"),
    ("nothing at all", "", 0, False, "0 plans"),
    ("no plan", "ok 1 - a\n", 0, False, "0 plans"),
    ("two plans", "1..1\nok 1\n1..1\n", 0, False, "2 plans"),
    ("an empty plan without a reason", "1..0\n", 0, False, "no reason to skip"),
    ("fewer checks than planned", "1..3\nok 1\nok 2\n", 0, False, "3 checks planned, 2 made"),
    ("more checks than planned", "1..1\nok 1\nok 2\n", 0, False, "1 checks planned, 2 made"),
    ("a number twice", "1..2\nok 1\nok 1\n", 0, False, "out of order"),
    ("bail out first", "Bail out! no memory\n", 0, False, "no memory"),
    ("bail out later", "1..2\nok 1\nBail out! no memory\nok 2\n", 0, False, "no memory"),
    ("exit status 3 with good checks", "1..1\nok 1\n", 3, False, "exit status 3"),
    ("a failed check with exit status 0", "1..1\nnot ok 1 - a\n", 0, False, "not ok 1 - a"),
]


def run(tap, script):
    result = subprocess.run([tap, sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    return result.returncode == 0, result.stdout


def main():
    number = 0

    def check(name, good, output):
        nonlocal number
        number += 1
        print(f"{'ok' if good else 'not ok'} {number} - {name}")
        if not good:
            print("".join(f"#   {line}\n" for line in output.splitlines()), end="")

    tap = sys.argv[1]
    for name, text, status, passes, part in CASES:
        passed, output = run(tap, f"import sys; sys.stdout.write({text!r}); sys.exit({status})")
        starts = output.startswith("TAP version 13\n")
        check(name, passed == passes and part in output and starts, output)
    passed, output = run(tap, "import os; print('1..1\\nok 1', flush=True); os.abort()")
    check("killed by a signal", not passed and "SIGABRT" in output, output)
    result = subprocess.run([tap, "/nonexistent/program"], stdout=subprocess.PIPE, text=True)
    check("no such program", result.returncode == 1 and "No such file" in result.stdout,
          result.stdout)
    print(f"1..{number}")


main()
