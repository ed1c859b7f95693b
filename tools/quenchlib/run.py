# SPDX-License-Identifier: MIT
"""Builds Quench, boots it in QEMU, and shows what it did.

Installs what is missing (as root, or through sudo), configures and builds in build/, boots the image
through GRUB. The guest's console is on standard output, all else on standard error. Ends by itself;
leave earlier with Ctrl-A X on a terminal, Ctrl-C elsewhere.

Exit status: 0 the guest passed, 1 it failed, 2 it panicked, 3 nothing was run (the message says why),
4 triple fault, 124 time-out, 130 interrupted.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import threading

from . import accel, build, foretell, models, packages, qemu, records, report, say, triple

HELP = "build it, boot it in QEMU, show the demo, the patch report and the copy throughput"
DEFAULT_APPEND = "bench=copy"
COMMAND_LINE_BYTES = 4095  # the kernel takes no longer one (docs/command-line.md)
MOST_PROCESSORS = 255  # of QEMU's machine `pc`
STATUS = {qemu.PASSED: say.OK, qemu.FAILED: say.FAILED, qemu.PANICKED: say.PANIC}


def count(text):
    if not text.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return int(text)


def processors(text):
    if not text.isdigit() or not 1 <= int(text) <= MOST_PROCESSORS:
        raise argparse.ArgumentTypeError(f"{text!r}: 1 to {MOST_PROCESSORS} processors")
    return text


def arguments(parser):
    add = parser.add_argument
    add("--via", choices=("bios", "uefi", "pvh"), default="bios",
        help="GRUB on BIOS or on UEFI firmware, or QEMU's own loader (default: bios)")
    add("--cpu", default="max", help="QEMU's CPU model and flags (default: max)")
    add("--smp", type=processors, default="1", metavar="N", help="processors (default: 1)")
    add("-m", "--memory", default="256M", metavar="SIZE", help="memory (default: 256M)")
    add("--accel", choices=("tcg", "kvm", "auto"), default="tcg",
        help="kvm and auto first measure whether KVM is worth it (default: tcg)")
    add("--append", default=DEFAULT_APPEND, metavar="WORDS",
        help=f"the kernel's command line (default: {DEFAULT_APPEND}); docs/command-line.md")
    add("--initrd", metavar="FILE", help="another initramfs; with --via pvh")
    add("--kernel", metavar="FILE", help="another kernel; with --via pvh, nothing is built")
    add("--records", metavar="FILE", help="keep the records of COM2 there (docs/records.md)")
    add("--timeout", type=count, default=300, metavar="SECONDS", help="0 for none (default: 300)")
    add("--no-expect", action="store_true",
        help="do not foretell the digest and hold the kernel to it (docs/whatif.md)")
    add("--gdb", action="store_true", help="wait for gdb on port 1234 before the first instruction")
    add("--dry-run", action="store_true", help="print the commands instead of running them")
    add("--no-build", action="store_true", help="boot what is there")
    add("--build", metavar="FOLDER", help=argparse.SUPPRESS)


def check(options):
    """Trouble for options that do not go together or name what is not there."""
    if options.via != "pvh" and (options.initrd or options.kernel):
        raise say.Trouble("--initrd and --kernel replace what is in the image: add --via pvh")
    for path in (options.initrd, options.kernel):
        if path and not os.path.isfile(path):
            raise say.Trouble(f"{path}: no such file")
    if options.records and not options.dry_run:
        try:
            open(options.records, "wb").close()
        except OSError as error:
            raise say.Trouble(f"{options.records}: {error.strerror}") from error


def prepare(options):
    """Packages and build. Returns the build folder."""
    groups = {"boot"} | ({"uefi"} if options.via == "uefi" else set())
    folder = build.folder(options.build)
    wanted = not (options.no_build or options.kernel)
    packages.ensure(groups | ({"build"} if wanted else set()), options.dry_run)
    if wanted:
        targets = [build.KERNEL, build.INITRAMFS, foretell.TOOL] + ([build.IMAGE] if options.via != "pvh" else [])
        build.build(folder, targets, options.dry_run)
    return folder


def expectation(options, folder, accelerator):
    """The command line with the digest foretold for this very processor and these words, which the
    kernel then holds itself to; without it, and a word why, where none can be foretold."""
    if any(word.startswith("expect=") for word in options.append.split(" -- ")[0].split()):
        return options.append
    if any(word.startswith("copy=calibrate") for word in options.append.split(" -- ")[0].split()):
        say.progress("the digest is not foretold: copy=calibrate decides by measurement")
        return options.append
    try:
        foreteller = foretell.Foreteller(folder, options.kernel)
        dump = foreteller.models.path(options.cpu, options.smp, accelerator)
        row = foreteller.rows([dump], options.append)[0]
    except models.NoModel:
        raise
    except say.Trouble as trouble:
        say.progress(f"the digest is not foretold: {trouble}")
        return options.append
    if "refused" in row:
        say.progress(f"the digest is not foretold: the kernel will refuse: {row['refused']}")
        return options.append
    append = f"expect={row['text_sha256']} {options.append}".strip()
    if len(append.encode()) > COMMAND_LINE_BYTES:
        say.progress("the foretold digest does not fit: the command line is too long for expect=")
        return options.append
    say.progress(f"foretold: sha256 {row['text_sha256']}, {row['changed']} of {row['sites']} sites "
                 "changed")
    return append


def machine(options, folder, record_file):
    accelerator = accel.choose(options.accel, options.dry_run)
    append = options.append
    if not (options.dry_run or options.no_expect):
        append = expectation(options, folder, accelerator)
    interactive = sys.stdin.isatty() and not options.gdb
    extra = ["-mon", "chardev=com1,mode=readline"] if interactive else []
    if options.gdb:
        extra += ["-S", "-s"]
    return qemu.Machine(
        via=options.via, cpu=options.cpu, smp=options.smp, memory=options.memory,
        accel=accelerator, append=append,
        kernel=options.kernel or str(folder / build.KERNEL),
        initrd=options.initrd or str(folder / build.INITRAMFS), iso=str(folder / build.IMAGE),
        console=f"stdio,mux={'on' if interactive else 'off'},signal=off",
        records=qemu.file_chardev(record_file), extra=tuple(extra))


def show_console(pipe):
    """COM1 to standard output; on anything but a terminal without carriage returns."""
    out, plain = sys.stdout.buffer, not sys.stdout.isatty()
    try:
        while data := os.read(pipe.fileno(), 65536):
            out.write(data.replace(b"\r", b"") if plain else data)
            out.flush()
    except BrokenPipeError:
        # Nobody listens; QEMU must not block for that.
        while os.read(pipe.fileno(), 65536):
            pass


def watch(words, timeout, interactive):
    """Runs QEMU to its end: (exit status, None after `timeout` seconds; standard error)."""
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(words, stdin=None if interactive else subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=errors)
        reader = threading.Thread(target=show_console, args=(process.stdout,))
        reader.start()
        try:
            status = process.wait(timeout or None)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            process.kill()
            process.wait()
            reader.join()
        errors.seek(0)
        return status, errors.read()


def verdict(status, options, words, kernel, reset_log, record_list):
    """The exit status for QEMU's, with a word on what is not plain from the console."""
    if status is None:
        say.trouble(f"no end after {options.timeout} s; --timeout 0 waits for ever, --gdb looks "
                    "inside")
        return say.TIMEOUT
    if status in STATUS:
        return STATUS[status]
    end = records.last(record_list, "exit")
    if status == 0 and end:
        # Power off or reboot, as exit= asked for.
        return say.OK if end["status"] == 0 else say.FAILED
    if status == 0 and triple.happened(reset_log):
        say.trouble(triple.explain(words, kernel))
        return say.TRIPLE_FAULT
    if status == 0:
        say.trouble("QEMU ended before the guest gave a verdict")
        return say.FAILED
    raise say.Trouble(f"QEMU ended with status {status}; see above. The command was:\n"
                      + " ".join(words))


