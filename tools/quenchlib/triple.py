# SPDX-License-Identifier: MIT
"""Triple faults: where and why, from QEMU's log of processor resets and interrupts."""
import os
import re
import subprocess
import tempfile

from .elf import Elf

VECTORS = {0: "#DE divide error", 1: "#DB debug", 3: "#BP breakpoint", 6: "#UD invalid opcode",
           8: "#DF double fault", 10: "#TS invalid TSS", 11: "#NP segment not present",
           12: "#SS stack fault", 13: "#GP general protection", 14: "#PF page fault"}
PATIENCE = 120
MARK = "Triple fault"


def _text(path):
    try:
        with open(path, encoding="latin-1") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def happened(reset_log):
    return MARK in _text(reset_log)


def _place(log):
    """(rip, cr2) as the processor held them at the triple fault."""
    after = log.split(MARK, 1)[1]
    rip, cr2 = re.search(r"[RE]IP=([0-9a-f]+)", after), re.search(r"CR2=([0-9a-f]+)", after)
    return int(rip[1], 16) if rip else 0, int(cr2[1], 16) if cr2 else 0


def _cause(words):
    """The exception that started it, found by a second run that logs each one; '' if it hides."""
    words = [f"{w.split(',')[0]},id={w.rsplit('id=', 1)[1]}".replace("stdio", "null").replace(
        "file", "null") if ",id=com" in w else w for w in words if w not in ("-S", "-s")]
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "log")
        words = words[:words.index("-d")] + ["-d", "int,cpu_reset", "-D", path]
        if "-mon" in words:
            at = words.index("-mon")
            words[at:at + 2] = []
        try:
            subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            return ""
        log = _text(path)
    first = re.findall(r"check_exception old: 0xffffffff new (0x[0-9a-f]+)",
                       log.split(MARK, 1)[0]) if MARK in log else []
    return VECTORS.get(int(first[-1], 16), f"vector {first[-1]}") if first else ""


def explain(reset_log, words, kernel):
    """One sentence that names rip, symbol and cause."""
    rip, cr2 = _place(_text(reset_log))
    try:
        symbol = Elf(kernel).symbolize(rip)
    except (OSError, ValueError):
        symbol = ""
    cause = _cause(words) or "unknown (it did not happen again)"
    return (f"triple fault at rip {rip:#x} {symbol or '(outside every symbol)'}, cr2 {cr2:#x}; "
            f"cause: {cause}")
