# SPDX-License-Identifier: MIT
"""Configuring and building with Meson and Ninja, quietly unless something is wrong."""
import subprocess
from pathlib import Path

from . import say

ROOT = Path(__file__).resolve().parents[2]
KERNEL, INITRAMFS, IMAGE = "quench.elf", "initramfs.cpio", "quench.iso"


def folder(name):
    """The build folder as an absolute path."""
    return (Path(name) if name else ROOT / "build").resolve()


def commands(build, targets, options=()):
    """The commands that configure (when that has not been done) and build."""
    configured = (build / "build.ninja").exists()
    setup = [] if configured else [["meson", "setup", str(build), str(ROOT), *options]]
    return setup + [["ninja", "-C", str(build), *targets]]


def build(build_folder, targets, dry_run=False, options=()):
    """Configures and builds. Trouble with the end of the log when that fails."""
    for words in commands(build_folder, targets, options):
        if dry_run:
            say.command(words)
            continue
        say.progress("configuring" if words[0] == "meson" else "building")
        result = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, errors="replace")
        if result.returncode:
            print(_telling_part(result.stdout), flush=True)
            raise say.Trouble(f"`{' '.join(words[:3])}` failed; see above. If the build folder is "
                              f"from another version, remove it: rm -r {build_folder}")


def _telling_part(log):
    """From the first failure on, or the end of the log."""
    lines = log.splitlines()
    first = next((i for i, line in enumerate(lines)
                  if line.startswith("FAILED") or "ERROR" in line or "error:" in line), 0)
    return "\n".join(lines[first:][:80] if first else lines[-40:])
