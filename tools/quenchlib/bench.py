# SPDX-License-Identifier: MIT
"""Measures every variant of the user copies on every 64-bit base model of QEMU, or on this machine.

The kernel boots twice on each model: once counting instructions, which is deterministic, once against
the clock. Models whose instruction counts are alike share a table. TCG is not silicon: what a real
processor does is measured by --native, which hands all other options to copybench (docs/copybench.md).
--peer linux measures whole system calls instead, beside Linux on the same work (docs/peer.md);
--scaling independent programs on several processors.

Exit status: 0; 1 when a model failed; 3 when nothing could be measured.
"""
import argparse
import concurrent.futures
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from . import build, models, packages, peer, qemu, records, say, scaling

HELP = "the copy variants on every CPU model, in instructions and in time; or on this machine"
COPYBENCH = "tools/copybench/copybench"
ICOUNT = ("-icount", "shift=0,sleep=off")
PATIENCE = 120
SHIPPED = "quench"


def arguments(parser):
    add = parser.add_argument
    add("--native", action="store_true",
        help="measure this processor; unknown options go to copybench, --help among them after --")
    add("--peer", choices=["linux"], help="system calls, faults and processes beside Linux")
    add("--peer-dir", metavar="DIR",
        help="the peer's folder (default: QUENCH_PEER, or ../shared/peer beside the tree)")
    add("--scaling", action="store_true",
        help="independent loops on one processor and on several, by the clock (docs/locking.md)")
    add("--cpus", type=int, default=2, metavar="N", help="with --scaling: processors (default: 2)")
    add("--rounds", type=int, default=15, metavar="N", help="with --scaling (default: 15)")
    add("--thousands", type=int, default=100, metavar="N",
        help="with --scaling: thousands of operations a loop (default: 100)")
    add("--all", action="store_true", help="with --peer: all nine models, not the headline alone")
    add("--cpu", action="append", metavar="MODEL",
        help="only this model; may be repeated (default: all base models; with --peer: "
             f"{' and '.join(peer.HEADLINE)})")
    add("--json", metavar="FILE", help="write the bench records there, one a line")
    add("-j", "--jobs", type=int, default=2, metavar="N", help="machines at a time (default: 2)")
    add("--dry-run", action="store_true", help="print the commands instead of running them")
    add("--no-build", action="store_true", help="measure what is there")
    add("--build", metavar="FOLDER", help=argparse.SUPPRESS)
    parser.set_defaults(passed_on=[])


def native(options, folder):
    words = [str(folder / COPYBENCH)] + [word for word in options.passed_on if word != "--"]
    if options.json:
        words += ["--json", options.json]
    if options.dry_run:
        say.command(words)
        return say.OK
    try:
        return say.FAILED if subprocess.run(words).returncode else say.OK
    except OSError as error:
        raise say.Trouble(f"{words[0]}: {error.strerror}") from error


def machine(folder, cpu, counted, record_file):
    return qemu.Machine(
        kernel=str(folder / build.KERNEL), initrd=str(folder / build.INITRAMFS), cpu=cpu,
        append="alt=quiet bench=copy", records=qemu.file_chardev(record_file),
        extra=ICOUNT if counted else ())


def boot(folder, cpu, counted):
    """The records of one boot."""
    with tempfile.TemporaryDirectory(prefix="quench-") as place:
        path = Path(place, "records")
        try:
            ended = subprocess.run(machine(folder, cpu, counted, path).command(), text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, timeout=PATIENCE)
        except subprocess.TimeoutExpired as late:
            raise say.Trouble(f"{cpu}: no end after {PATIENCE} s") from late
        found, problems = records.parse(path.read_bytes() if path.exists() else b"")
    if qemu.lacks_model(ended.stderr):
        raise models.NoModel(qemu.no_model(cpu))
    if not found:
        lines = qemu.sift_warnings(ended.stderr)[0]
        raise models.Refused(f"{cpu}: QEMU says: {lines[-1] if lines else 'nothing'}")
    refusal = records.last(found, "fail")
    if refusal and not records.of_type(found, "cpu"):
        raise models.Refused(f"{cpu}: the kernel refuses it: {refusal['why']}")
    wrong = problems or refusal or not records.of_type(found, "bench")
    if ended.returncode != qemu.PASSED or wrong:
        raise say.Trouble(f"{cpu}: the measuring boot failed: status {ended.returncode}, "
                          f"{refusal['why'] if refusal else problems[:1] or 'no panic record'}")
    wanted = "icount" if counted else "tcg"
    clocks = {record["clock"] for record in records.of_type(found, "bench")}
    if clocks != {wanted}:
        raise say.Trouble(f"{cpu}: the kernel took its clock for {', '.join(clocks)}, not {wanted}")
    return found


def measure(folder, cpu):
    """The bench records of one model, each with the model and what policy chose there."""
    rows = []
    for counted in (True, False):
        found = boot(folder, cpu, counted)
        chosen = records.last(found, "cpu")["copy"]
        rows += [{**record, "model": cpu, "copy": chosen}
                 for record in records.of_type(found, "bench")]
    return rows


