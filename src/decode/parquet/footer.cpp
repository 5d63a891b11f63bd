#include "decode/parquet/footer.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <memory>
#include <string_view>

#include "decode/parquet/thrift_fields.h"
#include "util/error.h"

namespace erawise::decode {
namespace {

using Type = ThriftReader::Type;

constexpr std::size_t kPieceBytes = 64 * 1024;
constexpr std::uint64_t kMagicBytes = 4;
constexpr std::uint64_t kTailBytes = 8;  ///< length of the metadata, and the magic

constexpr std::size_t kMaxWriterBytes = 256;  ///< that are kept of the writer's name
constexpr std::size_t kMaxRowGroups = 1'000'000;

util::Error data_error(std::string message) {
    return {util::ErrorKind::data, std::move(message)};
}

/// Until version 1.2.9 parquet-mr did not count the header of the dictionary page
/// (https://issues.apache.org/jira/browse/PARQUET-816). Arrow allows for as many bytes.
std::uint64_t uncounted_bytes(std::string_view writer) {
    constexpr std::string_view kWriter = "parquet-mr";
    constexpr std::array<unsigned, 3> kMended = {1, 2, 9};
    if (!writer.starts_with(kWriter)) {
        return 0;
    }
    std::array<unsigned, 3> version{};
    const char* at = writer.data() + std::min(writer.size(), writer.find_first_of("0123456789"));
    const char* const end = writer.data() + writer.size();
    for (unsigned& part : version) {
        at = std::from_chars(at, end, part).ptr;
        at += at != end ? 1 : 0;
    }
    return version < kMended ? 100 : 0;
}

}  // namespace

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
        throw data_error(fmt::format(
            "{}: the file is encrypted; erawise takes no keys, write it without encryption",
            file.name()));
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
            case thrift::FileMetaData::schema:
                schema_ = read_schema(reader, type);
                return;
            case thrift::FileMetaData::num_rows:
                rows = reader.integer(type);
                return;
            case thrift::FileMetaData::row_groups:
                return reader.read_list(type, [&](Type element) {
                    if (element != Type::structure) {
                        reader.fail("the list of row groups");
                    }
                    if (groups_.size() == kMaxRowGroups) {
                        reader.refuse(fmt::format("more than {} row groups", kMaxRowGroups));
                    }
                    groups_.push_back(read_row_group(reader));
                });
            case thrift::FileMetaData::created_by:
                created_by_ = reader.text(type, kMaxWriterBytes);
                return;
            default:
                reader.skip(type);
        }
    });
    for (RowGroup& group : groups_) {
        group.first_row = rows_;
        rows_ += group.rows;
    }
    if (schema_.columns.empty()) {
        reader.fail("it has no columns");
    }
    if (rows_ != static_cast<std::uint64_t>(rows)) {
        // The row groups are compared with the columns' chunks: they cannot be wrong unnoticed.
        spdlog::warn("{}: the row groups have {} rows, which are read; the file should have {}",
                     file_.name(), rows_, rows);
    }
}

ParquetFooter::RowGroup ParquetFooter::read_row_group(ThriftReader& reader) const {
    RowGroup group{reader.position(), 0, 0, 0};
    std::uint32_t columns = 0;
    std::int64_t rows = -1;
    reader.read_struct([&](std::int16_t id, Type type) {
        switch (id) {
            case thrift::RowGroup::columns:
                return reader.read_list(type, [&](Type element) {
                    if (element != Type::structure) {
                        reader.fail("the list of column chunks");
                    }
                    ++columns;
                    reader.skip(element);
                });
            case thrift::RowGroup::num_rows:
                rows = reader.integer(type);
                return;
            case thrift::RowGroup::total_compressed_size:
                group.compressed_bytes = static_cast<std::uint64_t>(reader.integer(type));
                return;
            default:
                reader.skip(type);
        }
    });
    constexpr std::int64_t kMaxRows = std::int64_t{1} << 40;
    const bool has_columns = columns == schema_.leaves || rows == 0;
    if (!has_columns || rows < 0 || rows > kMaxRows) {
        reader.fail(fmt::format("a row group with {} columns of {} and {} rows", columns,
                                schema_.leaves, rows));
    }
    group.rows = static_cast<std::uint64_t>(rows);
    return group;
}

/// Calls `read` at each column chunk of a row group; it takes the chunk or skips it.
void ParquetFooter::read_chunks(std::size_t group,
                                const std::function<void(ThriftReader&)>& read) const {
    ThriftReader reader = reader_at(groups_[group].position);
    reader.read_struct([&](std::int16_t id, Type type) {
        if (id == thrift::RowGroup::columns) {
            reader.read_list(type, [&](Type) { read(reader); });
        } else {
            reader.skip(type);
        }
    });
}

std::vector<ColumnChunk> ParquetFooter::chunks(std::size_t group,
                                               std::span<const std::uint32_t> columns) const {
    constexpr std::uint32_t kUnwanted = UINT32_MAX;
    std::vector<std::uint32_t> slots(schema_.leaves, kUnwanted);
    for (std::uint32_t i = 0; i < columns.size(); ++i) {
        slots[schema_.columns[columns[i]].leaf] = i;
    }
    const ChunkLimits limits{footer_begin_, groups_[group].rows, uncounted_bytes(created_by_)};
    std::vector<ColumnChunk> chunks(columns.size());
    std::size_t leaf = 0;
    read_chunks(group, [&](ThriftReader& reader) {
        const std::uint32_t slot = leaf < slots.size() ? slots[leaf] : kUnwanted;
        ++leaf;
        if (slot == kUnwanted) {
            reader.skip(Type::structure);
            return;
        }
        const ChunkMetadata chunk = read_chunk(reader);
        chunks[slot] = checked_chunk(reader, chunk, schema_.columns[columns[slot]], limits);
    });
    for (std::size_t i = 0; i < columns.size(); ++i) {
        // A column may be asked for several times.
        chunks[i] = chunks[slots[schema_.columns[columns[i]].leaf]];
    }
    return chunks;
}

void ParquetFooter::visit_chunks(std::size_t group,
                                 const std::function<void(const ChunkMetadata&)>& visit) const {
    read_chunks(group, [&](ThriftReader& reader) { visit(read_chunk(reader)); });
}

std::uint64_t ParquetFooter::memory_bytes() const noexcept {
    std::uint64_t bytes = kPieceBytes + groups_.capacity() * sizeof(RowGroup);
    for (const ParquetColumn& column : schema_.columns) {
        bytes += sizeof column + column.name.capacity();
    }
    return bytes;
}

}  // namespace erawise::decode
