# SPDX-License-Identifier: MIT
"""Triple faults: where and why. QEMU's log of the run only says that there was one; a second run,
in which it logs every exception, shows the chain that led there."""
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
# An attempt to deliver an exception, and the processor's state before it.
ATTEMPT = re.compile(r"v=([0-9a-f]+) e=([0-9a-f]+) .*? pc=([0-9a-f]+).*?CR2=([0-9a-f]+)", re.S)


def _text(path):
    try:
        with open(path, encoding="latin-1") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def happened(reset_log):
    return MARK in _text(reset_log)


def quiet(words):
    """The same machine without terminal, debugger and log."""
    words = words[:words.index("-d")]
    for pair in (["-mon", "chardev=com1,mode=readline"], ["-S"], ["-s"]):
        if pair[0] in words:
            at = words.index(pair[0])
            del words[at:at + len(pair)]
    return [re.sub(r"^(stdio|file),.*(id=com\d)$", r"null,\2", word) for word in words]


def chain(log):
    """The exceptions that ended in the triple fault as (vector, error, rip, cr2), first to last:
    those at one and the same instruction."""
    attempts = [tuple(int(field, 16) for field in match.groups())
                for match in ATTEMPT.finditer(log.split(MARK, 1)[0])]
    tail = []
    for attempt in reversed(attempts):
        if tail and attempt[2] != tail[0][2]:
            break
        tail.insert(0, attempt)
    # Fault, fault within it, double fault: earlier ones at this place had been served.
    return tail[-3:]


def rerun(words):
    """The log of a second run with every exception in it; '' if it did not end the same way."""
    with tempfile.TemporaryDirectory(prefix="quench-") as folder:
        path = os.path.join(folder, "log")
        try:
            subprocess.run(quiet(words) + ["-d", "int,cpu_reset", "-D", path], timeout=PATIENCE,
                           stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                           stderr=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return ""
        log = _text(path)
    return log if MARK in log else ""


def explain(words, kernel):
    """One sentence that names rip, symbol and cause."""
    links = chain(rerun(words))
    if not links:
        return "triple fault; a second run did not show it again, so its place is not known"
    vector, error, rip, cr2 = links[0]
    try:
        symbol = Elf(kernel).symbolize(rip)
    except (OSError, ValueError):
        symbol = ""
    names = [VECTORS.get(link[0], f"vector {link[0]}") for link in links]
    text = f"triple fault at rip {rip:#x} {symbol or '(outside every symbol)'}; cause: {names[0]}"
    if vector == 14:
        text += f" (error {error:#x}) at address {cr2:#x}"
    return text + "".join(f", then {name}" for name in names[1:])
