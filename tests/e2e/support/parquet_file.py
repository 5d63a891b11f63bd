"""A Parquet file taken apart: what no writer can be asked for is made by changing its parts."""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from e2e.support.thrift import INT32, INT64, Struct, read_struct, write_struct

MAGIC = b"PAR1"

# Numbers of fields in parquet.thrift.
SCHEMA, ROWS, GROUPS = 2, 3, 4  # of FileMetaData
TYPE, WIDTH, REPETITION, NAME, CHILDREN, CONVERTED, LOGICAL = 1, 2, 3, 4, 5, 6, 10  # SchemaElement
CHUNKS, GROUP_BYTES, GROUP_ROWS = 1, 2, 3  # RowGroup
PATH, METADATA = 1, 3  # ColumnChunk
CHUNK_ENCODINGS, CHUNK_PATH, CHUNK_CODEC, CHUNK_VALUES = 2, 3, 4, 5  # ColumnMetaData
CHUNK_UNPACKED, CHUNK_PACKED, DATA_OFFSET, DICTIONARY_OFFSET = 6, 7, 9, 11
PAGE_KIND, PAGE_UNPACKED, PAGE_PACKED, PAGE_CRC = 1, 2, 3, 4  # PageHeader
PAGE_V1, PAGE_DICTIONARY, PAGE_V2 = 5, 7, 8
COUNT = 1  # values or entries, in all three of them
V1_ENCODING, V1_LEVEL_ENCODING = 2, 3  # DataPageHeader
V2_ROWS, V2_ENCODING, V2_LEVELS, V2_REPETITION, V2_COMPRESSED = 3, 4, 5, 6, 7  # DataPageHeaderV2


@dataclass
class Page:
    header: Struct
    body: bytes

    def write(self) -> bytes:
        self.header[PAGE_PACKED] = (INT32, len(self.body))
        return write_struct(self.header) + self.body


@dataclass
class Chunk:
    """A column of a row group."""

    fields: Struct
    pages: list[Page]
    forced: Struct = field(default_factory=dict)  # fields of the metadata that stay as they are

    @property
    def metadata(self) -> Struct:
        return self.fields[METADATA][1]

    def force(self, number: int, value: int, kind: int = INT64) -> None:
        self.forced[number] = (kind, value)


class ParquetFile:
    """Row groups of chunks of pages, and the metadata; write() puts every offset right again."""

    def __init__(self, content: bytes) -> None:
        length = int.from_bytes(content[-8:-4], "little")
        self.metadata = read_struct(io.BytesIO(content[-8 - length:-8]))
        self.groups = [[self._chunk(content, fields) for fields in group[CHUNKS][1][1]]
                       for group in self.metadata[GROUPS][1][1]]

    @staticmethod
    def _chunk(content: bytes, fields: Struct) -> Chunk:
        chunk = Chunk(fields, [])
        place = chunk.metadata.get(DICTIONARY_OFFSET, chunk.metadata[DATA_OFFSET])[1]
        end = place + chunk.metadata[CHUNK_PACKED][1]
        while place < end:
            stream = io.BytesIO(content[place:end])
            header = read_struct(stream)
            body = stream.read(header[PAGE_PACKED][1])
            chunk.pages.append(Page(header, body))
            place += stream.tell()
        return chunk

    @property
    def elements(self) -> list[Struct]:
        """Of the schema; the first one is the root."""
        return self.metadata[SCHEMA][1][1]

    def element(self, name: str) -> Struct:
        return next(e for e in self.elements if e[NAME][1] == name.encode())

    def chunks(self, name: str) -> Iterator[Chunk]:
        """A column's, of every row group."""
        for group in self.groups:
            for chunk in group:
                if chunk.metadata[CHUNK_PATH][1][1][0] == name.encode():
                    yield chunk

    def pages(self, name: str) -> Iterator[Page]:
        for chunk in self.chunks(name):
            yield from chunk.pages

    def write(self) -> bytes:
        out = bytearray(MAGIC)
        for group in self.groups:
            for chunk in group:
                self._place(chunk, out)
        footer = write_struct(self.metadata)
        return bytes(out) + footer + len(footer).to_bytes(4, "little") + MAGIC

    @staticmethod
    def _place(chunk: Chunk, out: bytearray) -> None:
        begin = len(out)
        places = []
        for page in chunk.pages:
            places.append((PAGE_DICTIONARY in page.header, len(out)))
            out += page.write()
        metadata = chunk.metadata
        metadata.pop(DICTIONARY_OFFSET, None)
        for is_dictionary, place in reversed(places):
            metadata[DICTIONARY_OFFSET if is_dictionary else DATA_OFFSET] = (INT64, place)
        metadata[CHUNK_PACKED] = (INT64, len(out) - begin)
        metadata.update(chunk.forced)


def take_apart(path: Path) -> ParquetFile:
    return ParquetFile(path.read_bytes())

