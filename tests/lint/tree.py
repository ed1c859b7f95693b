# SPDX-License-Identifier: MIT
"""What every lint check stands on: the files of the tree, planted trees, checks as TAP."""
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/guest"))
from lib.checks import Checks, run, skip_all  # noqa: E402, F401


def tracked(root):
    """What git says is of the tree; None where there is no git, or no repository."""
    if not (root / ".git").exists():
        return None
    try:
        listed = subprocess.run(["git", "-C", str(root), "ls-files", "-z", "-co",
                                 "--exclude-standard"], stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        return None
    if listed.returncode:
        return None
    return [root / name for name in listed.stdout.decode().split("\0") if name]


def files(root, *suffixes):
    """The source files of a tree: what git tracks where there is git, else all but build folders."""
    root = Path(root)
    paths = tracked(root)
    if paths is None:
        paths = [path for path in root.rglob("*") if path.relative_to(root).parts[0] != ".git"
                 and not path.relative_to(root).parts[0].startswith("build")
                 and "__pycache__" not in path.parts]
    return sorted(path for path in paths if path.is_file() and not path.is_symlink()
                  and (not suffixes or path.suffix in suffixes))


def planted(check, contents):
    """The complaints of `check(root)` about a tree that holds just these files."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in contents.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return check(Path(folder))


def judge(checks, check, faults, clean):
    """Self-test, then the tree: every planted fault is found, harmless text passes, the tree does."""
    for name, contents in faults.items():
        checks.ok(planted(check, contents), f"found when planted: {name}")
    checks.equal(planted(check, clean), [], "harmless text passes")
    complaints = check(ROOT)
    checks.ok(not complaints, "the tree is clean", complaints)
