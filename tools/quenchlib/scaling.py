# SPDX-License-Identifier: MIT
"""Independent loops on one processor and on several: how much faster (docs/locking.md).

/bin/scaling runs each kind of work in one process, and in one on each processor at once. Two
figures come of it. By the clock: both in one boot, round after round, a ratio within each round, so
that what slows the host slows both; it needs as many idle cores as the guest has processors. By
the host's processor time: each in boots of its own; a loop that waits for the other's locks or
cache lines takes more of it, however many cores are idle.
"""
import json
import os
import re
import statistics
import subprocess
import tempfile
from pathlib import Path

from . import build, qemu, records, say

PATIENCE = 900
KINDS = ("none", "getpid", "pipe", "fault")
BOOTS = 3  # of each, for processor time
LINE = re.compile(r"scaling (\w+) cpus=(\d+) ops=(\d+) ns=(\d+)")


def machine(folder, options, words, console="null", record_file="null"):
    return qemu.Machine(
        kernel=str(folder / build.KERNEL), initrd=str(folder / build.INITRAMFS),
        cpu=(options.cpu or ["max"])[0], smp=str(options.cpus), accel="tcg,thread=multi",
        append=f"alt=quiet init=/bin/scaling -- {words}", console=console, records=record_file)


def boot(folder, options, words):
    """(what the program printed, the record of its end, seconds of the host's processors)."""
    with tempfile.TemporaryDirectory(prefix="quench-") as place:
        said, told = Path(place, "console"), Path(place, "records")
        command = machine(folder, options, words, qemu.file_chardev(said),
                          qemu.file_chardev(told)).command()
        before = os.times()
        try:
            status = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL, timeout=PATIENCE).returncode
        except subprocess.TimeoutExpired as late:
            raise say.Trouble(f"no end after {PATIENCE} s; fewer --rounds?") from late
        after = os.times()
        text = said.read_text("utf-8", "replace") if said.exists() else ""
        found = records.parse(told.read_bytes())[0] if told.exists() else []
    if status != qemu.PASSED:
        raise say.Trouble(f"the guest failed: status {status}: {text.strip().splitlines()[-1:]}")
    spent = (after.children_user + after.children_system
             - before.children_user - before.children_system)
    return text, records.last(found, "end"), spent


def rates(text):
    """{kind: {cpus: operations a second of all together, in the order of the rounds}}."""
    found = {}
    for kind, cpus, ops, ns in LINE.findall(text):
        found.setdefault(kind, {}).setdefault(int(cpus), []).append(
            int(cpus) * int(ops) * 1e9 / int(ns))
    return found


def worth(folder, options, kind):
    """What all processors together are worth, in ones: by the host's processor time."""
    spent = {words: [] for words in ((1, 0), (1, options.rounds), (options.cpus, 0),
                                     (options.cpus, options.rounds))}
    for _ in range(BOOTS):
        for cpus, rounds in spent:
            spent[cpus, rounds].append(
                boot(folder, options, f"{cpus} {rounds} {options.thousands} {kind} only")[2])
    cost = {cpus: min(spent[cpus, options.rounds]) - min(spent[cpus, 0])
            for cpus in (1, options.cpus)}
    return options.cpus * options.cpus * cost[1] / cost[options.cpus]


def rows(found, options, by_time):
    for kind, by_cpus in found.items():
        many = by_cpus[options.cpus]
        ratios = sorted(both / one for one, both in zip(by_cpus[1], many))
        low, _, high = (statistics.quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3)
        yield {"kind": kind, "cpus": options.cpus, "rounds": len(ratios),
               "one": statistics.median(by_cpus[1]), "many": statistics.median(many),
               "ratio": statistics.median(ratios), "quarter": low, "three_quarters": high,
               "least": ratios[0], "most": ratios[-1], "by_time": by_time[kind]}


def show(made, end, load, out):
    cpus = made[0]["cpus"]
    print(say.paint(f"\n{cpus} processors against one", "1", out), file=out)
    print(f"  {'':8}{'op/s on 1':>11}{f'on {cpus}':>11}   ratio  middle half    all rounds"
          "    by processor time", file=out)
    for row in made:
        print(f"  {row['kind']:8}{row['one']:>11.0f}{row['many']:>11.0f}   {row['ratio']:5.2f}  "
              f"{row['quarter']:.2f}..{row['three_quarters']:.2f}     "
              f"{row['least']:.2f}..{row['most']:.2f}    {row['by_time']:.2f}", file=out)
    print(f"\nnone: a loop without the kernel, what the host itself gives. Medians of "
          f"{made[0]['rounds']} rounds, each\nratio within one round. The host's load was "
          f"{load[0]:.1f} before and {load[1]:.1f} after, its cores are {os.cpu_count()}: with "
          "more\nto do than cores, only the last column says something. Spin locks that were not "
          f"free at once,\nin all rounds: {end.get('lock_waits', '?')}. TCG is not silicon.",
          file=out)


def main(options, folder, out):
    if options.cpus < 2 or options.cpus > 16 or options.rounds < 1 or options.thousands < 1:
        raise say.Trouble("--cpus is 2 to 16, --rounds and --thousands are 1 or more")
    words = f"{options.cpus} {options.rounds} {options.thousands}"
    if options.dry_run:
        say.command(machine(folder, options, words).command())
        return say.OK
    before = os.getloadavg()[0]
    text, end, _ = boot(folder, options, words)
    load = before, os.getloadavg()[0]
    by_time = {}
    for kind in KINDS:
        say.progress(f"{kind}, by processor time")
        by_time[kind] = worth(folder, options, kind)
    made = list(rows(rates(text), options, by_time))
    show(made, end, load, out)
    if options.json:
        try:
            Path(options.json).write_text(
                "".join(json.dumps({"t": "scaling", **row}) + "\n" for row in made), "utf-8")
        except OSError as error:
            raise say.Trouble(f"{options.json}: {error.strerror}") from error
    return say.OK
