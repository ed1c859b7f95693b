# SPDX-License-Identifier: MIT
"""Just enough of ELF64 to know where things are in quench.elf, and what the file says is there."""
import bisect
import struct


class Elf:
    """A little-endian ELF64 file."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        if self.data[:6] != b"\x7fELF\x02\x01":
            raise ValueError(f"{path}: no little-endian ELF64 file")
        header = struct.unpack_from("<16sHHIQQQIHHHHHH", self.data)
        self.entry = header[4]
        self.segments = [struct.unpack_from("<IIQQQQQQ", self.data, header[5] + i * header[9])
                         for i in range(header[10])]
        self.sections = self._sections(header[6], header[11], header[12], header[13])
        self.symbols, self._functions = self._symbols()
        self._starts = [start for start, _, _ in self._functions]

    def _sections(self, offset, entry_bytes, count, names_index):
        raw = [struct.unpack_from("<IIQQQQIIQQ", self.data, offset + i * entry_bytes)
               for i in range(count)]
        names = raw[names_index][4]
        self._raw_sections = raw
        return {self._string(names + section[0]): section for section in raw}

    def _string(self, offset):
        return self.data[offset:self.data.index(b"\0", offset)].decode()

    def _symbols(self):
        symbols, functions = {}, []
        if ".symtab" not in self.sections:
            return symbols, functions
        _, _, _, _, offset, size, link, _, _, entry_bytes = self.sections[".symtab"]
        names = self._raw_sections[link][4]
        for at in range(offset, offset + size, entry_bytes):
            name, info, _, _, value, length = struct.unpack_from("<IBBHQQ", self.data, at)
            if not name:
                continue
            symbols[self._string(names + name)] = value
            if info & 15 in (0, 2):  # without a type (labels of assembly), functions
                functions.append((value, length, self._string(names + name)))
        return symbols, sorted(functions)

    def read(self, address, size):
        """The bytes a loader puts at a virtual address; what the file does not hold is zero."""
        out = bytearray()
        while len(out) < size:
            out += self._read_some(address + len(out), size - len(out))
        return bytes(out)

    def _read_some(self, address, size):
        for kind, _, offset, start, _, in_file, in_memory, _ in self.segments:
            if kind != 1 or not start <= address < start + in_memory:
                continue
            skip = address - start
            part = self.data[offset + skip:offset + in_file] if skip < in_file else b""
            return part[:size] or b"\0" * min(size, in_memory - skip)
        raise ValueError(f"{address:#x} is in no segment")

    def range(self, name):
        """(start, stop) of the table between __start_NAME and __stop_NAME."""
        return self.symbols["__start_" + name], self.symbols["__stop_" + name]

    def symbolize(self, address):
        """'name+0x12' for an address, '' when no symbol is near."""
        at = bisect.bisect_right(self._starts, address) - 1
        if at < 0:
            return ""
        start = self._starts[at]
        # Of several names of one address, one with a size is the function itself.
        same = [f for f in self._functions[max(0, at - 8):at + 1] if f[0] == start]
        name = max(same, key=lambda f: f[1])[2]
        return f"{name}+{address - start:#x}" if address - start < 1 << 20 else ""
