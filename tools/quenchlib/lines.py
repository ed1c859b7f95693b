# SPDX-License-Identifier: MIT
"""Source lines of addresses, from the DWARF of quench.elf by addr2line of binutils."""
import os
import subprocess

from . import build


def _in_tree(path):
    """The path from the top of the tree. NASM notes the builder's relative path behind the source's
    own folder, so the longest end of it that is a file of the tree is meant."""
    parts = path.split("/")
    for at in range(len(parts)):
        tail = "/".join(parts[at:])
        if ".." not in parts[at:] and (build.ROOT / tail.lstrip("/")).is_file():
            return tail.lstrip("/")
    return os.path.relpath(os.path.normpath(path), build.ROOT)


def _relative(place):
    """'/tree/kernel/a.c:12 (discriminator 3)' as 'kernel/a.c:12'; None for no known place."""
    place = place.split(" ")[0]
    if place.startswith("?") or place.endswith((":0", ":?")):
        return None
    path, _, line = place.rpartition(":")
    return f"{_in_tree(path)}:{line}"


def of(kernel, addresses):
    """{address: [place, place it is inlined at, ...]}; an empty list where DWARF knows nothing."""
    addresses = sorted(set(addresses))
    try:
        output = subprocess.run(["addr2line", "-a", "-i", "-e", str(kernel)], text=True,
                                input="".join(f"{a:#x}\n" for a in addresses), check=True,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    except (OSError, subprocess.CalledProcessError):
        return {address: [] for address in addresses}
    places = {}
    for line in output.splitlines():
        if line.startswith("0x") and ":" not in line:
            current = places.setdefault(int(line, 16), [])
        elif _relative(line):
            current.append(_relative(line))
    return places
