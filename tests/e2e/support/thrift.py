"""Thrift's compact protocol as plain values, so that a test can change any field of a Parquet file.

A struct is a dict from field number to (type, value); a list is (type of its elements, values).
"""

import io
from typing import Any

TRUE, FALSE, INT8, INT16, INT32, INT64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)

Struct = dict[int, tuple[int, Any]]


def _read_varint(stream: io.BytesIO) -> int:
    value = shift = 0
    while True:
        byte = stream.read(1)[0]
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value
        shift += 7


def _varint(value: int) -> bytes:
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _zigzag(value: int) -> bytes:
    return _varint(value << 1 if value >= 0 else (-value << 1) - 1)


def _read_value(stream: io.BytesIO, kind: int) -> Any:
    if kind in (TRUE, FALSE):
        return kind == TRUE
    if kind == INT8:
        return stream.read(1)[0]
    if kind in (INT16, INT32, INT64):
        value = _read_varint(stream)
        return (value >> 1) ^ -(value & 1)
    if kind == DOUBLE:
        return stream.read(8)
    if kind == BINARY:
        return stream.read(_read_varint(stream))
    if kind in (LIST, SET):
        header = stream.read(1)[0]
        count, element = header >> 4, header & 15
        if count == 15:
            count = _read_varint(stream)
        return element, [_read_element(stream, element) for _ in range(count)]
    assert kind == STRUCT, kind
    return read_struct(stream)


def _read_element(stream: io.BytesIO, kind: int) -> Any:
    return stream.read(1)[0] == TRUE if kind in (TRUE, FALSE) else _read_value(stream, kind)


def read_struct(stream: io.BytesIO) -> Struct:
    fields: Struct = {}
    number = 0
    while header := stream.read(1)[0]:
        delta, kind = header >> 4, header & 15
        if delta:
            number += delta
        else:
            value = _read_varint(stream)
            number = (value >> 1) ^ -(value & 1)
        fields[number] = (kind, _read_value(stream, kind))
    return fields


def _value(kind: int, value: Any) -> bytes:
    if kind == INT8:
        return bytes([value])
    if kind in (INT16, INT32, INT64):
        return _zigzag(value)
    if kind == DOUBLE:
        return value
    if kind == BINARY:
        return _varint(len(value)) + value
    if kind in (LIST, SET):
        element, values = value
        short = len(values) < 15
        head = bytes([(len(values) if short else 15) << 4 | element])
        body = b"".join(bytes([TRUE if v else FALSE]) if element in (TRUE, FALSE)
                        else _value(element, v) for v in values)
        return head + (b"" if short else _varint(len(values))) + body
    assert kind == STRUCT, kind
    return write_struct(value)


def write_struct(fields: Struct) -> bytes:
    """Fields in the order of their numbers."""
    out = bytearray()
    last = 0
    for number, (kind, value) in sorted(fields.items()):
        if kind in (TRUE, FALSE):
            kind = TRUE if value else FALSE
        delta = number - last
        out += bytes([delta << 4 | kind]) if 0 < delta < 16 else bytes([kind]) + _zigzag(number)
        out += b"" if kind in (TRUE, FALSE) else _value(kind, value)
        last = number
    return bytes([*out, 0])
