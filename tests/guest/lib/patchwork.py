# SPDX-License-Identifier: MIT
"""The alternatives as an outsider reads them: records from quench.elf, features from cpuid(1).

Knows struct alt_entry (arch/x86_64/include/arch/alternative.h) and nothing else of the kernel.
"""
import os
import re
import subprocess
import tempfile

from .guest import ROOT

ENTRY_BYTES = 24
NOT = 0x8000
STAC, CLAC = bytes.fromhex("0f01cb"), bytes.fromhex("0f01ca")
# SDM volume 2, "Recommended Multi-Byte Sequence of NOP Instruction", the longest first.
NOPS = [bytes.fromhex(text) for text in (
    "660f1f840000000000", "0f1f840000000000", "0f1f8000000000", "660f1f440000", "0f1f440000",
    "0f1f4000", "0f1f00", "6690", "90")]


def feature_names():
    """Feature numbers to names: the order of features.def."""
    text = (ROOT / "arch/x86_64/cpu/features.def").read_text()
    return re.findall(r"^(?:FEATURE|SYNTHETIC)\((\w+),", text, re.M)


def constant_names():
    text = (ROOT / "arch/x86_64/asm/constants.def").read_text()
    return re.findall(r"^RUNTIME_CONSTANT\((\w+),", text, re.M)


class Version:
    """One record: a version of the code at a site, and the condition under which it wins."""

    def __init__(self, elf, address, names):
        def field(offset, size, signed=False):
            return int.from_bytes(elf.read(address + offset, size), "little", signed=signed)

        self.site = (address + field(0, 4, True)) % (1 << 64)
        self.replacement = (address + 4 + field(4, 4, True)) % (1 << 64)
        self.site_bytes, self.bytes, self.default_bytes, kind_op = elf.read(address + 8, 4)
        self.is_code, self.any_of = kind_op >> 4 == 0, kind_op & 15 == 1
        self.constant = None if self.is_code else constant_names()[field(4, 4)]
        raw = [field(12 + 2 * i, 2) for i in range(min(field(20, 2), 4))]
        self.terms = [(names[term & ~NOT], not term & NOT) for term in raw]
        self.depth = field(22, 2)

    @property
    def condition(self):
        """As the source has it."""
        if not self.terms:
            return "always"
        words = [name if wanted else f"not {name}" for name, wanted in self.terms]
        if len(words) == 1:
            return words[0]
        return f"{'any_of' if self.any_of else 'all_of'}({', '.join(words)})"

    def holds(self, features):
        verdicts = [(name in features) == wanted for name, wanted in self.terms]
        if not verdicts:
            return True
        return any(verdicts) if self.any_of else all(verdicts)


class Site:
    """An outermost patch site with its versions in order."""

    def __init__(self, elf, versions):
        self.versions = versions
        self.start, self.bytes = versions[0].site, versions[0].site_bytes
        self.code = [elf.read(v.replacement, v.bytes) for v in versions if v.is_code]

    @property
    def stop(self):
        return self.start + self.bytes

    def winner(self, features):
        """The last version whose condition holds; None: the default."""
        return next((v for v in reversed(self.versions) if v.holds(features)), None)

    def is_padded(self, code, features):
        """Whether behind the winning version stand NOPs, as few as can be, and nothing else."""
        winner = self.winner(features)
        if winner is None or not winner.is_code:
            return True
        rest, count = code[winner.bytes:], 0
        wanted = -(-len(rest) // len(NOPS))
        while rest and (nop := next((n for n in NOPS if rest.startswith(n)), None)):
            rest, count = rest[len(nop):], count + 1
        return not rest and count == wanted


def sites(elf):
    """Every outermost site of the kernel, by address."""
    names = feature_names()
    start, stop = elf.range("altinstructions")
    by_site = {}
    for address in range(start, stop, ENTRY_BYTES):
        version = Version(elf, address, names)
        if version.depth == 0:
            by_site.setdefault(version.site, []).append(version)
    return [Site(elf, versions) for _, versions in sorted(by_site.items())]


def cpuid_says(rows, wording):
    """What cpuid(1) says of a feature, by its wording, from the rows a guest read itself."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt", delete=False) as file:
        file.write("CPU 0:\n")
        for row in rows:
            file.write("   0x{leaf:08x} 0x{sub:02x}: eax=0x{eax:08x} ebx=0x{ebx:08x} "
                       "ecx=0x{ecx:08x} edx=0x{edx:08x}\n".format(**row))
    try:
        output = subprocess.run(["cpuid", "-f", file.name], stdout=subprocess.PIPE, text=True,
                                check=True, env={**os.environ, "LANG": "C"}).stdout
    finally:
        os.unlink(file.name)
    # Absent leaves are not printed at all: the feature is not there.
    return re.search(rf"^\s*{re.escape(wording)}\s+= true$", output, re.M) is not None


def disassemble(code, address):
    """[(address, mnemonic)] of a stretch of code, by objdump."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(code)
        file.flush()
        output = subprocess.run(
            ["objdump", "-D", "-b", "binary", "-m", "i386:x86-64", "--no-show-raw-insn",
             f"--adjust-vma={address:#x}", file.name], stdout=subprocess.PIPE, text=True,
            check=True).stdout
    return [(int(at, 16), name)
            for at, name in re.findall(r"^\s*([0-9a-f]+):\s+(\S+)", output, re.M)]
