# SPDX-License-Identifier: MIT
"""Foretells the kernel's text on processors that are not at hand, without booting it on them.

A processor is a QEMU model, or a dump as `cpuid -r` prints it. Text, exception table and digest are made
by the kernel's own code and equal the booted kernel's byte for byte. docs/whatif.md.

Exit status: 0; 1 when the kernel would refuse every one of them; 3 when nothing could be foretold.
"""
import sys
from pathlib import Path

from . import foretell, rows, say

HELP = "foretell the patched text, the exception table and the digest for a processor"


def arguments(parser):
    which = foretell.add_arguments(parser, several=True)
    which.add_argument("--all", metavar="DIR", help="every dump (*.txt) of a folder")
    parser.add_argument("--text", metavar="FILE",
                        help="write the bytes the digest is of: text, then exception table")


def dumps(options, foreteller):
    """(file, name or None) of every processor asked for."""
    if options.all:
        files = sorted(Path(options.all).glob("*.txt"))
        if not files:
            raise say.Trouble(f"{options.all}: no *.txt there; wanted are dumps of `cpuid -r`")
        return [(file, None) for file in files]
    if options.cpuid:
        return [(file, None) for file in options.cpuid]
    return [(foreteller.models.path(cpu), cpu) for cpu in options.cpu or ["max"]]


def main(options):
    foreteller = foretell.prepare(options, boots=not (options.all or options.cpuid))
    wanted = dumps(options, foreteller)
    if options.text:
        if len(wanted) != 1:
            raise say.Trouble("--text is for one processor")
        found = [foreteller.text(wanted[0][0], options.append, options.text)]
    else:
        found = foreteller.rows([file for file, _ in wanted], options.append)
    for row, (_, name) in zip(found, wanted):
        row["cpu"] = name or row["cpu"]
    rows.show(found, options.json, sys.stdout)
    return say.FAILED if all("refused" in row for row in found) else say.OK
