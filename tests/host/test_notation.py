#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""test_notation.py NASM... -- CC...: the notation of alternatives and on_fault, where it must not
assemble or compile, says why; where it must, it emits what it should."""
import pathlib
import subprocess
import sys
import tempfile

BLOCK = "alternative\nnop\n{}\nnop\nendalternative"
TERMS = ", ".join(["FEATURE_LM"] * 5)
# Name, NASM source, a text its error must hold; None: it assembles.
NASM_CASES = [
    ("a plain block", BLOCK.format("when FEATURE_LM"), None),
    ("four terms", BLOCK.format(f"when any_of({TERMS[:-12]})"), None),
    ("not is an instruction still", BLOCK.format("when not FEATURE_LM") + "\nnot rax", None),
    ("255 bytes", "alternative\ntimes 255 nop\nwhen FEATURE_LM\nendalternative", None),
    ("an unknown feature", BLOCK.format("when FEATURE_FOO"), "FEATURE_FOO is no feature"),
    ("not an unknown feature", BLOCK.format("when not FEATURE_FOO"), "FEATURE_FOO is no feature"),
    ("a number out of range", BLOCK.format("when 4095"), "4095 is no number of a feature"),
    ("five terms", BLOCK.format(f"when all_of({TERMS})"), "at most 4 terms, this one has 5"),
    ("terms without a word", BLOCK.format("when FEATURE_LM, FEATURE_NX"), "by all_of or any_of"),
    ("no version", "alternative\nnop\nendalternative", "has no version"),
    ("when alone", "when FEATURE_LM", "stands in no alternative"),
    ("endalternative alone", "endalternative", "closes no alternative"),
    ("a block left open", "alternative\nnop\nwhen FEATURE_LM\nnop", "still open"),
    ("a version of 256 bytes", "alternative\nwhen FEATURE_LM\ntimes 256 nop\nendalternative",
     "a version is longer than 255 bytes"),
    ("a default of 256 bytes", "alternative\ntimes 256 nop\nwhen FEATURE_LM\nendalternative",
     "the default is longer than 255 bytes"),
    ("a site of no bytes", "alternative\nwhen FEATURE_LM\nendalternative",
     "the site has no bytes"),
    ("four blocks deep", "\n".join(["alternative\nnop"] * 4 + [
        "when FEATURE_LM\nnop\nendalternative"] * 4), None),
    ("five blocks deep", "\n".join(["alternative\nnop"] * 5), "more than 4 deep"),
    ("a runtime constant", "runtime_constant mov rax, USER_LIMIT", None),
    ("an unknown constant", "runtime_constant mov rax, FOO", "FOO is not listed"),
    ("on_fault", "on_fault .x\nmov al, [rdi]\n.x:\nret", None),
    ("on_fault without its label", "on_fault .x\nmov al, [rdi]", "`f.x' not defined"),
]
C_CASES = [
    ("C: a plain block", 'alternative("", FEATURE_LM, "nop")', None),
    ("C: four terms", 'alternative("nop", all_of(1, not(2), 3, 4), "nop")', None),
    ("C: an unknown feature", 'alternative("", FEATURE_FOO, "nop")', "FEATURE_FOO"),
    ("C: five terms", 'alternative("", all_of(1, 2, 3, 4, 5), "nop")', "has_more_than_4_terms"),
    ("C: 255 bytes", 'alternative("", FEATURE_LM, ".fill 255, 1, 0x90")', None),
    ("C: a version of 256 bytes", 'alternative("", FEATURE_LM, ".fill 256, 1, 0x90")', ".org"),
    ("C: a default of 256 bytes", 'alternative(".fill 256, 1, 0x90", FEATURE_LM, "")', ".org"),
    ("C: a site of no bytes", 'alternative("", FEATURE_LM, "")', ".org"),
    ("C: cpu_has", "if (cpu_has(any_of(FEATURE_LM, FEATURE_NX))) g()", None),
    ("C: cpu_has of a variable", "extern unsigned x; if (cpu_has(x)) g()", "asm"),
]


def attempt(command, source, name):
    """(exit status, error text) of compiling a source."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / name
        path.write_text(source)
        result = subprocess.run([*command, str(path), "-o", str(path) + ".o"],
                                stderr=subprocess.PIPE, text=True)
    return result.returncode, result.stderr


def nasm_source(body):
    return f'%include "alternative.inc"\n%include "extable.inc"\nfunc f\n{body}\nendfunc\n'


def c_source(body):
    return ("#include <arch/alternative.h>\n"
            f"void f(void); void g(void);\nvoid f(void) {{ {body}; }}\n")


def main():
    split = sys.argv.index("--")
    nasm, cc = sys.argv[1:split], sys.argv[split + 1:]
    jobs = [(nasm, nasm_source(body), "case.asm", case, want) for case, body, want in NASM_CASES]
    jobs += [(cc, c_source(body), "case.c", case, want) for case, body, want in C_CASES]
    print(f"1..{len(jobs)}")
    failed = 0
    for number, (command, source, name, case, want) in enumerate(jobs, 1):
        status, error = attempt(command, source, name)
        good = status == 0 and not error if want is None else status != 0 and want in error
        failed += not good
        print(f"{'ok' if good else 'not ok'} {number} - {case}")
        if not good:
            print("\n".join("# " + line for line in [f"wanted: {want}", *error.splitlines()]))
    return failed != 0


sys.exit(main())