def measure_all(folder, names, jobs):
    """({model: records}, whether one failed). A model that cannot be booted is left out, with a
    word why."""
    found, failed = {}, False
    with concurrent.futures.ThreadPoolExecutor(max(jobs, 1)) as pool:
        waiting = {pool.submit(measure, folder, name): name for name in names}
        for number, done in enumerate(concurrent.futures.as_completed(waiting), 1):
            name = waiting[done]
            try:
                found[name] = done.result()
                say.progress(f"{number}/{len(names)} {name}: policy chose "
                             f"{found[name][0]['copy']}")
            except models.Refused as why:
                say.progress(f"{number}/{len(names)} {why}")
            except say.Trouble as why:
                say.trouble(f"{number}/{len(names)} {why}")
                failed = True
    return {name: found[name] for name in names if name in found}, failed


def _place(row):
    return row["bytes"], row["dst_off"], row["src_off"]


def groups(found):
    """Lists of models whose instruction counts and choices are the same."""
    alike = {}
    for name, rows in found.items():
        key = tuple((row["name"], row["variant"], _place(row), row["tsc"], row["ops"], row["copy"])
                    for row in rows if row["clock"] == "icount")
        alike.setdefault(key, []).append(name)
    return list(alike.values())


def _per_op(found, names, name, clock):
    """(variant, place) -> ticks for one call, the median over the models."""
    cells = {}
    for model in names:
        for row in found[model]:
            if (row["name"], row["clock"]) == (name, clock):
                cells.setdefault((row["variant"], _place(row)), []).append(row["tsc"] / row["ops"])
    return {key: statistics.median(values) for key, values in cells.items()}


def table(found, names, name, clock, out):
    cells = _per_op(found, names, name, clock)
    variants = list(dict.fromkeys(variant for variant, _ in cells))
    places = list(dict.fromkeys(place for _, place in cells))
    chosen = found[names[0]][0]["copy"]
    what = "instructions" if clock == "icount" else "ticks of emulated time"
    print(f"\n  {name}, {what} a call", file=out)
    heads = [f"{size}" if not (dst or src) else f"{size}+{dst}/{src}" for size, dst, src in places]
    width = max(len(head) for head in heads) + 2
    print("   " + f"{'bytes+to/from':13}" + "".join(f"{head:>{width}}" for head in heads), file=out)
    for variant in variants:
        marked = variant == SHIPPED or (name == "copy" and variant == chosen)
        line = f"{variant:13}" + "".join(
            f"{cells[variant, place]:>{width}.0f}" for place in places)
        print(" * " + say.paint(line, "1", out) if marked else "   " + line, file=out)


def show(found, out):
    for names in groups(found):
        chosen = found[names[0]][0]["copy"]
        print(say.paint(f"\n{', '.join(names)}: policy chose {chosen}", "1", out), file=out)
        for name in ("copy", "clear"):
            for clock in ("icount", "tcg"):
                table(found, names, name, clock, out)
    print(f"\n* what policy chose, and {SHIPPED}: what ships, range check and call included. One "
          "repetition of a string\ninstruction counts as one instruction. TCG is not silicon: "
          "`tools/quench bench --native` measures a processor.", file=out)


def write_json(found, path):
    try:
        with open(path, "w", encoding="utf-8") as file:
            for rows in found.values():
                file.writelines(json.dumps(row, separators=(",", ":")) + "\n" for row in rows)
    except OSError as error:
        raise say.Trouble(f"{path}: {error.strerror}") from error


def prepare(options):
    folder = build.folder(options.build)
    groups_needed = ({"build"} if not options.no_build else set()) | (
        set() if options.native else {"boot"})
    packages.ensure(groups_needed, options.dry_run)
    if not options.no_build:
        targets = [COPYBENCH] if options.native else [build.KERNEL, build.INITRAMFS]
        build.build(folder, targets, options.dry_run)
    return folder


def main(options):
    if options.passed_on and not options.native:
        raise say.Trouble(f"unknown here: {' '.join(options.passed_on)}; options of copybench need "
                          "--native")
    if options.peer and not peer.find(options.peer_dir):
        return peer.main(options, None, sys.stdout)  # says why it skips, before anything is built
    folder = prepare(options)
    if options.peer:
        return peer.main(options, folder, sys.stdout)
    if options.scaling:
        return scaling.main(options, folder, sys.stdout)
    if options.native:
        return native(options, folder)
    if options.dry_run:
        for counted in (True, False):
            say.command(machine(folder, (options.cpu or ["max"])[0], counted, "FILE").command())
        return say.OK
    found, failed = measure_all(folder, options.cpu or models.base_models(), options.jobs)
    if not found:
        raise say.Trouble("no model could be measured; tools/quench doctor says what is missing")
    show(found, sys.stdout)
    if options.json:
        write_json(found, options.json)
    return say.FAILED if failed else say.OK
