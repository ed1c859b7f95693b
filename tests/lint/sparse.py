#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""sparse.py: user pointers are followed by the routines of <arch/uaccess.h> alone."""
import re
import shutil
import subprocess

import tree

# What sparse calls a __user pointer that is followed, or mixed with the kernel's own.
TELLING = re.compile(r"address space|noderef|incorrect type in (argument|assignment|initializer|"
                     r"return)|cast removes")
ROOMS = ("kernel", "arch/x86_64")


def check(root):
    includes = [f"-I{tree.ROOT / folder}" for folder in
                (".", "include", "arch/x86_64/include")]
    found = []
    for path in tree.files(root, ".c"):
        if not path.relative_to(root).as_posix().startswith(ROOMS):
            continue
        result = subprocess.run(
            ["sparse", "-std=gnu11", "-ffreestanding", "-m64", '-DQUENCH_VERSION="0"',
             "-Wno-decl", "-Waddress-space", "-Wcast-from-as", *includes, str(path)],
            stderr=subprocess.PIPE, text=True)
        found += [line for line in result.stderr.splitlines() if TELLING.search(line)]
        # A file that sparse cannot read has not been checked.
        found += [line for line in result.stderr.splitlines() if "error:" in line]
    return sorted(set(found))


HEAD = "#include <arch/uaccess.h>\nint f(char __user *p, char *k);\nint f(char __user *p, char *k)\n"
FAULTS = {
    "a user pointer is followed": {"kernel/a.c": HEAD + "{\n\treturn *p;\n}\n"},
    "a user pointer becomes a kernel one": {"kernel/a.c": HEAD + "{\n\tk = p;\n\treturn *k;\n}\n"},
    "by a cast": {"kernel/a.c": HEAD + "{\n\treturn *(char *)p;\n}\n"},
    "the copy's arguments are mixed up": {
        "kernel/a.c": HEAD + "{\n\treturn copy_to_user(k, p, 1) != 0;\n}\n"},
    "what cannot be read": {"kernel/a.c": '#include "absent.h"\n'},
}
CLEAN = {"kernel/a.c": HEAD + "{\n\treturn copy_from_user(k, p, 1) != 0;\n}\n"}

if not shutil.which("sparse"):
    tree.skip_all("sparse is not installed")
tree.run(tree.judge, check, FAULTS, CLEAN)
