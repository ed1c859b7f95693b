#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""includes.py: the include directions, held by tools/check-includes."""
import importlib.machinery
import importlib.util

import tree

LOADER = importlib.machinery.SourceFileLoader("check_includes", str(tree.ROOT / "tools/check-includes"))
check_includes = importlib.util.module_from_spec(
    importlib.util.spec_from_loader("check_includes", LOADER))
LOADER.exec_module(check_includes)

FAULTS = {
    "generic code reaches for <x86/...>": {"kernel/a.c": "#include <x86/cr.h>\n"},
    "the arch reaches into the kernel": {"arch/x86_64/cpu/a.c": "#include <kernel/mm/page.h>\n"},
    "the contract shows private headers": {"arch/x86_64/include/arch/a.h": "#include <x86/cr.h>\n"},
    "<quench/...> knows the arch": {"include/quench/a.h": "#include <arch/cpu.h>\n"},
    "extable knows alternatives": {
        "kernel/extable/a.c": "#include <kernel/alternatives/plan.h>\n"},
    "by a relative path": {"kernel/a.c": '#include "../arch/x86_64/include/x86/cr.h"\n'},
    "strangers by a relative path": {"kernel/alternatives/a.c": '#include "../extable/search.h"\n'},
    "a hosted header": {"kernel/a.c": "#include <stdio.h>\n"},
    "with blanks": {"kernel/a.c": "  #  include <x86/cr.h>\n"},
}
CLEAN = {
    "kernel/mm/a.c": '#include <arch/cpu.h>\n#include <kernel/fs/cpio.h>\n#include <quench/log.h>\n'
                     '#include <asm/errno.h>\n#include <stddef.h>\n#include "page.h"\n',
    "arch/x86_64/cpu/a.c": '#include <arch/cpu.h>\n#include <quench/upcalls.h>\n#include <x86/cr.h>\n'
                           '#include "../patch/insn.h"\n',
    "user/a.c": '#include <stdio.h>\n#include "user.h"\n',
}

tree.run(tree.judge, check_includes.check, FAULTS, CLEAN)
