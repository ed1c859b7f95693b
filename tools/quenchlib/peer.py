# SPDX-License-Identifier: MIT
"""The same unmodified program on Linux and on Quench, in instructions an operation (docs/peer.md).

The peer's folder holds the program (ubench.c) and the script that fetches and boots a Linux for it
(run-linux-peer.sh). Both are started under the same QEMU, model and clock: with -icount, one tick
of the TSC is one instruction of the guest, and two runs give the same numbers.
"""
import concurrent.futures
import contextlib
import dataclasses
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

from . import build, qemu, say

HEADLINE = ("qemu64", "EPYC")
ALL = ("qemu64", "kvm64", "core2duo", "Nehalem", "Haswell", "Skylake-Server", "EPYC", "EPYC-Milan",
       "max")
SCRIPT = "run-linux-peer.sh"
PATIENCE = 300
# Linux's script says the same of its machine; the seed and the clock make runs repeat.
CLOCK = ("-icount", "shift=0,sleep=off", "-rtc", "base=2024-01-01,clock=vm", "-seed", "1")
MEASURED = re.compile(r"ubench name=(\S+) n=(-?\d+) min=\S+ med=(\S+) mean=\S+ ret=(-?\d+)")
FACT = re.compile(r"ubench (fact_\S+) ret=(-?\d+)")
# Timed without the loop that `empty` measures, or with one of their own.
NO_LOOP = ("pipe_", "pf_", "cpu_", "switch_", "yield2", "empty")
# Their values are the machine's, not the ABI's.
ANY_ANSWER = {"yield2", "getpid", "cpu_touched"}

SECURITY = "Linux asks its security modules (LSM)"
ACCOUNTS = "Linux keeps accounts: cgroups, memory control, RSS counters"
ENTRY = "Linux enters through a generic layer: context tracking, ptrace, audit and seccomp flags"
FAULT = f"{SECURITY}, counts fault events, has trace points and extable handler types to choose by"
SCHEDULER = "Linux's scheduler has cgroups, load averages, pressure stalls and statistics"


@dataclasses.dataclass(frozen=True)
class Target:
    """One line of the headline: the sum of some measurements, and the ratio asked for."""
    name: str
    parts: tuple
    most: float
    more: str  # what Linux does there that Quench does not


TARGETS = (
    Target("getpid", (("getpid", 0),), 0.30, ENTRY),
    Target("pipe write+read 64 B", (("pipe_al_wr", 64), ("pipe_al_rd", 64)), 0.25,
           f"{SECURITY}, stamps inode times, notifies watchers"),
    Target("pipe write+read 4 KiB", (("pipe_al_wr", 4096), ("pipe_al_rd", 4096)), 0.50,
           f"{SECURITY}, stamps inode times, notifies watchers"),
    Target("EFAULT, write from NULL", (("efault_wr_null", 64),), 0.20,
           FAULT),
    Target("EFAULT, read to NULL", (("efault_rd_null", 64),), 0.20,
           FAULT),
    Target("EFAULT, 32 of 64 bytes", (("efault_wr_part", 32),), 0.15,
           f"{FAULT}; its byte-by-byte tail faults again"),
    Target("pipe ping-pong", (("switch_pipe", 1),), 0.20, f"{SECURITY}; {SCHEDULER}"),
    Target("yield away and back", (("yield2", 0),), 0.20, SCHEDULER),
    Target("anonymous page fault", (("pf_anon_wr", 1),), 0.35,
           f"{ACCOUNTS}; reverse maps, LRU lists, transparent huge pages"),
    Target("SIGSEGV and return", (("sig_segv", 11),), 0.25,
           "Linux allocates and accounts a queue entry, traces, logs, tells a debugger"),
    Target("kill self and return", (("sig_kill", 10),), 0.25,
           f"{SECURITY}; audit, queue entries, name spaces of processes"),
    Target("fork+exit+wait", (("fork_exit_wait", 0),), 0.20,
           f"{ACCOUNTS}; reverse maps, name spaces, /proc entries, RCU"),
    Target("thread create+join", (("thread_join", 0),), 0.15,
           f"{ACCOUNTS}; name spaces, RCU, a mapped kernel stack"),
    Target("futex ping-pong", (("futex_pp", 0),), 0.25, SCHEDULER),
)


@dataclasses.dataclass
class Log:
    """What one run of ubench said."""
    times: dict  # (name, n) -> (median, answer)
    facts: dict  # name -> answer

    def cost(self, key):
        median = self.times[key][0]
        return median if key[0].startswith(NO_LOOP) else median - self.times["empty", 0][0]

    def total(self, parts):
        """None where a part was not measured."""
        return sum(map(self.cost, parts)) if all(part in self.times for part in parts) else None


