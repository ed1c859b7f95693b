# SPDX-License-Identifier: MIT
"""QEMU's monitor: a client of QMP, as far as the tests need it."""
import json
import socket
import tempfile
import time


class Qmp:
    """A session on a QMP unix socket."""

    def __init__(self, path, patience=20):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        end = time.monotonic() + patience
        while True:
            try:
                self.socket.connect(path)
                break
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
        self.file = self.socket.makefile("rw")
        self.file.readline()
        self.execute("qmp_capabilities")

    def execute(self, command, **arguments):
        """The answer of one command; events that come in between are passed over."""
        json.dump({"execute": command, "arguments": arguments}, self.file)
        self.file.write("\n")
        self.file.flush()
        while True:
            line = self.file.readline()
            if not line:
                raise EOFError(f"QEMU ended during {command}")
            answer = json.loads(line)
            if "error" in answer:
                raise RuntimeError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def human(self, line):
        return self.execute("human-monitor-command", **{"command-line": line})

    def read(self, address, size):
        """Memory as the running page tables show it."""
        with tempfile.NamedTemporaryFile() as file:
            # `val` is a signed number: an address of the higher half is a negative one.
            signed = address - (1 << 64) if address >> 63 else address
            self.execute("memsave", val=signed, size=size, filename=file.name)
            return file.read()

    def close(self):
        self.file.close()
        self.socket.close()
