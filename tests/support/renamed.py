"""Changes texts inside a .tflite file: the new text is appended and the one offset that leads to the old one is
turned to it, so nothing else moves."""
import struct


class Renamed:
    def __init__(self, data: bytes) -> None:
        self.data = bytearray(data)

    def u32(self, at: int) -> int:
        return struct.unpack_from("<I", self.data, at)[0]

    def field(self, table: int, index: int) -> int:
        """Where a table's field is; 0 when it is absent."""
        vtable = table - struct.unpack_from("<i", self.data, table)[0]
        size = struct.unpack_from("<H", self.data, vtable)[0]
        offset = struct.unpack_from("<H", self.data, vtable + 4 + 2 * index)[0] if 4 + 2 * index < size else 0
        return table + offset if offset else 0

    def follow(self, at: int) -> int:
        return at + self.u32(at)

    def tables(self, table: int, index: int) -> list[int]:
        """The tables of a vector of tables."""
        at = self.field(table, index)
        vector = self.follow(at) if at else 0
        return [self.follow(vector + 4 + 4 * i) for i in range(self.u32(vector))] if at else []

    def tensors(self) -> list[int]:
        return self.tables(self.tables(self.u32(0), 2)[0], 0)

    def name(self, tensor: int) -> bytes:
        string = self.follow(self.field(self.tensors()[tensor], 3))
        return bytes(self.data[string + 4:string + 4 + self.u32(string)])

    def rename(self, tensor: int, name: bytes) -> None:
        self.point(self.field(self.tensors()[tensor], 3), name)

    def describe(self, text: bytes) -> None:
        """The model's description, where it has one."""
        at = self.field(self.u32(0), 3)
        if at:
            self.point(at, text)

    def point(self, at: int, text: bytes) -> None:
        self.data += b"\0" * (-len(self.data) % 4)
        struct.pack_into("<I", self.data, at, len(self.data) - at)
        self.data += struct.pack("<I", len(text)) + text + b"\0"
