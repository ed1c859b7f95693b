# SPDX-License-Identifier: MIT
"""QEMU's CPU models: which there are, and what CPUID says on one, asked by booting the kernel."""
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import urllib.parse
from pathlib import Path

from . import qemu, records, say

VERSIONED = re.compile(r"-v\d+$")
PATIENCE = 60
ROW = ("   0x{leaf:08x} 0x{sub:02x}: eax=0x{eax:08x} ebx=0x{ebx:08x} ecx=0x{ecx:08x} "
       "edx=0x{edx:08x}\n")


class Refused(say.Trouble):
    """A model the kernel, or QEMU, will not run."""


class NoModel(Refused):
    """A model this QEMU does not know."""


def listed():
    """(name, description) of every model `-cpu help` lists, in its order."""
    try:
        text = subprocess.run([qemu.BINARY, "-cpu", "help"], stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise say.Trouble(f"{qemu.BINARY} -cpu help failed ({error}); tools/quench doctor says "
                          "what is missing") from error
    body = text.partition("Available CPUs:\n")[2].partition("\n\n")[0]
    for line in body.splitlines():
        words = line.split(None, 1)
        if words and words[0] == "x86":  # QEMU before 9
            words = words[1].split(None, 1)
        if words:
            yield words[0], words[1] if len(words) > 1 else ""


def base_models(versions=False):
    """Names of the base models; with `versions` also their numbered ones. `host` is no model."""
    return [name for name, about in listed() if name != "host" and (
        bool(VERSIONED.search(name)) or not about.startswith("(alias")
        or "machine type" in about) and (versions or not VERSIONED.search(name))]


def dump_text(record_list):
    """The `cpuid` records in the form of `cpuid -r`."""
    return "CPU 0:\n" + "".join(ROW.format(**row) for row in records.of_type(record_list, "cpuid"))


def _boot(machine, folder):
    """The records of one boot without a program: the kernel reports, then finds nothing to run."""
    machine.console, machine.records = "null", qemu.file_chardev(os.path.join(folder, "records"))
    try:
        ended = subprocess.run(machine.command(), stdin=subprocess.DEVNULL, text=True,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=PATIENCE)
    except subprocess.TimeoutExpired as late:
        raise say.Trouble(f"{machine.cpu}: no end after {PATIENCE} s") from late
    except OSError as error:
        raise say.Trouble(f"{qemu.BINARY} cannot be run: {error.strerror}") from error
    path = Path(folder, "records")
    found = records.parse(path.read_bytes())[0] if path.exists() else []
    if qemu.lacks_model(ended.stderr):
        raise NoModel(qemu.no_model(machine.cpu))
    if not found:
        lines = qemu.sift_warnings(ended.stderr)[0]
        raise Refused(f"{machine.cpu}: QEMU says: {lines[-1] if lines else 'nothing'}")
    return found


def probe(kernel, cpu, smp="1", accel="tcg"):
    """The dump of a model as text. Refused when the kernel refuses it before it has read CPUID."""
    machine = qemu.Machine(kernel=str(kernel), cpu=cpu, smp=smp, accel=accel, memory="64M")
    with tempfile.TemporaryDirectory(prefix="quench-") as folder:
        found = _boot(machine, folder)
    if not records.of_type(found, "cpuid"):
        why = (records.last(found, "fail") or {}).get("why", "it did not come to read CPUID")
        raise Refused(f"{cpu}: the kernel refuses it: {why}")
    return dump_text(found)


class Cache:
    """Dumps of models, kept in a folder of the build. What a model shows depends on QEMU, and what
    the kernel asks for on the kernel, so both are in the name."""

    def __init__(self, build, kernel):
        self.kernel = Path(kernel)
        try:
            emulator = os.stat(os.path.realpath(shutil.which(qemu.BINARY) or qemu.BINARY))
            identity = (self.kernel.read_bytes(),
                        f"{emulator.st_size} {emulator.st_mtime_ns}".encode())
        except OSError as error:
            raise say.Trouble(f"{error.filename}: {error.strerror}") from error
        digest = hashlib.sha256(b"".join(identity)).hexdigest()[:16]
        self.folder = Path(build) / "cpuid" / digest

    def path(self, cpu, smp="1", accel="tcg"):
        """The file with the model's dump; probes it first if need be."""
        name = cpu if (smp, accel) == ("1", "tcg") else f"{cpu} smp={smp} accel={accel}"
        file = self.folder / (urllib.parse.quote(name, safe=" ,=+") + ".txt")
        if not file.exists():
            text = probe(self.kernel, cpu, smp, accel)
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                part = file.with_suffix(f".{os.getpid()}")
                part.write_text(text)
                part.replace(file)
            except OSError as error:
                raise say.Trouble(f"{error.filename}: {error.strerror}") from error
        return file