def parse(text):
    times = {(m[1], int(m[2])): (float(m[3]), int(m[4])) for m in MEASURED.finditer(text)}
    return Log(times, {m[1]: int(m[2]) for m in FACT.finditer(text)})


def find(named):
    """The peer's folder; None where there is none. One that was asked for must be there."""
    asked = named or os.environ.get("QUENCH_PEER")
    folder = Path(asked) if asked else build.ROOT.parent / "shared/peer"
    if (folder / SCRIPT).exists():
        return folder.resolve()
    if asked:
        raise say.Trouble(f"{folder} holds no {SCRIPT}")
    return None


@contextlib.contextmanager
def workshop():
    """Where things are built: PEER_DIR, which is kept, or a folder that goes."""
    if os.environ.get("PEER_DIR"):
        yield Path(os.environ["PEER_DIR"])
        return
    with tempfile.TemporaryDirectory(prefix="quench-peer-") as place:
        yield Path(place)


def _said(what, words, place):
    """Standard output of a command that must succeed."""
    try:
        ended = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, timeout=PATIENCE,
                               env={**os.environ, "PEER_DIR": str(place)})
    except subprocess.TimeoutExpired as late:
        raise say.Trouble(f"{what}: no end after {PATIENCE} s") from late
    except OSError as error:
        raise say.Trouble(f"{words[0]}: {error.strerror}") from error
    if ended.returncode:
        lines = ended.stderr.decode("utf-8", "replace").splitlines()
        raise say.Trouble(f"{what}: status {ended.returncode}: {lines[-1] if lines else 'no word'}")
    return ended.stdout.decode("latin-1").replace("\r", "")


def linux_words(peer, cpu, plain):
    return [str(peer / SCRIPT), "run", "-c", cpu] + ([] if plain else ["-a", "mitigations=off"])


def quench_words(folder, place, cpu, console):
    return qemu.Machine(
        kernel=str(folder / build.KERNEL), initrd=str(place / "quench.cpio"), cpu=cpu,
        memory="512M", append="alt=quiet init=/ubench", console=console, extra=CLOCK).command()


def pack(place):
    """ubench as the program of an initramfs for Quench; the very file that Linux runs."""
    _said("mkcpio", [str(build.ROOT / "tools/build/mkcpio"), str(place / "quench.cpio"), "dev/",
                     "dev/console:5:1", "dev/null:1:3", "dev/zero:1:5",
                     f"ubench={place / 'ubench'}"], place)


def boot_quench(folder, place, cpu):
    """ubench powers the machine off itself, so that QEMU's status says nothing."""
    with tempfile.TemporaryDirectory(prefix="quench-") as spot:
        path = Path(spot, "console")
        try:
            subprocess.run(quench_words(folder, place, cpu, qemu.file_chardev(path)),
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, timeout=PATIENCE)
        except subprocess.TimeoutExpired as late:
            raise say.Trouble(f"Quench on {cpu}: no end after {PATIENCE} s") from late
        return path.read_text("latin-1").replace("\r", "") if path.exists() else ""


def measure(peer, folder, place, cpu):
    """{"linux", "default", "quench"} -> Log; Trouble when a run did not come to its end."""
    texts = {"linux": _said(f"Linux on {cpu}", linux_words(peer, cpu, False), place),
             "default": _said(f"Linux on {cpu}", linux_words(peer, cpu, True), place),
             "quench": boot_quench(folder, place, cpu)}
    for who, text in texts.items():
        if "ubench end" not in text:
            raise say.Trouble(f"{cpu}: ubench did not come to its end on {who}; last: "
                              f"{text.strip().splitlines()[-1:] or 'nothing'}")
    return {who: parse(text) for who, text in texts.items()}


def _ratio(ours, theirs):
    return ours / theirs if ours is not None and theirs else None


def rows(logs):
    """One record for each target of one model."""
    for target in TARGETS:
        cost = {who: log.total(target.parts) for who, log in logs.items()}
        ratio = _ratio(cost["quench"], cost["linux"])
        yield {"op": target.name, **cost, "ratio": ratio, "target": target.most,
               "met": ratio is not None and ratio <= target.most}


def _cell(value, form):
    return format(value, form) if value is not None else "-"


