# SPDX-License-Identifier: MIT
"""The patched text and exception table as an outsider works them out: records and entries from
quench.elf, instructions by objdump, nothing of the kernel's own code. docs/alternatives.md has the rules.
"""
import re
import struct
import subprocess
import tempfile

from . import patchwork

ENTRY = struct.Struct("<iii")
LINE = re.compile(r"^\s*([0-9a-f]+):\t((?:[0-9a-f]{2} )+)\s*(?:\t(.*))?$", re.M)
BRANCH = re.compile(r"^(?:bnd |notrack )?(?:call|j\w+|loop\w*)\s+0x([0-9a-f]+)")
OPERAND = re.compile(r"\(%rip\).*# 0x([0-9a-f]+)")


def decode(code, address):
    """[(offset, length, target or None)] of a stretch of code: target of a relative branch or of a
    RIP-relative operand."""
    if not code:
        return []
    with tempfile.NamedTemporaryFile() as file:
        file.write(code)
        file.flush()
        text = subprocess.run(
            ["objdump", "-D", "-w", "-b", "binary", "-m", "i386:x86-64",
             f"--adjust-vma={address:#x}", file.name], stdout=subprocess.PIPE, text=True,
            check=True).stdout
    insns = []
    for at, raw, words in LINE.findall(text):
        found = BRANCH.search(words) or OPERAND.search(words)
        insns.append((int(at, 16) - address, len(raw.split()), found and int(found[1], 16)))
    return insns


class Site:
    """A site of any depth. `inside` is the (site, version) whose code it is part of, version None for
    the default; None for an outermost one."""

    def __init__(self, versions):
        first = versions[0]
        self.versions = versions if first.is_code else []
        self.is_constant, self.constant = not first.is_code, first.constant
        self.start, self.bytes, self.default_bytes = first.site, first.site_bytes, first.default_bytes
        self.depth, self.inside = first.depth, None

    def verdict(self, place, winner):
        """Who won, in the kernel's words."""
        if place is None:
            return "gone"
        if self.is_constant:
            return f"constant {self.constant}"
        return winner.condition if winner else "default"

    def names_feature(self, name):
        return any(name == term for v in self.versions for term, _ in v.terms)

    def region(self, version):
        """(start, length) of the code that is assembled for a version."""
        return (version.replacement, version.bytes) if version else (self.start, self.default_bytes)

    def regions(self):
        return [(None, *self.region(None))] + [(v, *self.region(v)) for v in self.versions]


class Outsider:
    def __init__(self, elf):
        self.elf = elf
        self.sites = self._sites()
        self.innermost_first = sorted(self.sites, key=lambda site: -site.depth)
        self.decoded = {}

    def _sites(self):
        names, start_stop = patchwork.feature_names(), self.elf.range("altinstructions")
        groups = []
        for address in range(*start_stop, patchwork.ENTRY_BYTES):
            version = patchwork.Version(self.elf, address, names)
            if groups and version.is_code and groups[-1][-1].is_code and (
                    groups[-1][-1].site, groups[-1][-1].depth) == (version.site, version.depth):
                groups[-1].append(version)
            else:
                groups.append([version])
        sites = [Site(group) for group in groups]
        for site in sites:
            site.inside = next(((outer, version) for outer in sites if outer.depth == site.depth - 1
                                for version, start, size in outer.regions()
                                if start <= site.start and site.start + site.bytes <= start + size),
                               None)
            if (site.inside is None) != (site.depth == 0):
                raise ValueError(f"site {site.start:#x} of depth {site.depth} is in no other")
        return sites

    def _winner(self, site):
        return self.winners[site]

    def _where(self, address, entered=True):
        """Where code assembled at an address runs, None if nowhere. Who enters a site at its start
        meets whoever wins there; the instruction that stood there is gone with its version."""
        for site in self.innermost_first:
            for version, start, size in site.regions():
                if not start <= address < start + size:
                    continue
                at = self._place(site)
                if version is self._winner(site):
                    return at if at is None else at + address - start
                return at if entered and address == site.start else None
        return address

    def _place(self, site):
        """Where a site ends up, None when the code around it lost."""
        if site.inside is None:
            return site.start
        outer, version = site.inside
        at = self._place(outer)
        if at is None or version is not self._winner(outer):
            return None
        return at + site.start - outer.region(version)[0]

    def _code(self, site):
        """The bytes that fill a site that is there."""
        winner, at = self._winner(site), self._place(site)
        start, size = site.region(winner)
        code = bytearray(self.elf.read(start, size))
        # An empty version stands where the next one begins.
        if (start, size) not in self.decoded:
            self.decoded[start, size] = decode(bytes(code), start)
        for offset, length, target in self.decoded[start, size]:
            if target is not None and not start <= target <= start + size:
                self._aim(code, offset, length, start, at, target)
        for inner in self.sites:
            if inner.inside == (site, winner):
                offset = inner.start - start
                code[offset:offset + inner.bytes] = self._code(inner)
        rest = site.bytes - size
        while rest:
            nop = next(nop for nop in patchwork.NOPS if len(nop) <= rest)
            code, rest = code + nop, rest - len(nop)
        return bytes(code)

    def _aim(self, code, offset, length, start, at, target):
        """Corrects the displacement of an instruction that moves from start to at."""
        if start == at and self._where(target) == target:
            return  # a short branch may leave code that stays where it is
        end = offset + length
        was = (target - start - end + (1 << 63)) % (1 << 64) - (1 << 63)
        field = bytes(code[offset:end]).rindex(struct.pack("<i", was)) + offset
        code[field:field + 4] = struct.pack("<i", was + (self._where(target) - target) - (at - start))

    def _decide(self, features):
        self.winners = {site: next((v for v in reversed(site.versions) if v.holds(features)), None)
                        for site in self.sites}

    def decided(self, features):
        """For each site of any depth: (the site; where it ends up, None when it is gone with the code
        around it; the version that won, None for the default)."""
        self._decide(set(features))
        return [(site, self._place(site), self._winner(site)) for site in self.sites]

    def text(self, features):
        """(text, places whose bytes are constants of the boot and not judged)."""
        self._decide(set(features))
        start, stop = self.elf.range("text")
        text, open_places = bytearray(self.elf.read(start, stop - start)), set()
        for site in self.sites:
            at = self._place(site)
            if site.is_constant and at is not None:
                code = self.elf.read(site.start, site.bytes)
                zeros = min(len(code) - len(code.rstrip(b"\0")), 8)
                open_places |= set(range(at + site.bytes - zeros - start, at + site.bytes - start))
            elif site.depth == 0:
                text[at - start:at - start + site.bytes] = self._code(site)
        return bytes(text), open_places

    def table(self):
        """The exception table, after text()."""
        start, stop = self.elf.range("extable")
        raw, entries = self.elf.read(start, stop - start), []
        for offset in range(0, len(raw), ENTRY.size):
            insn, fixup, kind = ENTRY.unpack_from(raw, offset)
            now = self._where((start + offset + insn) % (1 << 64), entered=False)
            if now is not None:
                entries.append((now, self._where((start + offset + 4 + fixup) % (1 << 64)), kind))
        out = b"".join(ENTRY.pack(insn - start - 12 * i, fixup - start - 12 * i - 4, kind)
                       for i, (insn, fixup, kind) in enumerate(sorted(entries)))
        return out.ljust(len(raw), b"\0")
