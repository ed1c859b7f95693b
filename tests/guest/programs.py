#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""programs.py [NAME...]: the test programs of the initramfs (or those named), each with its own checks,
and exit statuses."""
import sys

from lib import checks as tap
from lib import guest
from lib.guest import qemu, records


def check_tap_program(checks, name):
    """A program that prints TAP: its checks become ours."""
    with guest.boot(checks, append=f"init=/bin/{name}") as vm:
        lines = vm.console.splitlines()
        for line in lines:
            if line.startswith(("ok ", "not ok ")):
                checks.ok(line.startswith("ok "), f"{name}: {line.split(' - ', 1)[-1]}",
                          lines[lines.index(line):][:2])
        planned = [line for line in lines if line.startswith("1..")]
        made = sum(line.startswith(("ok ", "not ok ")) for line in lines)
        checks.equal(planned, [f"1..{made}"], f"{name}: all its checks came", vm.report())


def case(checks, *names):
    for name in names or ("abi", "files", "memory", "pipes", "pointers", "tree"):
        check_tap_program(checks, name)
    if names:
        return
    with guest.boot(checks, append="init=/bin/hello -- one two") as vm:
        for text in ("hello from process", "argv[0] /bin/hello", "argv[1] one", "argv[2] two",
                     "envp[0] "):
            checks.ok(vm.said(text), f"hello: {text}", vm.report())
    for status in (0, 1, 42, 255, 256):
        wanted = qemu.PASSED if status % 256 == 0 else qemu.FAILED
        with guest.boot(checks, append=f"init=/bin/exit -- {status}", status=wanted) as vm:
            end = records.last(vm.records, "end") or {}
            checks.equal(end.get("status"), status % 256, f"exit {status}")
    with guest.boot(checks, append="init=/bin/exit init=/bin/hello") as vm:
        paths = [record["path"] for record in records.of_type(vm.records, "program")]
        checks.equal(paths, ["/bin/exit", "/bin/hello"], "two programs, one after another")


tap.run(case, *sys.argv[1:])
