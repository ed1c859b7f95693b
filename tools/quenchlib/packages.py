# SPDX-License-Identifier: MIT
"""The packages Quench needs (tools/packages): which are missing, and installing them."""
import dataclasses
import glob
import os
import shutil
import subprocess
import sys
from pathlib import Path

from . import say

LIST = Path(__file__).resolve().parents[1] / "packages"
INSTALL = ["apt-get", "install", "-y", "--no-install-recommends"]


@dataclasses.dataclass(frozen=True)
class Package:
    group: str
    name: str
    probe: str
    purpose: str

    @property
    def present(self):
        if self.probe.startswith("/"):
            return os.path.exists(self.probe)
        return shutil.which(self.probe) is not None


def all_packages():
    lines = (line for line in LIST.read_text().splitlines() if line and not line.startswith("#"))
    return [Package(*line.split(None, 3)) for line in lines]


def missing(groups):
    return [package for package in all_packages()
            if package.group in groups and not package.present]


def apt_line(names):
    """The one line that mends it, for people."""
    return "apt-get update && " + " ".join(INSTALL + names)


def as_root():
    """The words that make a command root's; None where that is not to be had."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and (sys.stdin.isatty() or subprocess.run(
            ["sudo", "-n", "true"], stderr=subprocess.DEVNULL).returncode == 0):
        return ["sudo"]
    return None


def commands(names):
    """The commands that install these, as root."""
    update = [] if glob.glob("/var/lib/apt/lists/*_Packages*") else [["apt-get", "update", "-q"]]
    return update + [INSTALL + names]


def _apt(prefix, words):
    # Through env: sudo does not hand on the environment.
    return subprocess.run([*prefix, "env", "DEBIAN_FRONTEND=noninteractive", *words],
                          stdin=subprocess.DEVNULL if not prefix else None,
                          stdout=sys.stderr).returncode == 0


def ensure(groups, dry_run=False):
    """Installs what is missing of these groups. Trouble with the apt line where it cannot."""
    names = [package.name for package in missing(groups)]
    if not names:
        return
    if dry_run:
        for words in commands(names):
            say.command((as_root() or []) + words)
        return
    prefix = as_root()
    if not shutil.which("apt-get"):
        raise say.Trouble("missing: " + " ".join(names) + "; this is no Debian, so install the "
                          "like of these packages, then try again")
    if prefix is None:
        raise say.Trouble(f"missing: {' '.join(names)}; as root: {apt_line(names)}")
    say.progress("installing " + " ".join(names))
    if all(_apt(prefix, words) for words in commands(names)):
        return
    # Lists that are there may be too old for the archive.
    if not (_apt(prefix, ["apt-get", "update", "-q"]) and _apt(prefix, INSTALL + names)):
        raise say.Trouble(f"apt could not install them; see above. As root: {apt_line(names)}")
