"""A table as Parquet, in the many layouts that writers make."""

import io
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from e2e.support.table import Table


def arrow_table(table: Table, *, feature_type: pa.DataType = pa.float32(), scale: float = 1,
                era_type: pa.DataType | None = None, optional: bool = True) -> pa.Table:
    """Id, era, data_type, the features times `scale` (NaN: null), and a target of nulls."""
    eras = pa.array(table.eras)
    if era_type is not None:
        eras = eras.dictionary_encode() if pa.types.is_dictionary(era_type) else pa.array(
            [1000 if era == "eraX" else int(era.removeprefix("era")) for era in table.eras],
            era_type)
    columns = {
        "era": eras,
        "data_type": pa.array(["live" if era == "eraX" else "test" for era in table.eras]),
    }
    for index, name in enumerate(table.features):
        values = table.values[:, index].astype(np.float64) * scale
        missing = np.isnan(values)
        kind = np.float64 if pa.types.is_floating(feature_type) else np.int64
        columns[name] = pa.array(np.where(missing, 0, values).astype(kind), mask=missing).cast(
            feature_type)
    columns["target"] = pa.nulls(len(table.ids), pa.float32())
    columns["id"] = pa.array(table.ids)
    result = pa.table(columns)
    if not optional:
        result = result.cast(pa.schema([f.with_nullable(f.name == "target")
                                        for f in result.schema]))
    return result


@dataclass(frozen=True)
class Layout:
    """How pyarrow is asked to write."""

    name: str
    table: dict = field(default_factory=dict)
    write: dict = field(default_factory=dict)
    scale: float = 1
    fast: bool = True  # all pages of features are dictionary indices
    has_nulls: bool = True

    def __str__(self) -> str:
        return self.name

    def pack(self, table: Table) -> bytes:
        buffer = io.BytesIO()
        options = dict(self.write)
        if "column_encoding" in options:
            options["column_encoding"] = {name: options["column_encoding"]
                                          for name in table.features}
        if options.get("use_dictionary") is False:
            options["use_dictionary"] = ["era", "data_type"]
        pq.write_table(arrow_table(table, scale=self.scale, **self.table), buffer, **options)
        return buffer.getvalue()


def _codecs() -> list[Layout]:
    return [Layout(f"{codec}-v{version[0]}-{page[-3:]}",
                   write={"compression": codec, "version": version, "data_page_version": page})
            for codec in ("none", "snappy", "zstd", "gzip", "lz4", "brotli")
            for version, page in (("1.0", "1.0"), ("2.6", "2.0"))]


def _types() -> list[Layout]:
    kinds = {"int8": pa.int8(), "int16": pa.int16(), "int32": pa.int32(), "int64": pa.int64(),
             "uint8": pa.uint8(), "uint32": pa.uint32(), "uint64": pa.uint64(),
             "float": pa.float32(), "double": pa.float64(), "half": pa.float16()}
    layouts = []
    for name, kind in kinds.items():
        options = {"feature_type": kind}
        layouts.append(Layout(f"{name}-dictionary", options, scale=4))
        layouts.append(Layout(f"{name}-plain", options, {"use_dictionary": False}, 4, False))
        encodings = ["BYTE_STREAM_SPLIT"]
        if pa.types.is_integer(kind):
            encodings.append("DELTA_BINARY_PACKED")
        layouts += [Layout(f"{name}-{encoding}", options,
                           {"use_dictionary": False, "column_encoding": encoding}, 4, False)
                    for encoding in encodings]
    return layouts


def _shapes() -> list[Layout]:
    return [
        Layout("small-row-groups", write={"row_group_size": 100}),
        Layout("odd-row-groups", write={"row_group_size": 777, "max_rows_per_page": 100}),
        Layout("small-pages", write={"max_rows_per_page": 333}),
        Layout("single-row-pages-v2", write={"max_rows_per_page": 7, "data_page_version": "2.0",
                                             "write_batch_size": 7}),
        Layout("checksums", write={"write_page_checksum": True}),
        Layout("checksums-v2", write={"write_page_checksum": True, "data_page_version": "2.0"}),
        Layout("page-index", write={"write_page_index": True}),
        Layout("no-statistics", write={"write_statistics": False}),
        Layout("required", {"optional": False}, has_nulls=False),
        Layout("required-v2", {"optional": False}, {"data_page_version": "2.0"}, has_nulls=False),
        Layout("dictionary-era", {"era_type": pa.dictionary(pa.int32(), pa.string())}),
    ]


LAYOUTS = _codecs() + _types() + _shapes()


def pack_frame(frame: pd.DataFrame, **options: object) -> bytes:
    """As pandas writes it."""
    buffer = io.BytesIO()
    frame.to_parquet(buffer, **options)
    return buffer.getvalue()
