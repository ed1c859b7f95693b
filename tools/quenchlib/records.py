# SPDX-License-Identifier: MIT
"""The records of COM2: reading them, and the schema they keep (docs/records.md says it in words)."""
import json
import re

ADDRESS = re.compile(r"0x[0-9a-f]+")
DIGEST = re.compile(r"[0-9a-f]{64}")
HEX = re.compile(r"([0-9a-f]{2})*")


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_u32(value):
    return is_count(value) and value < 1 << 32


def is_text(value):
    return isinstance(value, str)


def is_name(value):
    return isinstance(value, str) and value != ""


def is_flag(value):
    return isinstance(value, bool)


def is_names(value):
    return isinstance(value, list) and all(map(is_name, value)) and len(set(value)) == len(value)


def matches(pattern):
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def one_of(*values):
    return lambda value: value in values


# Type -> the keys it must have and what each holds. More keys may be there; those of OPTIONAL
# are held to their kind as well.
REQUIRED = {
    "boot": {"version": is_name, "via": one_of("multiboot2", "pvh"), "cmdline": is_text},
    "cpuid": dict.fromkeys(("leaf", "sub", "eax", "ebx", "ecx", "edx"), is_u32),
    "cpu": {"vendor": is_text, "family": is_u32, "model": is_u32, "stepping": is_u32,
            "features": is_names},
    "alt": {"site": matches(ADDRESS), "symbol": is_name, "len": is_count, "won": is_name},
    "patch": {"sites": is_count, "changed": is_count, "ns": is_count},
    "extable": {"entries": is_count, "moved": is_count, "dropped": is_count},
    "seal": {"wp": is_flag, "probe": one_of("faulted", "wrote")},
    "digest": {"text_sha256": matches(DIGEST)},
    "smp": {"cpus": is_count, "refused": is_count},
    "bench": {"name": is_name, "variant": is_name, "bytes": is_count, "dst_off": is_count,
              "src_off": is_count, "ops": is_count, "tsc": is_count,
              "clock": one_of("tcg", "icount", "kvm", "native")},
    "calibrate": {"variant": is_name, "ops": is_count, "tsc": is_count},
    "calibrated": {"variant": is_name, "copy_rep": is_count, "clear_rep": is_count,
                   "cliff": is_flag, "ns": is_count,
                   "clock": one_of("tcg", "icount", "kvm", "native")},
    "test": {"name": is_name, "ok": is_flag, "why": is_text},
    "memory": {"free": is_count, "total": is_count},
    "program": {"path": is_name, "tsc": is_count},
    "end": {"path": is_name, "status": is_count, "signal": is_count},
    "panic": {"why": is_name, "rip": matches(ADDRESS), "symbol": is_text},
    "fail": {"why": is_name},
    "exit": {"status": is_count},
}
OPTIONAL = {
    "boot": {"memory": is_count, "initramfs": is_count, "tsc": is_count},
    "cpu": {"brand": is_text, "copy": is_name},
    "alt": {"depth": is_count, "before": matches(HEX), "after": matches(HEX)},
    "end": {"lock_waits": is_count},
    "smp": {"present": is_count, "silent": is_count, "timer_khz": is_count,
            "tsc_behind": is_count},
    "patch": {"tsc": is_count},
    "extable": {"tsc": is_count},
    "bench": {"tsc_min": is_count, "tsc_max": is_count, "tsc_q1": is_count, "tsc_q3": is_count,
              "total_bytes": is_count, "processor": is_text, "copy": is_name, "mix": is_name,
              "order": one_of("sorted", "shuffled"), "model": is_name},
}


def problem(record):
    """What is wrong with one record, as text; None when nothing is."""
    if not isinstance(record, dict):
        return "not an object"
    kind = record.get("t")
    if kind not in REQUIRED:
        return f"unknown type {kind!r}"
    for key, check in REQUIRED[kind].items():
        if key not in record:
            return f"{kind}: no key {key!r}"
        if not check(record[key]):
            return f"{kind}: {key!r} is {record[key]!r}"
    for key, check in OPTIONAL.get(kind, {}).items():
        if key in record and not check(record[key]):
            return f"{kind}: {key!r} is {record[key]!r}"
    return None


def parse(data):
    """(records, problems) of what came over COM2 as bytes; a last line without its end counts as
    a problem. UEFI firmware writes its console on every serial line: what stands before the first
    record is its own."""
    records, problems = [], []
    first = max(data.find(b'{"t":'), 0)
    lines = data[first:].decode("utf-8", "replace").split("\n")
    if lines.pop():
        problems.append("the last line has no end")
    for number, line in enumerate(lines, 1):
        try:
            record = json.loads(line)
        except ValueError as error:
            problems.append(f"line {number} is not JSON ({error}): {line[:80]!r}")
            continue
        wrong = problem(record)
        if wrong:
            problems.append(f"line {number}: {wrong}")
        else:
            records.append(record)
    return records, problems


def of_type(records, kind):
    return [record for record in records if record["t"] == kind]


def last(records, kind):
    """The last record of a type, or None."""
    return next((record for record in reversed(records) if record["t"] == kind), None)
