# SPDX-License-Identifier: MIT
"""What the kernel will be on a processor: asks the program whatif (tools/whatif) of the build."""
import json
import subprocess

from . import build, models, packages, say

TOOL = "tools/whatif/whatif"


def add_arguments(parser, several):
    """The words by which processors, kernel and command line are named. `several`: more than one."""
    which = parser.add_mutually_exclusive_group()
    how = {"action": "append"} if several else {}
    which.add_argument("--cpu", metavar="MODEL", help="QEMU's CPU model and flags (default: max)"
                       + ("; may be repeated" if several else ""), **how)
    which.add_argument("--cpuid", metavar="FILE", help="a dump, as `cpuid -r` prints it"
                       + ("; may be repeated" if several else ""), **how)
    add_common(parser)
    return which


def add_common(parser):
    add = parser.add_argument
    add("--append", default="", metavar="WORDS", help="the kernel's command line")
    add("--json", action="store_true", help="one JSON object a line")
    add("--kernel", metavar="FILE", help="another quench.elf")
    add("--no-build", action="store_true", help="take what is there")
    add("--build", metavar="FOLDER", help="the build folder (default: build)")


class Foreteller:
    """The built tool, a kernel image, and the models' dumps."""

    def __init__(self, folder, kernel=None):
        self.tool = folder / TOOL
        self.kernel = kernel or folder / build.KERNEL
        self.folder = folder
        for path in (self.tool, self.kernel):
            try:
                open(path, "rb").close()
            except OSError as error:
                raise say.Trouble(f"{path}: {error.strerror}; without --no-build it is built"
                                  ) from error
        self._models = None

    @property
    def models(self):
        self._models = self._models or models.Cache(self.folder, self.kernel)
        return self._models

    def _run(self, dumps, append, *options):
        words = [str(self.tool), "--append", append, *options, str(self.kernel), *map(str, dumps)]
        ended = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, errors="replace")
        # 1: some processor is refused, and its line says why.
        if ended.returncode not in (0, 1):
            raise say.Trouble(ended.stderr.strip().replace("whatif: ", "", 1)
                              or f"{self.tool} ended with status {ended.returncode}")
        return [json.loads(line) for line in ended.stdout.splitlines()]

    def rows(self, dumps, append=""):
        """One dictionary a dump: the keys of docs/whatif.md, or `cpu` and `refused`."""
        return self._run(dumps, append)

    def text(self, dump, append, path):
        """Writes text and exception table as they will be to `path`; the dictionary of `rows`."""
        return self._run([dump], append, "--text", str(path))[0]

    def sites(self, dump, append=""):
        """(the whole, [site...]); Refused when the kernel would refuse the processor."""
        whole, *sites = self._run([dump], append, "--sites")
        if "refused" in whole:
            raise models.Refused(f"{whole['cpu']}: the kernel refuses it: {whole['refused']}")
        return whole, sites


def prepare(options, boots):
    """Packages and build. `boots`: QEMU will be needed."""
    folder = build.folder(options.build)
    if not options.no_build:
        packages.ensure({"build"} | ({"boot"} if boots else set()))
        build.build(folder, [TOOL] + ([] if options.kernel else [build.KERNEL]))
    return Foreteller(folder, options.kernel)
