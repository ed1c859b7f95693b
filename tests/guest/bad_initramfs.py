#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""bad_initramfs.py: damaged archives and programs end in a message and status "failed"."""
import os
import tempfile
from pathlib import Path

from lib import checks as tap
from lib import guest
from lib.guest import ROOT, qemu

import importlib.machinery
import importlib.util

LOADER = importlib.machinery.SourceFileLoader("mkcpio", str(ROOT / "tools/build/mkcpio"))
SPEC = importlib.util.spec_from_loader("mkcpio", LOADER)
mkcpio = importlib.util.module_from_spec(SPEC)
LOADER.exec_module(mkcpio)


def refused(checks, folder, name, blob, *words):
    """Boots with these bytes as initramfs and demands the refusal that names `words`."""
    path = os.path.join(folder, "initramfs")
    Path(path).write_bytes(blob)
    with guest.boot(checks, initrd=path, status=qemu.FAILED) as vm:
        lines = [line for line in vm.console.splitlines() if line.startswith("quench: ")]
        checks.ok(any(all(word in line for word in words) for line in lines),
                  f"{name}: a line says so", lines, vm.report())
        checks.ok(any(record["t"] == "fail" for record in vm.records), f"{name}: a fail record")


def archive(folder, **files):
    """An initramfs with these files, all executable."""
    entries = []
    for name, data in files.items():
        path = os.path.join(folder, name)
        Path(path).write_bytes(data)
        os.chmod(path, 0o755)
        entries.append(f"{name}={path}")
    return mkcpio.archive(entries)


def case_archives(checks, folder):
    good = Path(guest.INITRAMFS).read_bytes()
    at = good.index(b"070701", 6)
    for name, blob in {
            "truncated to half": good[:len(good) // 2],
            "truncated in a header": good[:at + 40],
            "without its trailer": good[:good.rindex(b"070701")],
            "a wrong magic": good[:at] + b"070799" + good[at + 6:],
            "a size that is no number": good[:at + 54] + b"zzzzzzzz" + good[at + 62:],
            "a size beyond the end": good[:at + 54] + b"fffffff0" + good[at + 62:],
            "a name beyond the end": good[:at + 94] + b"ffffffff" + good[at + 102:],
            "noise": bytes(i * 7 % 251 for i in range(5000)),
            "compressed": b"\x1f\x8b\x08\x00" + bytes(2000),
            "one byte": b"0",
    }.items():
        refused(checks, folder, name, blob, "initramfs")


def case_programs(checks, folder):
    init = (Path(guest.INITRAMFS).parent / "user" / "init").read_bytes()

    def patched(offset, *data):
        return init[:offset] + bytes(data) + init[offset + len(data):]

    refused(checks, folder, "no /init", archive(folder, readme=b"hello"), "/init")
    for name, blob in {
            "empty": b"",
            "text": b"#!/bin/sh\n",
            "a bare header": init[:64],
            "32-bit": patched(4, 1),
            "big-endian": patched(5, 2),
            "another machine": patched(18, 0xb7, 0),
            "a shared object of type 9": patched(16, 9, 0),
            "program headers beyond the end": patched(32, *b"\xff" * 7, 0x7f),
            "65535 program headers": patched(56, 0xff, 0xff),
            "program headers of size 1": patched(54, 1, 0),
            "a segment in the kernel": patched(64 + 16, 0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff),
            "an entry in the kernel": patched(24, 0, 0, 0, 0x80, 0xff, 0xff, 0xff, 0xff),
    }.items():
        if name == "an entry in the kernel":
            # Linux starts it, and it dies at once.
            path = os.path.join(folder, "initramfs")
            Path(path).write_bytes(archive(folder, init=blob))
            with guest.boot(checks, initrd=path, status=qemu.FAILED) as vm:
                checks.ok(vm.said("/init") or vm.said("SIGSEGV"), f"{name}: refused or killed",
                          vm.report())
            continue
        refused(checks, folder, name, archive(folder, init=blob), "/init")


def case(checks):
    with tempfile.TemporaryDirectory() as folder:
        with guest.boot(checks, initrd="", status=qemu.FAILED) as vm:
            checks.ok(vm.said("no initramfs"), "no initramfs: a line says so", vm.report())
        with guest.boot(checks, append="init=/bin/dynamic", status=qemu.FAILED) as vm:
            checks.ok(vm.said("cannot run /bin/dynamic"), "not static: a line says so", vm.report())
        case_archives(checks, folder)
        case_programs(checks, folder)


tap.run(case)
