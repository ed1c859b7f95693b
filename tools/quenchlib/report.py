# SPDX-License-Identifier: MIT
"""The patch report: what the kernel made of itself on this processor, from its records."""
import collections

from . import records


def _won(alts):
    """Sites by the condition that won, most frequent first."""
    counts = collections.Counter(alt["won"] for alt in alts)
    return sorted(counts.items(), key=lambda item: (item[0] == "default", -item[1], item[0]))


def lines(record_list):
    """The report as lines; none when the boot did not come so far."""
    cpu, patch, extable, seal, digest = (
        records.last(record_list, kind) for kind in ("cpu", "patch", "extable", "seal", "digest"))
    if not (cpu and patch):
        return
    name = cpu.get("brand") or f"{cpu['vendor']} family {cpu['family']:#x} model {cpu['model']:#x}"
    yield f"Patch report for {name.strip()}"
    yield f"  {patch['sites']} sites, {patch['changed']} rewritten in {patch['ns'] / 1000:.0f} us"
    for won, count in _won(records.of_type(record_list, "alt")):
        yield f"    {count:4} {'keep their default' if won == 'default' else won}"
    if extable:
        yield (f"  exception table: {extable['entries']} entries, {extable['moved']} moved with "
               f"their code, {extable['dropped']} dropped with theirs")
    if seal:
        yield f"  seal: CR0.WP {'on' if seal['wp'] else 'OFF'}, a write to text {seal['probe']}"
    if digest:
        yield f"  sha256 of text and table: {digest['text_sha256']}"


def show(record_list):
    text = "\n".join(lines(record_list))
    if text:
        print("\n" + text, flush=True)
