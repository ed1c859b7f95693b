# SPDX-License-Identifier: MIT
"""Shows what the kernel becomes on every 64-bit CPU model of this QEMU: features, copy variant, digest.

Each model is asked for its CPUID by a short boot, once; the rest is foretold (docs/whatif.md).
"""
import concurrent.futures
import os
import sys

from . import foretell, models, rows, say

HELP = "every 64-bit CPU model of QEMU: features, copy variant, text"


def arguments(parser):
    foretell.add_common(parser)
    parser.add_argument("--versions", action="store_true", help="numbered versions (-v1, ...) too")


def ask(foreteller, names):
    """({name: dump}, {name: why not}), two at a time."""
    found, refused = {}, {}

    def one(name):
        try:
            found[name] = foreteller.models.path(name)
        except models.Refused as refusal:
            refused[name] = str(refusal).split(": ", 1)[-1]

    foreteller.models  # made once, before the threads
    with concurrent.futures.ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        for number, _ in enumerate(pool.map(one, names), 1):
            if sys.stderr.isatty():
                print(f"\r{number}/{len(names)} models asked", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return found, refused


def main(options):
    foreteller = foretell.prepare(options, boots=True)
    names = models.base_models(options.versions)
    say.progress(f"asking {len(names)} models of {models.qemu.BINARY}")
    found, refused = ask(foreteller, names)
    able = [name for name in names if name in found]
    if not able:
        raise say.Trouble(f"no model can run it: {refused}")
    table = foreteller.rows([found[name] for name in able], options.append)
    for row, name in zip(table, able):
        row["cpu"] = name
    rows.show(table, options.json, sys.stdout)
    for why in dict.fromkeys(refused.values()):
        same = [name for name, text in refused.items() if text == why]
        say.progress(f"left out, for {why}: {' '.join(name for name in names if name in same)}")
    return say.OK
