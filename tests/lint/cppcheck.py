#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""cppcheck.py: the kernel's and the programs' C through cppcheck."""
import shutil
import subprocess

import tree

ROOMS = ("kernel", "arch/x86_64", "user")
# Not defects here: a kernel has functions for callers in assembly and tables between two symbols of
# the linker; C's shift of a signed value is the compilers' arithmetic one; crash.c follows bad
# pointers because that is its task; the compound literals of RAW() are beyond cppcheck, and so is what
# asm sets.
SUPPRESSED = ("missingInclude", "missingIncludeSystem", "unusedFunction", "unmatchedSuppression",
              "normalCheckLevelMaxBranches", "comparePointers", "subtractPointers",
              "shiftTooManyBitsSigned", "constStatement:*/user/user.h", "nullPointer:*/user/crash.c",
              "uninitvar:*/arch/uaccess_const.h")


def check(root):
    names = [str(path) for path in tree.files(root, ".c")
             if path.relative_to(root).as_posix().startswith(ROOMS)]
    if not names:
        return []
    result = subprocess.run(
        ["cppcheck", "--quiet", "--std=c11", "--platform=unix64", "--enable=warning,portability",
         "--inline-suppr", "--max-configs=2", "-j2", '-DQUENCH_VERSION="0"', "-D__GNUC__=12", "-D__CPPCHECK__",
         # A variable in a register of its own is beyond its parser.
         "-D__asm__(text)=",
         f"-I{tree.ROOT}", f"-I{tree.ROOT}/include", f"-I{tree.ROOT}/arch/x86_64/include",
         "--template={file}:{line}: {severity}: {id}: {message}",
         *(f"--suppress={name}" for name in SUPPRESSED), *names],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return [line for line in result.stderr.splitlines() if line.strip()]


FAULTS = {
    "a null pointer is followed": {
        "kernel/a.c": "int f(int *p)\n{\n\tif (!p)\n\t\treturn *p;\n\treturn 0;\n}\n"},
    "beyond an array's end": {
        "kernel/a.c": "int f(void)\n{\n\tint a[4] = { 0 };\n\n\treturn a[4];\n}\n"},
    "an uninitialised variable": {
        "user/a.c": "int f(void)\n{\n\tint a;\n\n\treturn a;\n}\n"},
}
CLEAN = {"kernel/a.c": "int f(int a)\n{\n\treturn a / 2;\n}\n"}

if not shutil.which("cppcheck"):
    tree.skip_all("cppcheck is not installed")
tree.run(tree.judge, check, FAULTS, CLEAN)
