# SPDX-License-Identifier: MIT
"""Whether KVM is worth using: /dev/kvm may be a software emulator, far slower than TCG."""
import os
import subprocess
import tempfile
import time

from . import qemu, say

# A 64 KiB BIOS that counts down 20 million times and leaves through the debug device. On real KVM
# that takes some hundredths of a second.
LOOP = bytes.fromhex(
    "66b9002d3101"  # mov ecx, 20000000
    "6649"          # dec ecx
    "75fc"          # jnz back to the dec
    "b010e6f4"      # mov al, 0x10; out 0xf4, al
    "f4ebfd")       # hlt, for ever
RESET_VECTOR = bytes.fromhex("e90d00")  # jmp to 0 from fff0, wrapping
PATIENCE = 3.0


def firmware():
    blob = bytearray(b"\xf4" * 65536)
    blob[:len(LOOP)] = LOOP
    blob[0xfff0:0xfff3] = RESET_VECTOR
    return bytes(blob)


def seconds(accelerator):
    """How long the loop takes; None when it does not end, or QEMU does not start."""
    with tempfile.NamedTemporaryFile(suffix=".bin") as file:
        file.write(firmware())
        file.flush()
        words = [qemu.BINARY, "-nodefaults", "-display", "none", "-accel", accelerator, "-m", "1M",
                 "-bios", file.name, "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"]
        start = time.monotonic()
        try:
            status = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL, timeout=PATIENCE).returncode
        except subprocess.TimeoutExpired:
            return None
        return time.monotonic() - start if status == qemu.PASSED else None


def kvm_verdict():
    """(usable, why) in words for people."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False, "no access to /dev/kvm"
    taken = seconds("kvm")
    if taken is None:
        return False, "/dev/kvm opens, but a short loop does not end in it: an emulator, not KVM"
    return True, f"a calibration loop took {taken:.2f} s"


def choose(wanted, dry_run=False):
    """The accelerator to use for --accel tcg|kvm|auto."""
    if wanted == "tcg" or dry_run:
        return "tcg" if wanted == "auto" else wanted
    usable, why = kvm_verdict()
    if not usable:
        say.progress(f"KVM is not used: {why}; going on with TCG")
    return "kvm" if usable else "tcg"
