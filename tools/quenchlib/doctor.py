# SPDX-License-Identifier: MIT
"""Looks at what this machine has for Quench, and says what is missing and the one line that mends it.

Exit status: 0 when `run` and `test` have all they need, 3 otherwise.
"""
import os
import platform
import re
import shutil
import subprocess
import sys

from . import accel, build, packages, say

HELP = "say what is missing on this machine, and the one line that mends it"
# Command, how it tells its version, the oldest that will do.
VERSIONS = (
    ("gcc", ["gcc", "-dumpfullversion"], (12,)),
    ("nasm", ["nasm", "-v"], (2, 16)),
    ("meson", ["meson", "--version"], (1, 0)),
    ("ninja", ["ninja", "--version"], (1, 10)),
    ("qemu-system-x86_64", ["qemu-system-x86_64", "--version"], (7, 2)),
    ("grub-mkrescue", ["grub-mkrescue", "--version"], (2, 6)),
    ("clang", ["clang", "--version"], (14,)),
)


def arguments(parser):
    parser.add_argument("--no-kvm", action="store_true", help="do not try out /dev/kvm")


def line(good, name, text):
    """One finding; `good` None is neither."""
    mark = {True: say.paint("ok  ", "32", sys.stdout), False: say.paint("MISS", "31", sys.stdout),
            None: say.paint("--  ", "2", sys.stdout)}[good]
    print(f"{mark} {name:20} {text}")


def version(words):
    """The first version number a command prints, as a tuple; () if there is none."""
    try:
        result = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                stdin=subprocess.DEVNULL)
    except OSError:
        return ()
    found = re.search(r"\d+(\.\d+)+|\d+", result.stdout)
    return tuple(map(int, found[0].split("."))) if found else ()


def dotted(numbers):
    return ".".join(map(str, numbers))


def check_versions():
    """Names of the tools that are too old."""
    old = []
    for name, words, oldest in VERSIONS:
        if not shutil.which(name):
            continue
        is_version = version(words)
        good = is_version >= oldest
        line(good, name, f"{dotted(is_version)}" + ("" if good else f", {dotted(oldest)} or later "
                                                    "is needed"))
        old += [] if good else [name]
    return old


def check_packages():
    """Names of the missing packages that matter."""
    for package in packages.all_packages():
        optional = package.group == "extra"
        if not package.present:
            line(None if optional else False, package.name,
                 package.purpose + (" (optional)" if optional else ""))
    return [package.name for package in packages.missing({"build", "boot", "uefi", "test"})]


def check_machine(try_kvm):
    release = platform.freedesktop_os_release().get("PRETTY_NAME", "unknown") if os.path.exists(
        "/etc/os-release") else "unknown"
    line(None, "system", f"{release}, {os.cpu_count()} processors")
    line(True, "python", platform.python_version())
    usable, why = accel.kvm_verdict() if try_kvm and shutil.which("qemu-system-x86_64") else (
        None, "not tried")
    line(None if not usable else True, "kvm", f"{why}; TCG is the default in any case")
    folder = build.folder(None)
    writable = os.access(folder if folder.exists() else folder.parent, os.W_OK)
    line(writable, "build folder", str(folder) + ("" if writable else ": not writable"))
    return writable


def main(options):
    writable = check_machine(not options.no_kvm)
    old = check_versions()
    names = check_packages()
    if names:
        print(f"\nTo mend it, as root:\n  {packages.apt_line(names)}\n"
              "or let `tools/quench run` do it (as root, or with sudo).")
    if old:
        print(f"\nToo old: {' '.join(old)}. Debian 12 and 13 have what is needed.")
    if not writable:
        print(f"\nNot writable: {build.ROOT}. Clone into a folder of your own.")
    if names or old or not writable:
        return say.SETUP
    print("\nAll is there: tools/quench run")
    return say.OK
