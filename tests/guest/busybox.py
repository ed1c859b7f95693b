#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""busybox.py MODEL:CPUS...: Debian's busybox-static, unmodified, must write the bytes that it
writes on this machine for the same commands on the same files. Skipped where it is missing."""
import os
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
    "echo hi; ls -1; cat f | wc",
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


# On Quench first: without /proc/self/exe busybox finds itself only by the names in the PATH.
PRELUDE = "cd /t; for name in cat wc; do busybox ln -s busybox /bin/$name; done\n"


def script():
    lines = []
    for number, command in enumerate(COMMANDS):
        lines += [f"echo '{BEGIN}{number}'", f"({command}) 2>&1", f"echo '{END}'"]
    return "\n".join(lines) + "\n"


def answers(text):
    """What was said between the marks, by number."""
    found = {}
    for part in text.replace("\r", "").split(BEGIN)[1:]:
        number, _, rest = part.partition("\n")
        found[int(number)] = rest.partition(END)[0]
    return found


def lay_out(folder):
    """The files of both sides: folder/t is the place to be."""
    Path(folder, "t").mkdir()
    Path(folder, "t/f").write_text(TEXT)
    Path(folder, "script").write_text(script())
    Path(folder, "quench-script").write_text(PRELUDE + script())
    Path(folder, "bin").mkdir()
    os.symlink(BUSYBOX, Path(folder, "bin/busybox"))


def on_linux(folder):
    """The same commands on this machine; only busybox is in the PATH."""
    return subprocess.run([BUSYBOX, "sh", "../script"], cwd=Path(folder, "t"), text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=60,
                          env={"PATH": f"{folder}/bin", "LC_ALL": "C"}).stdout


def pack(folder):
    output = str(Path(folder, "initramfs.cpio"))
    subprocess.run([str(MKCPIO), output, "dev/", "dev/console:5:1", "dev/null:1:3", "dev/zero:1:5",
                    "bin/", f"bin/busybox={BUSYBOX}", "t/", f"t/f={folder}/t/f",
                    f"script={folder}/quench-script"], check=True)
    return output


def case(checks):
    with tempfile.TemporaryDirectory(prefix="quench-") as folder:
        lay_out(folder)
        wanted = answers(on_linux(folder))
        checks.equal(len(wanted), len(COMMANDS), "all commands ran on this machine")
        initramfs = pack(folder)
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
