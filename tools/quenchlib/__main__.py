# SPDX-License-Identifier: MIT
"""tools/quench: one module a sub-command, each with HELP, arguments(parser) and main(options)."""
import argparse
import sys

from . import bench, cpus, doctor, explain, run, say, suite, whatif

COMMANDS = {"run": run, "test": suite, "bench": bench, "whatif": whatif, "explain": explain,
            "cpus": cpus, "doctor": doctor}


def parser():
    top = argparse.ArgumentParser(
        prog="tools/quench", description="Quench: boot it, test it, see what is missing.",
        epilog="`tools/quench COMMAND --help` says more.")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module in COMMANDS.items():
        sub = commands.add_parser(name, help=module.HELP, description=module.__doc__,
                                  formatter_class=argparse.RawDescriptionHelpFormatter)
        module.arguments(sub)
    return top


def main():
    try:
        options, rest = parser().parse_known_args()
        if hasattr(options, "passed_on"):
            options.passed_on = rest
        elif rest:
            parser().error("unrecognized arguments: " + " ".join(rest))
    except SystemExit as end:
        # argparse ends with 2, which here means a panic.
        return say.SETUP if end.code else 0
    try:
        return COMMANDS[options.command].main(options)
    except say.Trouble as trouble:
        say.trouble(trouble)
        return trouble.status
    except KeyboardInterrupt:
        return say.INTERRUPTED
    except BrokenPipeError:
        # The reader went away; nothing is left to be said to it.
        sys.stderr.close()
        return say.FAILED


sys.exit(main())
