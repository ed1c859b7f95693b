# SPDX-License-Identifier: MIT
"""One boot of Quench in QEMU: what it said on either line, how it ended, and its memory."""
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tools"))
from quenchlib import foretell, models, qemu, records  # noqa: E402, F401
from quenchlib.elf import Elf  # noqa: E402

from . import gdbremote, qmp  # noqa: E402

KERNEL = os.environ.get("QUENCH_KERNEL", str(ROOT / "build/quench.elf"))
INITRAMFS = os.environ.get("QUENCH_INITRAMFS", str(ROOT / "build/initramfs.cpio"))
ISO = os.environ.get("QUENCH_ISO", str(ROOT / "build/quench.iso"))
BUILD = Path(os.environ.get("QUENCH_BUILD", ROOT / "build"))
CPU = os.environ.get("QUENCH_CPU", "max")  # for cases that name none
PATIENCE = {"pvh": 60, "bios": 90, "uefi": 180}


def elf():
    return Elf(KERNEL)


class Guest:
    """A running machine. With halt=True there is no isa-debug-exit: after its verdict the kernel
    stands still, and its memory can be read. Use as a context manager."""

    def __init__(self, halt=False, gdb=False, **machine):
        self.folder = tempfile.mkdtemp(prefix="quench-")
        self.halt = halt
        via = machine.get("via", "pvh")
        self.patience = int(os.environ.get("QUENCH_PATIENCE", PATIENCE[via]))
        defaults = {"iso": ISO} if via != "pvh" else {"kernel": KERNEL, "initrd": INITRAMFS}
        extra = ["-qmp", f"unix:{self._path('qmp')},server=on,wait=off",
                 "-d", "cpu_reset", "-D", self._path("reset")]
        if gdb:
            extra += ["-S", "-gdb", f"unix:{self._path('gdb')},server=on,wait=off"]
        extra += machine.pop("extra", ())
        self.machine = qemu.Machine(
            **{"cpu": CPU, **defaults, **machine}, console=qemu.file_chardev(self._path("com1")),
            records=qemu.file_chardev(self._path("com2")), debug_exit=not halt, extra=tuple(extra))
        self.process = subprocess.Popen(self.machine.command(), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=open(self._path("err"), "w"))
        self._qmp = None
        self.gdb = gdbremote.Gdb(self._path("gdb")) if gdb else None

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _bytes(self, name):
        try:
            return Path(self._path(name)).read_bytes()
        except FileNotFoundError:
            return b""

    @property
    def console(self):
        """What COM1 said so far, as text with plain line ends."""
        return self._bytes("com1").decode("utf-8", "replace").replace("\r", "")

    @property
    def record_bytes(self):
        return self._bytes("com2")

    @property
    def records(self):
        return records.parse(self.record_bytes)[0]

    @property
    def triple_fault(self):
        return "Triple fault" in self._bytes("reset").decode("latin-1")

    def said(self, *words):
        """Whether COM1 says all of that somewhere."""
        return all(word in self.console for word in words)

    def wait(self):
        """Until QEMU ends (its status is returned), or, with halt, the last record is there
        (None). TimeoutError after too long."""
        end = time.monotonic() + self.patience
        while self.process.poll() is None:
            if self.halt and self._is_over():
                return None
            if time.monotonic() > end:
                raise TimeoutError(f"no end after {self.patience} s; COM1 so far:\n{self.console}"
                                   f"\nQEMU: {self._bytes('err').decode('latin-1')}")
            time.sleep(0.02)
        return self.process.returncode

    def _is_over(self):
        lines = self.record_bytes.rstrip(b"\n").rsplit(b"\n", 1)
        return self.record_bytes.endswith(b"\n") and (
            b'"t":"exit"' in lines[-1] or b'"t":"panic"' in lines[-1])

    @property
    def qmp(self):
        if not self._qmp:
            self._qmp = qmp.Qmp(self._path("qmp"))
        return self._qmp

    def read(self, start, stop):
        return self.qmp.read(start, stop - start)

    def report(self):
        """Everything there is to know, for the details of a failed check."""
        return ["$ " + " ".join(self.machine.command()), "COM1:", *self.console.splitlines()[-40:],
                "COM2:", *self.record_bytes.decode("latin-1").splitlines()[-8:],
                "QEMU:", *self._bytes("err").decode("latin-1").splitlines()[-5:]]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._qmp:
            self._qmp.close()
        if self.gdb:
            self.gdb.close()
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def boot(checks, status=qemu.PASSED, **machine):
    """Boots, waits for the end, checks QEMU's exit status and the form of every record, and
    returns the guest, which has ended."""
    guest = Guest(**machine)
    ended = guest.wait()
    if not guest.halt:
        checks.equal(ended, status, f"QEMU ends with status {status}", guest.report())
    problems = records.parse(guest.record_bytes)[1]
    checks.ok(guest.record_bytes and not problems, "every record keeps to the schema", problems)
    return guest
