# SPDX-License-Identifier: MIT
"""QEMU command lines: the one place that knows how Quench is booted in it."""
import dataclasses
import re
from pathlib import Path

BINARY = "qemu-system-x86_64"
FIRMWARE = ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd")
# isa-debug-exit turns a byte n into QEMU's status 2n+1.
PASSED, FAILED, PANICKED = (2 * verdict + 1 for verdict in (0x10, 0x21, 0x31))
NO_FEATURE = re.compile(r"warning: (TCG doesn't support requested feature|.*doesn't support "
                        r"requested feature|This feature depends on other features)")


@dataclasses.dataclass
class Machine:
    """One boot. Paths are of the host; `console` and `records` are QEMU's chardev arguments."""
    via: str = "pvh"  # pvh, bios, uefi
    kernel: str = ""  # pvh
    initrd: str = ""  # pvh; "" for none
    iso: str = ""  # bios, uefi
    append: str = ""
    cpu: str = "max"
    smp: str = "1"
    memory: str = "256M"
    accel: str = "tcg"
    console: str = "null"
    records: str = "null"
    debug_exit: bool = True
    extra: tuple = ()

    def processor(self):
        """QEMU's -cpu. QEMU 10 has x2APIC, yet ends with "Bad icount read" when its timer is read
        by RDMSR while instructions are counted: then the registers' page serves."""
        return f"{self.cpu},-x2apic" if "-icount" in self.extra else self.cpu

    def command(self):
        """The command as a list of words."""
        words = [BINARY, "-nodefaults", "-display", "none", "-no-reboot",
                 "-accel", self.accel, "-cpu", self.processor(), "-smp", self.smp, "-m", self.memory,
                 "-chardev", f"{self.console},id=com1", "-serial", "chardev:com1",
                 "-chardev", f"{self.records},id=com2", "-serial", "chardev:com2"]
        if self.debug_exit:
            words += ["-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"]
        return words + (self._direct() if self.via == "pvh" else self._image()) + list(self.extra)

    def _direct(self):
        words = ["-kernel", self.kernel]
        if self.initrd:
            words += ["-initrd", self.initrd]
        return words + (["-append", self.append] if self.append else [])

    def _image(self):
        words = ["-drive", f"if=ide,media=cdrom,format=raw,readonly=on,file={double(self.iso)}"]
        if self.via == "uefi":
            code, variables = FIRMWARE
            words += ["-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={code}",
                      # A throw-away copy: what the firmware writes there is lost.
                      "-drive", f"if=pflash,unit=1,format=raw,snapshot=on,file={variables}"]
        if self.append:
            words += ["-smbios", f"type=11,value={double(self.append)}"]
        return words


def double(value):
    """A value inside a comma-separated option: commas are doubled."""
    return str(value).replace(",", ",,")


def file_chardev(path):
    return f"file,path={double(path)}"


def firmware_missing():
    """The UEFI firmware files that are not there."""
    return [path for path in FIRMWARE if not Path(path).exists()]


def lacks_model(errors):
    """Whether QEMU ended because it does not know the CPU model."""
    return "unable to find CPU model" in errors


def no_model(cpu):
    """The sentence for that."""
    return f"this QEMU has no CPU model {cpu.split(',')[0]}; `tools/quench cpus` lists what it has"


def sift_warnings(text):
    """(lines worth showing, number of lines about features the model lacks under TCG)."""
    lines = [line for line in text.splitlines() if line.strip()]
    lacking = [line for line in lines if NO_FEATURE.search(line)]
    return [line for line in lines if line not in lacking], len(lacking)
