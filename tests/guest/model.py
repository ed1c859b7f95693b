#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""model.py CPU [WORDS]: one CPU model over PVH, with WORDS for the kernel, judged by its records and, from
outside, by its memory."""
import hashlib
import re
import struct
import subprocess
import sys

from lib import checks as tap
from lib import guest, patchwork
from lib.guest import qemu, records
from lib.outsider import Outsider


def check_records(checks, vm):
    """The boot's own account."""
    seen = [record["t"] for record in vm.records]
    for kind in ("boot", "cpu", "patch", "extable", "seal", "digest", "program", "end", "exit"):
        checks.equal(seen.count(kind), 1, f"one {kind} record")
    checks.equal(seen[0], "boot", "the boot record comes first")
    checks.equal(seen[-1], "exit", "the exit record comes last", vm.report())
    seal = records.last(vm.records, "seal") or {}
    checks.ok(seal.get("wp") is True and seal.get("probe") == "faulted", "the seal holds")
    exit_record = records.last(vm.records, "exit") or {}
    checks.equal(exit_record.get("status"), 0, "exit passes")
    alts = records.of_type(vm.records, "alt")
    patch = records.last(vm.records, "patch") or {}
    checks.ok(patch.get("sites", 0) > 0, "there are patch sites")
    checks.ok(len(alts) >= patch.get("sites", 0), "each has its alt record")


def check_demo(checks, vm):
    wrong = [line for line in vm.console.splitlines() if line.rstrip().endswith("WRONG")]
    checks.ok(not wrong, "no wrong answer to a bad pointer", wrong)
    last = re.search(r"^demo: (\d+) rows, (\d+) wrong \((\d+) answers\)$", vm.console, re.M)
    checks.ok(last and last[2] == "0" and int(last[3]) > 200, "the demo counts 0 wrong",
              vm.report())


def check_sites(checks, vm, elf, text):
    """Every site against its record and all else against the file, by the outermost sites alone."""
    start, stop = elf.range("text")
    features = set(records.last(vm.records, "cpu")["features"])
    restored, outermost = bytearray(text), patchwork.sites(elf)
    for site in outermost:
        restored[site.start - start:site.stop - start] = elf.read(site.start, site.bytes)
    original = elf.read(start, stop - start)
    differ = [hex(start + i) for i in range(len(original)) if original[i] != restored[i]]
    padding = [hex(site.start) for site in outermost
               if not site.is_padded(text[site.start - start:site.stop - start], features)]
    checks.ok(not padding, "behind a chosen version is padding of NOPs", padding)
    checks.ok(not differ, "outside the sites the text is that of quench.elf", differ)


def check_records_of_sites(checks, vm, elf, text, decided):
    """What the kernel said of each site, nested ones too."""
    told, bad = [], []
    for record in records.of_type(vm.records, "alt"):
        at = int(record["site"], 16)
        told.append((at, record["len"], record["depth"], record["won"]))
        now = text[at - elf.range("text")[0]:][:record["len"]].hex()
        if record.get("after", now) != now:
            bad.append(f"{at:#x}: {now} in memory, {record['after']} in the record")
    wanted = [(site.start if place is None else place, site.bytes, site.depth,
               site.verdict(place, winner)) for site, place, winner in decided]
    checks.ok(any(depth for _, _, depth, _ in wanted), "there are nested sites")
    checks.equal(sorted(told), sorted(wanted), "every site has the record it should have",
                 [hex(site[0]) for site in set(told) ^ set(wanted)])
    checks.ok(not bad, "every site holds what its record says", bad)


def check_outsider(checks, elf, text, table, outsider, features):
    """Text and exception table as records and objdump make them, at any depth."""
    ours, open_places = outsider.text(features)
    differ = [elf.symbolize(elf.range("text")[0] + i) for i, (a, b) in enumerate(zip(ours, text))
              if a != b and i not in open_places]
    checks.ok(not differ, "the text is what an outsider makes of quench.elf", differ)
    checks.ok(outsider.table() == table, "and so is the exception table")


