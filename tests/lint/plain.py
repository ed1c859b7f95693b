#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""plain.py: what every file must have and must not: the licence line, no path of one machine."""
import re

import tree

# Prose, data and what a tool writes need no licence line.
EXEMPT_NAMES = {"COPYING", "ChangeLog", ".gitignore", ".clang-format"}
EXEMPT_SUFFIXES = {".md", ".txt", ".mutants", ".dump", ".bin"}
EXEMPT_FOLDERS = ("tests/fuzz/corpus/", "user/etc/")
MACHINE_PATH = re.compile(r"(?<![\w./])/(?:home|root|work|Users)/\w+")


def text_of(path):
    """A file's text, or None for a binary one."""
    data = path.read_bytes()
    return None if b"\0" in data else data.decode("utf-8", "replace")


def needs_licence(name):
    base = name.rsplit("/", 1)[-1]
    return not (base in EXEMPT_NAMES or name.startswith(EXEMPT_FOLDERS)
                or any(base.endswith(suffix) for suffix in EXEMPT_SUFFIXES))


def check(root):
    found = []
    for path in tree.files(root):
        name, text = path.relative_to(root).as_posix(), text_of(path)
        if text is None:
            continue
        head = text.splitlines()[:3]
        if needs_licence(name) and text and not any("SPDX-License-Identifier: MIT" in line
                                                    for line in head):
            found.append(f"{name}: no SPDX-License-Identifier: MIT in its first lines")
        for number, line in enumerate(text.splitlines(), 1):
            if MACHINE_PATH.search(line):
                found.append(f"{name}:{number}: a path of one machine: {line.strip()}")
    return found


SPDX = "/* SPDX-License-Identifier: MIT */\n"
# Put together here, or this file would be what it looks for.
HOME = "/".join(("", "home", "me", "quench"))
# Folders of a tree and of a site that are called like a machine's, which is no fault.
INNER = "/".join(("docs", "work", "notes"))
FAULTS = {
    "no licence line": {"kernel/a.c": "/* a file */\n"},
    "another licence": {"kernel/a.c": "/* SPDX-License-Identifier: GPL-2.0 */\n"},
    "the licence far below": {"kernel/a.c": "\n" * 10 + SPDX},
    "a script without one": {"tools/a": "#!/bin/sh\ntrue\n"},
    "a path of a machine": {"kernel/a.c": SPDX + f"/* see {HOME}/x */\n"},
    "one in prose": {"README.md": f"cd {HOME}\n"},
}
CLEAN = {
    "kernel/a.c": SPDX,
    "tools/a": "#!/usr/bin/python3\n# SPDX-License-Identifier: MIT\n",
    "README.md": f"Boots /init; see {INNER} and https://example.org/home/page.\n",
    "COPYING": "MIT\n",
}

tree.run(tree.judge, check, FAULTS, CLEAN)
