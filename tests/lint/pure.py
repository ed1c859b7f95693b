#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""pure.py ARCHIVE CC FILE...: PURE files, as compiled for the kernel, need nothing but mem*, keep
no state and say nothing."""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import tree

MEMORY = {"memcpy", "memmove", "memset", "memcmp", "memchr"}
FORBIDDEN = re.compile(r"\b(__asm__|asm|log_(line|text|bytes)|panic|printf|record_(begin|end|string|"
                       r"u64|address|hex|bool|symbol|array(_end)?|element))\s*(volatile\s*)?\(")
LINKER_SYMBOL = re.compile(r"\bextern\b[^;]*\b__(start|stop)_\w+")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\])*\"", re.S)


def symbols_of(archive):
    """(undefined, writable) symbols of a static library, what it defines itself left out."""
    output = subprocess.run(["nm", "-A", str(archive)], stdout=subprocess.PIPE, text=True,
                            check=True).stdout
    rows = [line.split()[-2:] for line in output.splitlines()]
    defined = {name for kind, name in rows if kind in "TRDBVWrt"}
    undefined = {name for kind, name in rows if kind == "U"} - defined
    return undefined, {name for kind, name in rows if kind in "DBCdb"}


def check_archive(archive):
    undefined, writable = symbols_of(archive)
    return ([f"needs {name}" for name in sorted(undefined - MEMORY)]
            + [f"keeps state in {name}" for name in sorted(writable)])


def check_text(name, text):
    code = COMMENT.sub(" ", text)
    return [f"{name}: {match[0]}" for pattern in (FORBIDDEN, LINKER_SYMBOL)
            for match in pattern.finditer(code)]


def compiled(compiler, text):
    """The complaints about the archive of one planted file."""
    with tempfile.TemporaryDirectory() as folder:
        source, built, archive = (Path(folder, name) for name in ("a.c", "a.o", "a.a"))
        source.write_text(text)
        subprocess.run([compiler, "-ffreestanding", "-c", source, "-o", built], check=True)
        subprocess.run(["ar", "rc", archive, built], check=True)
        return check_archive(archive)


def case(checks, archive, compiler, *names):
    for name, text in {
            "a call of the kernel": "void page_alloc(void); void f(void) { page_alloc(); }\n",
            "a linker symbol": "extern char __start_text[]; char *f(void) { return __start_text; }\n",
            "a global": "int count; int f(void) { return count++; }\n",
            "a static": "int f(void) { static int n = 1; return n++; }\n"}.items():
        checks.ok(compiled(compiler, text), f"found when planted: {name}")
    names = [os.path.relpath(name, tree.ROOT) for name in names]
    for name, text in {"inline assembly": '__asm__ volatile("cli");', "printing": 'log_line("x");',
                       "a linker symbol": "extern const u8 __start_text[];"}.items():
        checks.ok(check_text("a.c", text), f"found when planted: {name} in the text")
    clean = "int f(int a) { return a + 1; } /* asm(x) */\n"
    checks.ok(not compiled(compiler, clean) and not check_text("a.c", clean), "harmless text passes")
    complaints = check_archive(archive)
    for name in names:
        complaints += check_text(name, (tree.ROOT / name).read_text())
    checks.ok(len(names) > 5, "there are PURE files")
    checks.ok(not complaints, "the tree is clean", complaints)


tree.run(case, *sys.argv[1:])
