# SPDX-License-Identifier: MIT
"""A client of the gdb remote protocol, as far as the tests need it."""
import socket
import time

# The order of QEMU's 'g' packet for x86-64: 16 general registers, rip (8 bytes each), then 4-byte ones.
REGISTERS = ("rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip").split()


class Gdb:
    """A session with QEMU's gdbstub (-gdb unix:PATH,server=on,wait=off -S)."""

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
        self.input = self.socket.makefile("rb")
        # With its target description asked for, QEMU speaks of 64-bit registers in every mode.
        self.call("qSupported:xmlRegisters=i386")
        self.call("qXfer:features:read:target.xml:0,ffb")

    def call(self, text):
        body = text.encode()
        self.socket.sendall(b"$%s#%02x" % (body, sum(body) & 0xff))
        return self.wait()

    def wait(self):
        """The next packet of the other side."""
        while (byte := self.input.read(1)) != b"$":
            if not byte:
                raise EOFError("QEMU closed the gdb connection")
        body = b""
        while (byte := self.input.read(1)) != b"#":
            body += byte
        self.input.read(2)
        self.socket.sendall(b"+")
        return body.decode("latin-1")

    def run_to(self, address):
        """Continues until a hardware breakpoint at `address`."""
        self.call(f"Z1,{address:x},1")
        stopped = self.call("c")
        self.call(f"z1,{address:x},1")
        return stopped

    def registers(self):
        raw = bytes.fromhex(self.call("g"))
        values = {name: int.from_bytes(raw[i * 8:i * 8 + 8], "little")
                  for i, name in enumerate(REGISTERS)}
        flags = len(REGISTERS) * 8
        return {**values, "eflags": int.from_bytes(raw[flags:flags + 4], "little")}

    def set_register(self, name, value):
        raw = bytearray.fromhex(self.call("g"))
        at = REGISTERS.index(name) * 8
        raw[at:at + 8] = value.to_bytes(8, "little")
        return self.call("G" + raw.hex())

    def read(self, address, size):
        return bytes.fromhex(self.call(f"m{address:x},{size:x}"))

    def write(self, address, data):
        return self.call(f"M{address:x},{len(data):x}:{data.hex()}")

    def go(self):
        """Lets the guest run; no answer comes before it stops."""
        self.socket.sendall(b"$c#63")

    def close(self):
        self.input.close()
        self.socket.close()
