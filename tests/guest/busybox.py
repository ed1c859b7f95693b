#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""busybox.py MODEL:CPUS...: Debian's busybox-static, unmodified, must write the bytes that it
writes on this machine for the same commands on the same files. Skipped where it is missing."""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from lib import checks as tap
from lib import guest

BUSYBOX = "/usr/bin/busybox"
MKCPIO = guest.ROOT / "tools/build/mkcpio"
BEGIN, END = "<begin>", "<end>"
TEXT = "pear\napple fig\n\nquince\nfig\n10\n9\n" * 40

# Run in a folder with f, bin and dev; each ends with its status.
COMMANDS = [
    "sh -c 'echo hi; ls /; cat f | wc'",
    "true && echo yes; echo -n a b; cat f | tail -n 2; wc f; md5sum f; sort f | md5sum",
    "dd if=f of=g bs=100 count=3 2>/dev/null; wc -c g; dd if=f bs=1k 2>/dev/null | md5sum; rm g",
    "echo hi; ls -1; cat f | wc",
    "cp /bin/busybox b; ./b echo a copy runs; rm b; ls",
    "echo '#!/bin/busybox sh' > s; echo 'echo $0 was given $*' >> s; chmod +x s; ./s x y; rm s",
    "flock f echo locked; flock -n f sh -c 'flock -n f true || echo held'",
    "readlink /proc/self/exe",
    "busybox true; echo $?; busybox false; echo $?",
    "busybox echo -e 'a\\tb'; busybox echo -n x; echo",
    "busybox cat f f | busybox tail -n 3",
    "busybox wc f; busybox wc -l < f",
    "busybox md5sum f; busybox sha256sum f; busybox cksum f",
    "busybox dd if=f of=g bs=7 count=9 2>/dev/null; busybox md5sum g; busybox rm g",
    "busybox dd if=f bs=512 skip=1 2>/dev/null | busybox md5sum",
    "busybox sort f | busybox uniq -c; busybox sort -rn f | busybox head -n 4",
    "for i in 1 2; do echo $i; done > g; busybox cat g; busybox mv g h; busybox ls -1; busybox rm h",
    "busybox mkdir -p d/e; echo x > d/e/y; busybox find d; busybox rm -r d; busybox ls -1",
    "x=$(busybox seq 1 20 | busybox grep 1 | busybox tr '\\n' ,); echo $x; (exit 7); echo $?",
    "busybox sed -n 's/fig/FIG/p' f | busybox wc -c; busybox awk '{ n += NF } END { print n }' f",
    "busybox sleep 0 & wait $!; echo $?; trap 'echo bye' EXIT; kill -0 $$ && echo there",
    "busybox cat nothing; echo $?; busybox yes | busybox head -n 2",
]


def script():
    lines = []  # through a pipe: not to a terminal on either side
    for number, command in enumerate(COMMANDS):
        lines += [f"echo '{BEGIN}{number}'", f"({command}) 2>&1 | cat", f"echo '{END}'"]
    return "\n".join(lines) + "\n"


def answers(text):
    """What was said between the marks, by number."""
    found = {}
    for part in text.replace("\r", "").split(BEGIN)[1:]:
        number, _, rest = part.partition("\n")
        found[int(number)] = rest.partition(END)[0]
    return found


def lay_out(folder):
    """The root of both sides; /proc/self/exe is what it is for every program of it."""
    for name in ("bin", "dev", "t", "proc/self"):
        Path(folder, name).mkdir(parents=True)
    Path(folder, "t/f").write_text(TEXT)
    Path(folder, "script").write_text("cd /t\n" + script())
    shutil.copy(BUSYBOX, Path(folder, "bin/busybox"))
    Path(folder, "proc/self/exe").symlink_to("/bin/busybox")
    Path(folder, "dev/null").touch()


def on_linux(folder):
    """The same commands on this machine, with that folder as the root."""
    unshare = [shutil.which("unshare"), "-r"] if os.geteuid() else []
    chroot = shutil.which("chroot") or "/usr/sbin/chroot"
    return subprocess.run([*unshare, chroot, folder, "/bin/busybox", "sh", "/script"], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=60,
                          env={"PATH": "/bin", "LC_ALL": "C"}).stdout


def pack(folder):
    output = f"{folder}.cpio"
    subprocess.run([str(MKCPIO), output, "dev/", "bin/", f"bin/busybox={BUSYBOX}", "t/",
                    f"t/f={folder}/t/f", f"script={folder}/script"], check=True)
    return output


def case(checks):
    with tempfile.TemporaryDirectory(prefix="quench-") as scratch:
        folder = f"{scratch}/root"
        lay_out(folder)
        initramfs = pack(folder)
        wanted = answers(on_linux(folder))
        checks.equal(len(wanted), len(COMMANDS), "all commands ran on this machine")
        for where in sys.argv[1:]:
            cpu, _, cpus = where.partition(":")
            with guest.boot(checks, initrd=initramfs, cpu=cpu, smp=cpus,
                            append="alt=quiet init=/bin/busybox -- sh /script") as vm:
                found = answers(vm.console)
            for number, command in enumerate(COMMANDS):
                checks.equal(found.get(number), wanted.get(number), f"{where}: {command}")


if not os.path.exists(BUSYBOX):
    tap.skip_all("busybox-static is not installed")
tap.run(case)
