# SPDX-License-Identifier: MIT
"""Builds Quench and runs its tests.

NAME is a suite (host, guest, lint; long only when named) or a single test; without one, every suite
but long runs. The last line says `N passed, N failed[, N skipped]`; the exit status is 0 exactly when
something ran and nothing failed.
"""
import argparse
import json
import subprocess
import sys

from . import build, packages, say

HELP = "run the tests: suites host, guest and lint, or those that are named"
SUITES = ("host", "guest", "lint", "long")
LOG = "quench-test"
SKIPPED, GOOD = "SKIP", ("OK", "EXPECTEDFAIL")


def arguments(parser):
    parser.add_argument("names", nargs="*", metavar="NAME", help="a suite or a test")
    parser.add_argument("-j", "--jobs", help="tests at a time (default: as many as processors)")
    parser.add_argument("--dry-run", action="store_true", help="print the commands")
    parser.add_argument("--sanitize", action="store_true",
                        help="the host suite under ASan and UBSan, in build-sanitize/")
    parser.add_argument("--build", metavar="FOLDER", help=argparse.SUPPRESS)


def selection(names):
    """meson test's arguments for these names."""
    suites = [name for name in names if name in SUITES]
    tests = [name for name in names if name not in SUITES]
    if suites and tests:
        raise say.Trouble("name suites or tests, not both: " + " ".join(names))
    if tests:
        return tests
    words = []
    for suite in suites or [suite for suite in SUITES if suite != "long"]:
        words += ["--suite", suite]
    return words


def meson_words(folder, options):
    # A log of its own: another run in the same folder would write into the usual one.
    words = ["meson", "test", "-C", str(folder), "--print-errorlogs", "--logbase", LOG]
    if options.jobs:
        words += ["--num-processes", options.jobs]
    return words + selection(["host"] if options.sanitize and not options.names else options.names)


def count(log):
    """(passed, failed, skipped) from Meson's log of the run, one JSON object a line."""
    try:
        with open(log, encoding="utf-8") as file:
            results = [json.loads(line)["result"] for line in file]
    except FileNotFoundError:
        results = []
    passed, skipped = sum(r in GOOD for r in results), results.count(SKIPPED)
    return passed, len(results) - passed - skipped, skipped


def main(options):
    folder = build.folder(options.build or (
        str(build.ROOT / "build-sanitize") if options.sanitize else None))
    setup = ["-Db_sanitize=address,undefined"] if options.sanitize else []
    packages.ensure({"build", "boot", "uefi", "test"}, options.dry_run)
    words = meson_words(folder, options)
    build.build(folder, [], options.dry_run, setup)
    if options.dry_run:
        say.command(words)
        return say.OK
    log = folder / "meson-logs" / f"{LOG}.json"
    log.unlink(missing_ok=True)
    say.progress("testing")
    status = subprocess.run(words, stdin=subprocess.DEVNULL).returncode
    passed, failed, skipped = count(log)
    sys.stdout.flush()
    if not passed + failed + skipped:
        say.trouble("no test ran; `meson test -C build --list` names them all")
        print("0 passed, 0 failed")
        return say.FAILED
    if status and not failed:
        say.trouble(f"`{' '.join(words)}` ended with status {status}, though no test failed")
        failed = 1
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return say.FAILED if failed or not passed else say.OK
