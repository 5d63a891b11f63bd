#include "decode/parquet_footer.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <string_view>

#include "util/error.h"

namespace erawise::decode {
namespace {

using Type = ThriftReader::Type;

constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr std::uint64_t kMagicBytes = 4;
constexpr std::uint64_t kTailBytes = 8;  ///< length of the metadata, and the magic

/// Numerai's widest file has 3600 columns. Each costs memory before any is chosen.
constexpr std::size_t kMaxColumns = 100'000;
constexpr std::size_t kMaxNameBytes = 4096;
constexpr std::size_t kMaxRowGroups = 1'000'000;

util::Error data_error(std::string message) {
    return {util::ErrorKind::data, std::move(message)};
}

/// One schema element, a group or a leaf.
struct Element {
    ParquetColumn column;
    std::int32_t children = -1;  ///< -1: a leaf
    bool is_repeated = false;
};

Meaning meaning_of_converted(std::int32_t converted) {
    switch (converted) {
        case 0:   // UTF8
        case 4:   // ENUM
        case 19:  // JSON
            return Meaning::text;
        case 11:  // UINT_8 to UINT_64
        case 12:
        case 13:
        case 14:
            return Meaning::unsigned_number;
        case 15:  // INT_8 to INT_64
        case 16:
        case 17:
        case 18:
            return Meaning::number;
        default:
            return Meaning::other;
    }
}

/// The union LogicalType has one field: its number is the kind.
Meaning read_logical_type(ThriftReader& reader) {
    Meaning meaning = Meaning::other;
    reader.read_struct([&](std::int16_t kind, Type type) {
        bool is_signed = true;
        if (kind == 10 && type == Type::structure) {  // INTEGER
            reader.read_struct([&](std::int16_t id, Type field) {
                if (id == 2) {
                    is_signed = ThriftReader::boolean(field);
                }
                reader.skip(field);
            });
            meaning = is_signed ? Meaning::number : Meaning::unsigned_number;
            return;
        }
        if (kind == 1 || kind == 4 || kind == 12) {  // STRING, ENUM, JSON
            meaning = Meaning::text;
        } else if (kind == 15) {  // FLOAT16
            meaning = Meaning::half;
        } else if (kind == 11) {  // UNKNOWN: a column of nulls
            meaning = Meaning::number;
        }
        reader.skip(type);
    });
    return meaning;
}

Element read_element(ThriftReader& reader) {
    Element element;
    std::int32_t type_number = -1;
    bool has_meaning = false;
    reader.read_struct([&](std::int16_t id, Type type) {
        switch (id) {
            case 1:
                type_number = reader.int32(type);
                return;
            case 2:
                element.column.byte_width =
                    static_cast<std::uint32_t>(std::max(0, reader.int32(type)));
                return;
            case 3: {
                const std::int32_t repetition = reader.int32(type);
                element.column.is_optional = repetition == 1;
                element.is_repeated = repetition == 2;
                return;
            }
            case 4:
                element.column.name = reader.text(type, kMaxNameBytes);
                return;
            case 5:
                element.children = reader.int32(type);
                return;
            case 6:
                element.column.meaning = meaning_of_converted(reader.int32(type));
                has_meaning = true;
                return;
            case 10:
                if (type != Type::structure) {
                    reader.fail("a logical type is no structure");
                }
                element.column.meaning = read_logical_type(reader);
                has_meaning = true;
                return;
            default:
                reader.skip(type);
        }
    });
    if (type_number >= 0) {
        if (type_number > static_cast<std::int32_t>(PhysicalType::fixed_byte_array)) {
            reader.fail(fmt::format("column '{}' has the unknown type {}", element.column.name,
                                    type_number));
        }
        element.column.type = static_cast<PhysicalType>(type_number);
        element.children = -1;
        const bool is_bytes = element.column.type == PhysicalType::byte_array ||
                              element.column.type == PhysicalType::fixed_byte_array;
        if (!has_meaning && is_bytes) {
            element.column.meaning = Meaning::text;
        }
    } else if (element.children < 0) {
        reader.fail(fmt::format("column '{}' has no type", element.column.name));
    }
    return element;
}

}  // namespace

std::string_view name_of(PhysicalType type) noexcept {
    constexpr std::array<std::string_view, 8> kNames = {
        "BOOLEAN", "INT32",  "INT64",      "INT96",
        "FLOAT",   "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"};
    return kNames[static_cast<std::size_t>(type)];
}

std::string_view name_of(Codec codec) noexcept {
    constexpr std::array<std::string_view, 8> kNames = {"none",   "snappy", "gzip", "lzo",
                                                        "brotli", "lz4",    "zstd", "lz4_raw"};
    return kNames[static_cast<std::size_t>(codec)];
}

std::string_view name_of(Encoding encoding) noexcept {
    constexpr std::array<std::string_view, 10> kNames = {
        "PLAIN",          "GROUP_VAR_INT",       "PLAIN_DICTIONARY",        "RLE",
        "BIT_PACKED",     "DELTA_BINARY_PACKED", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY",
        "RLE_DICTIONARY", "BYTE_STREAM_SPLIT"};
    return kNames[static_cast<std::size_t>(encoding)];
}

ParquetFooter::ParquetFooter(const RandomFile& file) : file_(file) {
    constexpr std::string_view kMagic = "PAR1";
    std::array<char, kTailBytes> tail{};
    if (file.size() < 2 * kMagicBytes + kTailBytes) {
        throw data_error(fmt::format("{}: {} bytes are no Parquet file; download it again",
                                     file.name(), file.size()));
    }
    static_cast<void>(file.read(file.size() - kTailBytes, tail));
    const std::string_view magic(tail.data() + 4, kMagicBytes);
    if (magic == "PARE") {
        throw data_error(fmt::format("{}: the file is encrypted", file.name()));
    }
    if (magic != kMagic) {
        throw data_error(
            fmt::format("{}: the last 4 bytes (at byte {}) are not 'PAR1': the file was cut off or "
                        "is still being written; download it again",
                        file.name(), file.size() - kMagicBytes));
    }
    std::uint32_t length = 0;
    static_assert(std::endian::native == std::endian::little);
    std::memcpy(&length, tail.data(), sizeof length);
    if (length == 0 || length > file.size() - kMagicBytes - kTailBytes) {
        throw data_error(
            fmt::format("{}: the metadata should have {} bytes (says byte {}), the file has {}; it "
                        "is damaged: download it again",
                        file.name(), length, file.size() - kTailBytes, file.size()));
    }
    footer_bytes_ = length;
    footer_begin_ = file.size() - kTailBytes - length;
    read_metadata();
}

ThriftReader ParquetFooter::reader_at(std::uint64_t position) const {
    struct State {
        std::uint64_t next;
        std::unique_ptr<char[]> buffer = std::make_unique_for_overwrite<char[]>(kPieceBytes);
    };
    const std::uint64_t end = footer_begin_ + footer_bytes_;
    auto refill = [this, end,
                   state = std::make_shared<State>(State{position})]() -> std::span<const char> {
        const std::size_t count =
            static_cast<std::size_t>(std::min<std::uint64_t>(kPieceBytes, end - state->next));
        const std::size_t got = file_.read(state->next, {state->buffer.get(), count});
        state->next += got;
        return {state->buffer.get(), got};
    };
    return {{}, std::move(refill), file_.name(), position};
}

void ParquetFooter::read_metadata() {
    ThriftReader reader = reader_at(footer_begin_);
    std::int64_t rows = -1;
    reader.read_struct([&](std::int16_t id, Type type) {
        switch (id) {
            case 2:
                return read_schema(reader, type);
            case 3:
                rows = reader.integer(type);
                return;
            case 4:
                return reader.read_list(type, [&](Type element) {
                    if (element != Type::structure || groups_.size() == kMaxRowGroups) {
                        reader.fail("the list of row groups");
                    }
                    groups_.push_back(read_row_group(reader));
                });
            case 6:
                created_by_ = reader.text(type, kMaxNameBytes);
                return;
            default:
                reader.skip(type);
        }
    });
    for (RowGroup& group : groups_) {
        group.first_row = rows_;
        rows_ += group.rows;
    }
    if (columns_.empty() || rows < 0 || rows_ != static_cast<std::uint64_t>(rows)) {
        reader.fail(
            fmt::format("the row groups have {} rows, the file should have {}", rows_, rows));
    }
}

void ParquetFooter::read_schema(ThriftReader& reader, Type type) {
    // Elements stand in depth-first order: a group says how many children follow it.
    struct Open {
        std::string prefix;
        std::int32_t children;
        bool is_flat;
    };
    std::vector<Open> open;
    bool is_root = true;
    reader.read_list(type, [&](Type element_type) {
        if (element_type != Type::structure || columns_.size() == kMaxColumns) {
            reader.fail("the list of columns");
        }
        Element element = read_element(reader);
        if (is_root) {
            is_root = false;
            open.push_back({"", element.children, true});
            return;
        }
        while (!open.empty() && open.back().children == 0) {
            open.pop_back();
        }
        if (open.empty() || open.size() > 16) {
            reader.fail("the tree of columns");
        }
        --open.back().children;
        element.column.name.insert(0, open.back().prefix);
        if (element.children >= 0) {
            open.push_back({element.column.name + ".", element.children, false});
            return;
        }
        element.column.is_nested = !open.back().is_flat || element.is_repeated;
        columns_.push_back(std::move(element.column));
    });
}

ParquetFooter::RowGroup ParquetFooter::read_row_group(ThriftReader& reader) const {
    RowGroup group{reader.position(), 0, 0, 0};
    std::uint32_t columns = 0;
    std::int64_t rows = -1;
    reader.read_struct([&](std::int16_t id, Type type) {
        switch (id) {
            case 1:
                return reader.read_list(type, [&](Type element) {
                    if (element != Type::structure) {
                        reader.fail("the list of column chunks");
                    }
                    ++columns;
                    reader.skip(element);
                });
            case 3:
                rows = reader.integer(type);
                return;
            case 6:
                group.compressed_bytes = static_cast<std::uint64_t>(reader.integer(type));
                return;
            default:
                reader.skip(type);
        }
    });
    constexpr std::int64_t kMaxRows = std::int64_t{1} << 40;
    if (columns != columns_.size() || rows < 0 || rows > kMaxRows) {
        reader.fail(fmt::format("a row group with {} columns of {} and {} rows", columns,
                                columns_.size(), rows));
    }
    group.rows = static_cast<std::uint64_t>(rows);
    return group;
}

std::vector<ColumnChunk> ParquetFooter::chunks(std::size_t group,
                                               std::span<const std::uint32_t> columns) const {
    constexpr std::uint32_t kUnwanted = UINT32_MAX;
    std::vector<std::uint32_t> slots(columns_.size(), kUnwanted);
    for (std::uint32_t i = 0; i < columns.size(); ++i) {
        slots[columns[i]] = i;
    }
    std::vector<ColumnChunk> chunks(columns.size());
    ThriftReader reader = reader_at(groups_[group].position);
    reader.read_struct([&](std::int16_t id, Type type) {
        if (id != 1) {
            return reader.skip(type);
        }
        std::uint32_t column = 0;
        reader.read_list(type, [&](Type element) {
            if (column < slots.size() && slots[column] != kUnwanted) {
                chunks[slots[column]] = read_chunk(reader, column);
                if (chunks[slots[column]].values != groups_[group].rows) {
                    reader.fail(fmt::format("column '{}' has {} values in a row group of {} rows",
                                            columns_[column].name, chunks[slots[column]].values,
                                            groups_[group].rows));
                }
            } else {
                reader.skip(element);
            }
            ++column;
        });
    });
    for (std::size_t i = 0; i < columns.size(); ++i) {
        chunks[i] = chunks[slots[columns[i]]];  // a column may be asked for several times
    }
    return chunks;
}

ColumnChunk ParquetFooter::read_chunk(ThriftReader& reader, std::uint32_t column) const {
    ColumnChunk chunk;
    std::int64_t codec = -1;
    std::int64_t type_number = -1;
    std::int64_t data_offset = -1;
    std::int64_t dictionary_offset = -1;
    std::int64_t compressed = -1;
    std::int64_t uncompressed = -1;
    std::int64_t values = -1;
    bool is_elsewhere = false;
    reader.read_struct([&](std::int16_t chunk_id, Type chunk_type) {
        is_elsewhere = is_elsewhere || chunk_id == 1;
        if (chunk_id != 3 || chunk_type != Type::structure) {
            return reader.skip(chunk_type);
        }
        reader.read_struct([&](std::int16_t id, Type type) {
            switch (id) {
                case 1:
                    type_number = reader.integer(type);
                    return;
                case 2:
                    return reader.read_list(type, [&](Type element) {
                        const std::int64_t number = reader.integer(element);
                        if (number >= 0 && number < 16) {
                            chunk.encodings =
                                static_cast<std::uint16_t>(chunk.encodings | (1u << number));
                        }
                    });
                case 4:
                    codec = reader.integer(type);
                    return;
                case 5:
                    values = reader.integer(type);
                    return;
                case 6:
                    uncompressed = reader.integer(type);
                    return;
                case 7:
                    compressed = reader.integer(type);
                    return;
                case 9:
                    data_offset = reader.integer(type);
                    return;
                case 11:
                    dictionary_offset = reader.integer(type);
                    return;
                default:
                    reader.skip(type);
            }
        });
    });
    const auto fail = [&](std::string_view what) {
        reader.fail(fmt::format("column '{}' {}", columns_[column].name, what));
    };
    if (is_elsewhere) {
        fail("is in another file");
    }
    if (type_number != static_cast<std::int64_t>(columns_[column].type)) {
        fail("has another type than the schema says");
    }
    if (codec < 0 || codec > static_cast<std::int64_t>(Codec::lz4_raw)) {
        fail(fmt::format("has the unknown codec {}", codec));
    }
    // The dictionary page stands first; writers that had none have left 0 there.
    const bool has_dictionary = dictionary_offset > 0 && dictionary_offset < data_offset;
    const std::int64_t begin = has_dictionary ? dictionary_offset : data_offset;
    const auto limit = static_cast<std::int64_t>(footer_begin_);
    if (begin < static_cast<std::int64_t>(kMagicBytes) || compressed < 0 || begin > limit ||
        compressed > limit - begin) {
        fail(
            fmt::format("should have {} bytes at byte {}, outside of the data", compressed, begin));
    }
    if (uncompressed < 0 || values < 0) {
        fail("has a negative size");
    }
    chunk.begin = static_cast<std::uint64_t>(begin);
    chunk.end = static_cast<std::uint64_t>(begin + compressed);
    chunk.values = static_cast<std::uint64_t>(values);
    chunk.uncompressed_bytes = static_cast<std::uint64_t>(uncompressed);
    chunk.codec = static_cast<Codec>(codec);
    return chunk;
}

std::uint64_t ParquetFooter::memory_bytes() const noexcept {
    std::uint64_t bytes = kPieceBytes + groups_.capacity() * sizeof(RowGroup);
    for (const ParquetColumn& column : columns_) {
        bytes += sizeof column + column.name.capacity();
    }
    return bytes;
}

}  // namespace erawise::decode