def check_smap(checks, vm, elf, text, decided):
    """stac and clac: at each site made for SMAP exactly when the model has it, nowhere else."""
    start, _ = elf.range("text")
    rows = records.of_type(vm.records, "cpuid")
    has_smap = patchwork.cpuid_says(rows, "SMAP: supervisor mode access prevention")
    features = records.last(vm.records, "cpu")["features"]
    checks.equal("SMAP" in features, has_smap, "the kernel and cpuid(1) agree on SMAP")
    found = {at for at, name in patchwork.disassemble(text, start) if name in ("stac", "clac")}
    smap_sites = [(site, place, wins) for site, place, wins in decided
                  if place is not None and site.names_feature("SMAP")]
    checks.ok(len(smap_sites) >= 4, "there are sites made for SMAP")
    bad = []
    for site, place, wins in smap_sites:
        code = text[place - start:place - start + site.bytes]
        has = patchwork.STAC in code or patchwork.CLAC in code
        # A combined condition may withhold them even so: what decides is the winning version.
        wanted = has_smap and wins is not None and bool(
            {patchwork.STAC, patchwork.CLAC} & {elf.read(wins.replacement, wins.bytes)[i:i + 3]
                                                for i in range(wins.bytes)})
        if has != wanted:
            bad.append(f"{place:#x}: {code.hex()}, SMAP {'on' if has_smap else 'off'}")
        found -= set(range(place, place + site.bytes))
    checks.ok(not bad, f"stac/clac at the sites: {'all' if has_smap else 'none'}", bad)
    checks.ok(not found, "no stac or clac elsewhere", [hex(at) for at in sorted(found)])


def check_extable(checks, vm, elf, table):
    start, stop = elf.range("extable")
    text_start, text_stop = elf.range("text")
    counted = (records.last(vm.records, "extable") or {}).get("entries", 0)
    entries = []
    for offset in range(0, len(table), 12):
        insn, fixup, _ = struct.unpack_from("<iii", table, offset)
        entries.append((start + offset + insn, start + offset + 4 + fixup))
    kept, rest = entries[:counted], table[counted * 12:]
    checks.ok(0 < counted <= len(entries), "the table has entries")
    ordered = all(a[0] < b[0] for a, b in zip(kept, kept[1:]))
    checks.ok(ordered, "they are sorted, and no two are for one instruction")
    inside = all(text_start <= value < text_stop for entry in kept for value in entry)
    checks.ok(inside, "every instruction and fixup is in the text")
    checks.ok(not any(rest), "what is left of the table is zero")
    checks.ok(stop - start == len(table), "the table is read whole")


def check_state(checks, vm):
    """The processor and its page tables, from QEMU."""
    cr0 = re.search(r"CR0=([0-9a-f]+)", vm.qmp.human("info registers"))
    checks.ok(cr0 and int(cr0[1], 16) >> 16 & 1, "CR0.WP is on")
    kernel_pages, bad = 0, []
    # address: physical address and the flags X(= no execute) G P D A C T U W
    for line in vm.qmp.human("info tlb").splitlines():
        entry = re.match(r"([0-9a-f]{16}): [0-9a-f]{16} (\S{9})", line)
        if entry and int(entry[1], 16) >> 63:
            flags = entry[2]
            kernel_pages += 1
            if "U" in flags or ("W" in flags and "X" not in flags):
                bad.append(line)
    checks.ok(kernel_pages > 100, "QEMU shows the kernel's pages", kernel_pages)
    checks.ok(not bad, "no kernel page is writable and executable, or a user's", bad)


def is_known(model):
    """Whether this QEMU has the model: newer ones know more."""
    listed = subprocess.run([qemu.BINARY, "-cpu", "help"], stdout=subprocess.PIPE, text=True).stdout
    return model in listed.split()


def case(checks, model, words=""):
    if not is_known(model):
        tap.skip_all(f"this QEMU has no {model}")
    elf = guest.elf()
    outsider = Outsider(elf)
    with guest.boot(checks, cpu=model, halt=True, append=words) as vm:
        check_records(checks, vm)
        check_demo(checks, vm)
        text, table = vm.read(*elf.range("text")), vm.read(*elf.range("extable"))
        check_sites(checks, vm, elf, text)
        features = records.last(vm.records, "cpu")["features"]
        decided = outsider.decided(features)
        check_records_of_sites(checks, vm, elf, text, decided)
        check_outsider(checks, elf, text, table, outsider, features)
        check_smap(checks, vm, elf, text, decided)
        check_extable(checks, vm, elf, table)
        digest = hashlib.sha256(text + table).hexdigest()
        checks.equal((records.last(vm.records, "digest") or {}).get("text_sha256"), digest,
                     "the digest is that of the memory")
        check_state(checks, vm)
    with guest.boot(checks, cpu=model, append=words) as vm:
        pass


tap.run(case, *sys.argv[1:])
