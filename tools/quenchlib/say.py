# SPDX-License-Identifier: MIT
"""Talking to people: progress and trouble on standard error, colour only where it is welcome."""
import os
import shlex
import sys

# Exit statuses of tools/quench; docs/records.md has those that tell of the guest.
OK, FAILED, PANIC, SETUP, TRIPLE_FAULT, TIMEOUT, INTERRUPTED = 0, 1, 2, 3, 4, 124, 130


class Trouble(Exception):
    """An end with a reason and the next command; `status` is the exit status."""

    def __init__(self, text, status=SETUP):
        super().__init__(text)
        self.status = status


def paint(text, code, stream=sys.stderr):
    if stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb":
        return f"\033[{code}m{text}\033[0m"
    return text


def progress(text):
    print(paint("quench:", "2"), text, file=sys.stderr, flush=True)


def trouble(text):
    print(paint("quench:", "31"), text, file=sys.stderr, flush=True)


def command(words, stream=sys.stdout):
    """Shows a command as a shell would take it."""
    print(shlex.join(str(word) for word in words), file=stream, flush=True)
