#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""foretold.py [MODEL...]: text and exception table in the memory of booted guests equal, byte for
byte, what whatif foretold for the model and the command line; the features agree with cpuid(1). Without
arguments for every 64-bit base model of this QEMU, those that refuse to run are listed."""
import concurrent.futures
import importlib.machinery
import importlib.util
import os
import subprocess
import sys
import tempfile

from lib import checks as tap
from lib import guest
from lib.guest import foretell, models, records

CPU_FACTS = str(guest.BUILD / "tools/cpu-facts/cpu-facts")
LOADER = importlib.machinery.SourceFileLoader("check_cpuid", str(guest.ROOT / "tools/check-cpuid"))
check_cpuid = importlib.util.module_from_spec(
    importlib.util.spec_from_loader("check_cpuid", LOADER))
LOADER.exec_module(check_cpuid)

# Every model gets these, and copy=NAME for one NAME after another.
MASKS = ("", "cpu=-smap", "cpu=+fsrm", "cpu=-fast_strings", "cpu=-xsave,-fsgsbase,+rep_movs_cliff")
PROGRAM = "init=/bin/exit -- 0"


def differences(elf, seen, foretold):
    """Where two texts differ, by symbol, a line each; text is followed by the exception table."""
    (text, text_stop), (table, _) = elf.range("text"), elf.range("extable")
    if len(seen) != len(foretold):
        yield f"{len(seen)} bytes in memory, {len(foretold)} foretold"
    for offset, (a, b) in enumerate(zip(seen, foretold)):
        if a != b:
            size = text_stop - text
            place = (elf.symbolize(text + offset) if offset < size else
                     f"exception table entry {(offset - size) // 12}, {table + offset - size:#x}")
            yield f"{place}: {a:02x} in memory, {b:02x} foretold"


def misreadings(vm):
    """Where the guest's CPUID records are not what QEMU says its feature registers hold."""
    path = vm.qmp.execute("query-cpus-fast")[0]["qom-path"]
    rows = {(row["leaf"], row["sub"]): row for row in records.of_type(vm.records, "cpuid")}
    for word in vm.qmp.execute("qom-get", path=path, property="feature-words"):
        leaf, sub = word["cpuid-input-eax"], word.get("cpuid-input-ecx", 0)
        name = word["cpuid-register"]
        read = rows.get((leaf, sub), {}).get(name.lower(), 0)
        if read != word["features"]:
            yield f"CPUID.{leaf:x}H.{sub}:{name}: read {read:#x}, QEMU has {word['features']:#x}"


class Judge:
    """One kernel, and what whatif says of it. The cases return (name, holds, *details) tuples."""

    def __init__(self, folder):
        self.elf = guest.elf()
        self.foreteller = foretell.Foreteller(guest.BUILD, guest.KERNEL)
        self.folder = folder

    def variants(self, dump):
        """The names of copy=, from the sentence that refuses one that is none."""
        row = self.foreteller.rows([dump], "copy=?")[0]
        return row["refused"].partition("there are auto, ")[2].split(", ")

    def _boot(self, model, append):
        with guest.Guest(halt=True, cpu=model, append=append, memory="64M") as vm:
            vm.wait()
            seen = vm.read(*self.elf.range("text")) + vm.read(*self.elf.range("extable"))
            return seen, vm.records, vm.report()

    def foretold(self, model, number, append, dump):
        """One boot, held to the digest, against the bytes."""
        name = f"{model} {append or 'as it is'}"
        path = os.path.join(self.folder, f"{model}.{number}.text")
        row = self.foreteller.text(dump, append, path)
        if "refused" in row:
            with guest.Guest(cpu=model, append=f"{append} {PROGRAM}", memory="64M") as vm:
                vm.wait()
                why = (records.last(vm.records, "fail") or {}).get("why")
                return [(f"{name}: the kernel refuses as foretold", why == row["refused"],
                         f"it says {why!r}", row["refused"])]
        with open(path, "rb") as file:
            expected = file.read()
        seen, said, report = self._boot(model, f"expect={row['text_sha256']} {append} {PROGRAM}")
        return [(f"{name}: text and table are as foretold, {len(seen)} bytes",
                 seen == expected, list(differences(self.elf, seen, expected))[:20]),
                (f"{name}: the records are as foretold", self._records_agree(row, said), row,
                 report)]

    @staticmethod
    def _records_agree(row, said):
        cpu, patch, digest, end = (records.last(said, kind) or {}
                                   for kind in ("cpu", "patch", "digest", "exit"))
        return (digest.get("text_sha256") == row["text_sha256"] and end.get("status") == 0
                and (patch.get("sites"), patch.get("changed")) == (row["sites"], row["changed"])
                and cpu.get("copy") == row["copy"]
                and set(row["features"]) <= set(cpu.get("features", ())))

    def decoded(self, model, dump):
        """CPUID as read against QEMU's own account of the model, its bits against cpuid(1), and what
        the kernel made of them against the host's verdict."""
        wrong, summary = check_cpuid.check(CPU_FACTS, [str(dump)])
        facts = subprocess.run([CPU_FACTS, str(dump)], stdout=subprocess.PIPE, text=True).stdout
        with guest.Guest(cpu=model, halt=True, append=PROGRAM, memory="64M") as vm:
            vm.wait()
            misread = list(misreadings(vm))
            cpu = records.last(vm.records, "cpu") or {}
        mine = '"features":["' + '","'.join(cpu.get("features", ())) + '"]'
        return [(f"{model}: CPUID is read as QEMU has it", not misread, misread),
                (f"{model}: cpuid(1) reads the same from its CPUID", not wrong, wrong, summary),
                (f"{model}: the kernel's features are the host's verdict", mine in facts, mine,
                 facts)]

    def model(self, number, model):
        """All cases of one model; a string when it cannot run."""
        try:
            dump = self.foreteller.models.path(model)
        except models.Refused as refusal:
            return str(refusal)
        names = self.variants(dump)
        results = self.decoded(model, dump)
        for place, append in enumerate((*MASKS, f"copy={names[number % len(names)]}")):
            results += self.foretold(model, place, append, dump)
        return results


def check_the_judge(checks, judge):
    """A prediction with one wrong byte, in text or in the table, is not passed."""
    text = judge.elf.read(*_range(judge.elf, "text")) + judge.elf.read(*_range(judge.elf, "extable"))
    for offset in (0, len(text) // 2, len(text) - 1):
        wrong = bytearray(text)
        wrong[offset] ^= 1
        found = list(differences(judge.elf, text, bytes(wrong)))
        checks.equal(len(found), 1, f"found when planted: byte {offset} is foretold wrongly", found)
    checks.ok(list(differences(judge.elf, text, text[:-1])), "found when planted: a byte too few")


def _range(elf, name):
    start, stop = elf.range(name)
    return start, stop - start


def case(checks, *wanted):
    names = wanted or models.base_models()
    refused = []
    with tempfile.TemporaryDirectory(prefix="quench-") as folder:
        judge = Judge(folder)
        check_the_judge(checks, judge)
        judge.foreteller.models  # made once, before the threads
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for results in pool.map(judge.model, range(len(names)), names):
                if isinstance(results, str):
                    refused.append(results)
                    continue
                for name, holds, *details in results:
                    checks.ok(holds, name, *details)
    checks.ok(len(refused) < len(names), "there are models that run", refused)
    checks.note(f"{len(names) - len(refused)} models; without a 64-bit mode:", refused)


tap.run(case, *sys.argv[1:])
