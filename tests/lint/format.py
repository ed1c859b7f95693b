#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""format.py: C as clang-format 14 writes it (Debian 12's; other versions differ in details)."""
import re
import shutil
import subprocess

import tree

VERSION = 14


def installed():
    """The command of the right version, or None."""
    for name in (f"clang-format-{VERSION}", "clang-format"):
        if not shutil.which(name):
            continue
        says = subprocess.run([name, "--version"], stdout=subprocess.PIPE, text=True).stdout
        found = re.search(r"version (\d+)", says)
        if found and int(found[1]) == VERSION:
            return name
    return None


def check(root):
    style = f"--style=file:{tree.ROOT}/.clang-format"
    names = [str(path) for path in tree.files(root, ".c", ".h")]
    result = subprocess.run([COMMAND, style, "--dry-run", "-Werror", *names],
                            stderr=subprocess.PIPE, text=True) if names else None
    return [line for line in result.stderr.splitlines() if "error:" in line] if result else []


FAULTS = {
    "blanks for a tab": {"kernel/a.c": "int f(void)\n{\n        return 0;\n}\n"},
    "a brace on the wrong line": {"kernel/a.c": "int f(void) {\n\treturn 0;\n}\n"},
    "a line of 101 columns": {"kernel/a.h": f"int {'x' * 60}({'int a, ' * 6}int b);\n"},
}
CLEAN = {"kernel/a.c": "int f(void)\n{\n\treturn 0;\n}\n"}

COMMAND = installed()
if not COMMAND:
    tree.skip_all(f"clang-format {VERSION} is not installed")
tree.run(tree.judge, check, FAULTS, CLEAN)
