# SPDX-License-Identifier: MIT
"""Checks as TAP lines; a case is a function that makes some."""
import sys
import traceback


class Checks:
    """The account of one test program."""

    def __init__(self):
        self.made = 0
        self.failed = 0

    def ok(self, holds, name, *details):
        """One check; the details (text, lists of lines) are shown when it does not hold."""
        self.made += 1
        self.failed += not holds
        print(f"{'ok' if holds else 'not ok'} {self.made} - {name}".replace("#", "no."))
        if not holds:
            self.note(*details)
        sys.stdout.flush()
        return bool(holds)

    def equal(self, value, expected, name, *details):
        return self.ok(value == expected, name, f"is {value!r}", f"expected {expected!r}", *details)

    def note(self, *details):
        for detail in details:
            lines = detail if isinstance(detail, (list, tuple)) else str(detail).splitlines()
            for line in lines[-60:]:
                print(f"# {line}")


def skip_all(reason):
    """Ends the program: nothing can be tested here, for this reason."""
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


def run(case, *arguments):
    """Runs case(checks, *arguments) and ends the program; an exception is a failed check."""
    checks = Checks()
    try:
        case(checks, *arguments)
    except SystemExit:
        raise
    except BaseException:
        checks.ok(False, "the case ran to its end", traceback.format_exc())
    print(f"1..{checks.made}")
    sys.exit(1 if checks.failed else 0)