def boot(options, vm, folder):
    """Boots `vm` and reports. `folder` is for what QEMU writes."""
    reset_log = os.path.join(folder, "reset")
    words = vm.command() + ["-d", "cpu_reset", "-D", reset_log]
    say.progress(f"booting ({options.via}, cpu {vm.cpu}, {vm.memory}, {vm.accel}); "
                 + ("leave with Ctrl-A X" if "-mon" in words else "leave with Ctrl-C"))
    if options.gdb:
        say.progress(f"waiting for: gdb {vm.kernel} -ex 'target remote :1234' -ex 'hbreak "
                     "kernel_main' -ex continue")
    status, errors = watch(words, 0 if options.gdb else options.timeout, "-mon" in words)
    if qemu.lacks_model(errors):
        raise say.Trouble(qemu.no_model(vm.cpu))
    lines, lacking = qemu.sift_warnings(errors)
    for line in lines:
        print(line, file=sys.stderr)
    if lacking:
        say.progress(f"{lacking} features of cpu {vm.cpu} are not to be had from {vm.accel}; "
                     "the guest reports what it read")
    with open(os.path.join(folder, "records"), "rb") as file:
        record_list, problems = records.parse(file.read())
    for problem in problems:
        say.trouble(f"records: {problem}")
    report.show(record_list)
    return verdict(status, options, words, vm.kernel, reset_log, record_list)


def main(options):
    check(options)
    folder = prepare(options)
    if options.dry_run:
        say.command(machine(options, folder, options.records or "/dev/null").command())
        return say.OK
    with tempfile.TemporaryDirectory(prefix="quench-") as scratch:
        record_file = os.path.join(scratch, "records")
        open(record_file, "wb").close()
        result = boot(options, machine(options, folder, record_file), scratch)
        if options.records:
            shutil.copyfile(record_file, options.records)
    return result
