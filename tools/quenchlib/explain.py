# SPDX-License-Identifier: MIT
"""Explains patch sites: where, why, and what becomes of the code on a processor.

WHAT is a function (copy_to_user), a place in it (copy_to_user+0x33) or an address (0xffffffff...); without
it, every site. Code is shown as linked and as it will be, with the versions that lost, the CPUID bits that
decide, and the exception table entries that come along. docs/whatif.md.
"""
import difflib
import json
import re
import sys

from . import foretell, lines, say

HELP = "explain patch sites: source line, condition, CPUID bits, code before and after"
GREEN, RED, BOLD, DIM = "32", "31", "1", "2"


def arguments(parser):
    parser.add_argument("what", nargs="?", metavar="WHAT", help="function, place or address")
    foretell.add_arguments(parser, several=False)


def function_of(site):
    return site["symbol"].rpartition("+")[0]


def _covers(site, address):
    """Whether the address is the site's, where it runs or where it was assembled."""
    starts = [int(site[key], 16) for key in ("site", "assembled")]
    codes = [code for version in site["versions"] for code in version["code"]]
    return any(start <= address < start + site["len"] for start in starts) or any(
        int(code["at"], 16) == address for code in codes)


def chosen(sites, what):
    """The sites `what` names, with those nested in them. Trouble when there are none."""
    if what is None:
        return sites
    if re.fullmatch(r"0x[0-9a-f]+", what, re.I):
        hit = [site for site in sites if _covers(site, int(what, 16))]
    elif re.fullmatch(r".+\+0x[0-9a-f]+", what, re.I):
        name, _, offset = what.rpartition("+")
        hit = [site for site in sites if function_of(site) == name
               and 0 <= int(offset, 16) - int(site["symbol"].rpartition("+")[2], 16) < site["len"]]
    else:
        hit = [site for site in sites if function_of(site) == what]
    if not hit:
        names = sorted({function_of(site) for site in sites})
        near = difflib.get_close_matches(what.partition("+")[0], names, 3, 0.5)
        raise say.Trouble(f"{what}: no patch site there; " + (
            f"near are {', '.join(near)}" if near else f"functions with sites: {', '.join(names)}"))
    outer = {site["outermost"] for site in hit}
    return [site for site in sites if site["outermost"] in outer]


def add_places(sites, kernel):
    """Source places: `source`, `inlined_at`, and `used_in` where the line is that of a macro in an
    include. Code of versions has no line of its own in NASM: then the outer site's counts."""
    starts = {site["symbol"]: int(site["outermost"], 16) - int(
        site["symbol"].rpartition("+")[2], 16) for site in sites if "+0x" in site["symbol"]}
    places = lines.of(kernel, [int(site[key], 16) for site in sites
                               for key in ("assembled", "outermost")] + list(starts.values()))
    for site in sites:
        found = places[int(site["assembled"], 16)] or places[int(site["outermost"], 16)]
        site["source"], site["inlined_at"] = (found or [None])[0], found[1:]
        function = places.get(starts.get(site["symbol"]), [])
        site["used_in"] = function[-1].rpartition(":")[0] if (
            function and found and found[0].partition(":")[0].endswith(".inc")) else None


def paint(text, code):
    return say.paint(text, code, sys.stdout)


def _code(heading, code, indent, colour=None):
    """Instructions, one a line, below one another."""
    width = max([len(insn["bytes"]) for insn in code] + [0]) * 3 // 2
    if not code:
        yield f"{indent}{heading:8} (nothing)"
    for number, insn in enumerate(code):
        raw = " ".join(re.findall("..", insn["bytes"]))
        text = f"{raw:{width}}  {insn['text']}"
        yield (f"{indent}{heading if not number else '':8} "
               + (paint(text, colour) if colour else text)).rstrip()


def _terms(version):
    """'SMAP absent: CPUID.07H.0:EBX[20], supervisor mode access prevention'."""
    for term in version["terms"]:
        good = term["present"] == term["wanted"]
        state = "present" if term["present"] else "absent"
        yield (f"{term['feature']} {paint(state, GREEN if good else RED)}: {term['place']}, "
               f"{term['about']}")


def _versions(site, whole, indent):
    for version in site["versions"]:
        verdict = "won" if version["won"] else "holds, beaten" if version["holds"] else "lost"
        yield (f"{indent}version  {version['condition']}: "
               + paint(verdict, GREEN if version["won"] else RED))
        for text in _terms(version):
            yield f"{indent}           {text}"
        if version["won"] and version["condition"].startswith("COPY_"):
            yield f"{indent}           chosen for: {whole['copy_why']}"
        if not version["won"]:
            yield from _code("", version["code"], indent + "  ", DIM)


def _insn_at(site, address):
    """The instruction assembled at an address, as text, and whose it is; the address if not found."""
    for whose, code in [("the default", site["before"]),
                        *((version["condition"], version["code"]) for version in site["versions"])]:
        for insn in code:
            if insn["at"] == address:
                return f"`{insn['text']}` of {whose}"
    return address


def _entries(site, indent):
    for entry in site["extable"]:
        to = f" to {entry['to']}" if entry["fate"] == "moved" else ""
        fixup = f", fixup {entry['fixup']}" if "fixup" in entry else ""
        yield (f"{indent}extable  entry for {_insn_at(site, entry['insn'])} {entry['fate']}{to}"
               f"{fixup}")


def text_of(site, whole):
    indent = "  " * (site["depth"] + 1)
    place = site["source"] or "source unknown"
    inlined = "".join(f", inlined at {at}" for at in site["inlined_at"])
    if site["used_in"]:
        inlined += f", used in {site['used_in']}"
    nested = f", nested at depth {site['depth']}" if site["depth"] else ""
    yield (f"{'  ' * site['depth']}{paint(site['symbol'], BOLD)}  {site['site']}, "
           f"{site['len']} bytes{nested}")
    yield f"{indent}source   {place}{inlined}"
    yield f"{indent}won      {paint(site['won'], GREEN)}"
    yield from _code("before", site["before"], indent)
    if site["won"] == "gone":
        yield f"{indent}after    gone with the code it was part of"
    elif site["changed"]:
        yield from _code("after", site["after"], indent, GREEN)
    else:
        yield f"{indent}after    unchanged"
    yield from _versions(site, whole, indent)
    yield from _entries(site, indent)


def show(whole, sites):
    brand = f" ({whole['brand']})" if whole["brand"] else ""
    print(f"{paint(whole['cpu'], BOLD)}{brand}: {whole['sites']} sites, {whole['changed']} changed; "
          f"copy {whole['copy']}, {whole['copy_why']}")
    print(f"exception table: {whole['entries']} entries, {whole['moved']} moved, "
          f"{whole['dropped']} dropped; sha256 {whole['text_sha256']}")
    for site in sites:
        print()
        print("\n".join(text_of(site, whole)))


def main(options):
    foreteller = foretell.prepare(options, boots=not options.cpuid)
    cpu = options.cpu or "max"
    dump = options.cpuid or foreteller.models.path(cpu)
    whole, sites = foreteller.sites(dump, options.append)
    if not options.cpuid:
        whole["cpu"] = cpu
    sites = chosen(sites, options.what)
    add_places(sites, foreteller.kernel)
    if options.json:
        for site in sites:
            print(json.dumps(site))
    else:
        show(whole, sites)
    return say.OK