def show_targets(logs, out):
    print("  operation               Linux   default    Quench   ratio  target", file=out)
    for row in rows(logs):
        verdict = "met" if row["met"] else say.paint("missed", "31", out)
        print(f"  {row['op']:22}" + "".join(
            f" {_cell(row[who], '.0f'):>{width}}" for who, width in
            (("linux", 6), ("default", 9), ("quench", 9))) +
            f"   {_cell(row['ratio'], '.3f')}   {row['target']:.2f}  {verdict}", file=out)


def show_others(logs, out):
    """The measurements without a target, in short."""
    used = {part for target in TARGETS for part in target.parts}
    linux, ours = logs["linux"], logs["quench"]
    cells = [f"{name}{f'/{n}' if n else ''} "
             f"{_cell(_ratio(ours.total([(name, n)]), linux.cost((name, n))), '.2f')}"
             for name, n in linux.times
             if (name, n) not in used and not name.startswith(("cpu_", "empty"))]
    print("  other ratios:", file=out)
    for start in range(0, len(cells), 5):
        print("    " + ", ".join(cells[start:start + 5]), file=out)


def differences(logs):
    """Answers in which Quench differs from Linux: (what, Linux's, ours)."""
    linux, ours = logs["linux"], logs["quench"]
    found = [(name, value, ours.facts.get(name)) for name, value in linux.facts.items()]
    found += [(f"{name}/{n} returns", answer, ours.times.get((name, n), (0, None))[1])
              for (name, n), (_, answer) in linux.times.items() if name not in ANY_ANSWER]
    return [one for one in found if one[1] != one[2]]


def show(found, out):
    for cpu, logs in found.items():
        print(say.paint(f"\n{cpu}, instructions an operation", "1", out), file=out)
        show_targets(logs, out)
        show_others(logs, out)
        unlike = differences(logs)
        print(f"  facts: {len(logs['linux'].facts)} asked; answers that differ: {len(unlike)}",
              file=out)
        for what, theirs, ours in unlike:
            print(f"    {what}: Linux {theirs}, Quench {ours}", file=out)
    print("\nLinux: mitigations=off, which the ratio is against; default: as Debian ships it. What "
          "Linux does\nin these that Quench does not:", file=out)
    for target in TARGETS:
        print(f"  {target.name}: {target.more}.", file=out)


def write_json(found, path):
    try:
        with open(path, "w", encoding="utf-8") as file:
            for cpu, logs in found.items():
                for row in rows(logs):
                    file.write(json.dumps({"t": "peer", "model": cpu, **row}) + "\n")
                for what, theirs, ours in differences(logs):
                    file.write(json.dumps({"t": "peer-differs", "model": cpu, "what": what,
                                           "linux": theirs, "quench": ours}) + "\n")
    except OSError as error:
        raise say.Trouble(f"{path}: {error.strerror}") from error


def measure_all(peer, folder, place, names, jobs):
    """({model: logs}, whether one failed)."""
    found, failed = {}, False
    with concurrent.futures.ThreadPoolExecutor(max(jobs, 1)) as pool:
        waiting = {pool.submit(measure, peer, folder, place, name): name for name in names}
        for number, done in enumerate(concurrent.futures.as_completed(waiting), 1):
            try:
                found[waiting[done]] = done.result()
                say.progress(f"{number}/{len(names)} {waiting[done]}")
            except say.Trouble as why:
                say.trouble(f"{number}/{len(names)} {why}")
                failed = True
    return {name: found[name] for name in names if name in found}, failed


def main(options, folder, out):
    """Measures and shows; `folder` holds what was built of Quench."""
    peer = find(options.peer_dir)
    if not peer:
        say.progress("skipped: no peer here; --peer-dir or QUENCH_PEER names the folder with "
                     f"{SCRIPT}, ../shared/peer beside the tree is looked for")
        return say.OK
    names = options.cpu or (ALL if options.all else HEADLINE)
    with workshop() as place:
        if options.dry_run:
            say.command([str(peer / SCRIPT), "setup"])
            for cpu in names:
                say.command(linux_words(peer, cpu, False))
                say.command(linux_words(peer, cpu, True))
                say.command(quench_words(folder, place, cpu, "null"))
            return say.OK
        say.progress(f"setting up Linux in {place}")
        _said("setup of the peer", [str(peer / SCRIPT), "setup"], place)
        pack(place)
        found, failed = measure_all(peer, folder, place, names, options.jobs)
    if not found:
        raise say.Trouble("no model could be measured")
    show(found, out)
    if options.json:
        write_json(found, options.json)
    return say.FAILED if failed else say.OK
