#pragma once

#include <snappy.h>
#include <zstd.h>

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "decode/parquet/chunk.h"
#include "decode/parquet/page.h"
#include "decode/parquet/schema.h"
#include "decode/parquet/thrift_fields.h"

namespace erawise::test {

/// Writes Thrift's compact protocol, for tests of what reads it.
class ThriftWriter {
  public:
    using Type = decode::ThriftReader::Type;

    void number(int id, std::int64_t value, Type type = Type::int32) {
        begin_field(id, type);
        varint(zigzag(value));
    }
    void text(int id, std::string_view value) {
        begin_field(id, Type::binary);
        varint(value.size());
        bytes_ += value;
    }
    void begin_struct(int id) {
        begin_field(id, Type::structure);
        begin_element();
    }
    void begin_element() { ids_.push_back(0); }  ///< a struct in a list
    void end() {
        bytes_ += '\0';
        ids_.pop_back();
    }
    void list(int id, Type element, std::size_t size) {
        begin_field(id, Type::list);
        bytes_ += static_cast<char>(0xF0 | static_cast<int>(element));
        varint(size);
    }
    void element(std::int64_t value) { varint(zigzag(value)); }

    [[nodiscard]] const std::string& bytes() const { return bytes_; }

  private:
    static std::uint64_t zigzag(std::int64_t value) {
        return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
    }
    void varint(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7) {
            bytes_ += static_cast<char>(value | 0x80);
        }
        bytes_ += static_cast<char>(value);
    }
    void begin_field(int id, Type type) {
        bytes_ += static_cast<char>((id - ids_.back()) << 4 | static_cast<int>(type));
        ids_.back() = id;
    }

    std::string bytes_;
    std::vector<int> ids_ = {0};
};

/// A page before it is packed.
struct SamplePage {
    decode::PageKind kind = decode::PageKind::data;
    decode::Encoding encoding = decode::Encoding::plain;
    std::size_t rows = 0;
    std::string body = {};  ///< with levels in front, where there are nulls
};

template <typename Value>
std::string plain_bytes(std::span<const Value> values) {
    return {reinterpret_cast<const char*>(values.data()), values.size_bytes()};
}

inline SamplePage dictionary_page(const std::vector<float>& values) {
    return {.kind = decode::PageKind::dictionary,
            .rows = values.size(),
            .body = plain_bytes(std::span(values))};
}

inline SamplePage plain_page(const std::vector<float>& values) {
    return {.rows = values.size(), .body = plain_bytes(std::span(values))};
}

inline SamplePage text_page(const std::vector<std::string>& texts) {
    SamplePage page{.rows = texts.size()};
    for (const std::string& text : texts) {
        const auto size = static_cast<std::uint32_t>(text.size());
        page.body.append(reinterpret_cast<const char*>(&size), sizeof size);
        page.body += text;
    }
    return page;
}

/// Values of `width` bits as one packed run, the last group of eight filled up with zeros.
inline std::string packed_run(std::span<const std::uint32_t> values, unsigned width) {
    const std::size_t groups = (values.size() + 7) / 8;
    std::string bytes;
    for (std::uint64_t header = groups << 1 | 1; true; header >>= 7) {
        bytes += static_cast<char>(header >= 0x80 ? header | 0x80 : header);
        if (header < 0x80) {
            break;
        }
    }
    std::string packed(groups * width, '\0');
    for (std::size_t bit = 0; bit < values.size() * width; ++bit) {
        if ((values[bit / width] >> (bit % width) & 1) != 0) {
            packed[bit / 8] = static_cast<char>(packed[bit / 8] | 1 << (bit % 8));
        }
    }
    return bytes + packed;
}

/// A page of indices to a dictionary.
inline SamplePage codes_page(std::span<const std::uint32_t> codes, unsigned width = 3) {
    return {.encoding = decode::Encoding::rle_dictionary,
            .rows = codes.size(),
            .body = static_cast<char>(width) + packed_run(codes, width)};
}

/// The same of a column that may have nulls: `codes` of the rows that `defined` has a 1 for.
inline SamplePage codes_page(std::span<const std::uint32_t> codes,
                             std::span<const std::uint32_t> defined, unsigned width = 3) {
    SamplePage page = codes_page(codes, width);
    const std::string levels = packed_run(defined, 1);
    const auto size = static_cast<std::uint32_t>(levels.size());
    page.rows = defined.size();
    page.body = std::string(reinterpret_cast<const char*>(&size), sizeof size) + levels + page.body;
    return page;
}

/// A column's pages in a row group.
struct SampleChunk {
    std::vector<SamplePage> pages;
    decode::Codec codec = decode::Codec::none;
};

struct SampleColumn {
    std::string name;
    decode::PhysicalType type = decode::PhysicalType::float32;
    bool is_optional = false;
};

/// A Parquet file, put together page by page.
class SampleFile {
  public:
    explicit SampleFile(std::vector<SampleColumn> columns) : columns_(std::move(columns)) {}

    /// A row group; its rows are those of the first chunk's data pages.
    SampleFile& add(const std::vector<SampleChunk>& chunks) {
        Group group{.rows = 0, .chunks = {}};
        for (const SampleChunk& chunk : chunks) {
            group.chunks.push_back(write(chunk));
        }
        for (const SamplePage& page : chunks.front().pages) {
            group.rows += page.kind == decode::PageKind::data ? page.rows : 0;
        }
        groups_.push_back(std::move(group));
        return *this;
    }

    /// What add() made of chunk `chunk` of row group `group`, as the footer gives it.
    [[nodiscard]] decode::ColumnChunk chunk(std::size_t group, std::size_t chunk) const {
        const Chunk& place = groups_[group].chunks[chunk];
        return {.begin = place.begin,
                .end = place.begin + place.bytes,
                .values = groups_[group].rows,
                .codec = place.codec};
    }

    [[nodiscard]] std::string bytes() const {
        const std::string footer = this->footer();
        const auto size = static_cast<std::uint32_t>(footer.size());
        return bytes_ + footer + std::string(reinterpret_cast<const char*>(&size), sizeof size) +
               "PAR1";
    }

  private:
    struct Chunk {
        std::uint64_t begin = 0;
        std::uint64_t bytes = 0;
        std::uint64_t data = 0;
        decode::Codec codec = decode::Codec::none;
        bool has_dictionary = false;
    };
    struct Group {
        std::size_t rows = 0;
        std::vector<Chunk> chunks;
    };

    static std::string pack(decode::Codec codec, const std::string& body) {
        std::string packed;
        switch (codec) {
            case decode::Codec::none:
                return body;
            case decode::Codec::snappy:
                snappy::Compress(body.data(), body.size(), &packed);
                return packed;
            case decode::Codec::zstd:
                packed.resize(ZSTD_compressBound(body.size()));
                packed.resize(
                    ZSTD_compress(packed.data(), packed.size(), body.data(), body.size(), 1));
                return packed;
            default:
                throw std::invalid_argument("a codec that no sample has");
        }
    }

    static std::string header_of(const SamplePage& page, std::size_t packed_bytes) {
        namespace thrift = decode::thrift;
        const bool is_dictionary = page.kind == decode::PageKind::dictionary;
        ThriftWriter header;
        header.number(thrift::PageHeader::type, is_dictionary ? thrift::PageType::dictionary_page
                                                              : thrift::PageType::data_page);
        header.number(thrift::PageHeader::uncompressed_page_size,
                      static_cast<std::int64_t>(page.body.size()));
        header.number(thrift::PageHeader::compressed_page_size,
                      static_cast<std::int64_t>(packed_bytes));
        header.begin_struct(is_dictionary ? thrift::PageHeader::dictionary_page_header
                                          : thrift::PageHeader::data_page_header);
        header.number(thrift::DataPageHeader::num_values, static_cast<std::int64_t>(page.rows));
        header.number(thrift::DataPageHeader::encoding, static_cast<int>(page.encoding));
        if (!is_dictionary) {
            header.number(thrift::DataPageHeader::definition_level_encoding,
                          static_cast<int>(decode::Encoding::rle));
        }
        header.end();
        header.end();
        return header.bytes();
    }

    Chunk write(const SampleChunk& chunk) {
        Chunk place{.begin = bytes_.size(), .codec = chunk.codec};
        for (const SamplePage& page : chunk.pages) {
            if (page.kind == decode::PageKind::dictionary) {
                place.has_dictionary = true;
            } else if (place.data == 0) {
                place.data = bytes_.size();
            }
            const std::string packed = pack(chunk.codec, page.body);
            bytes_ += header_of(page, packed.size()) + packed;
        }
        place.bytes = bytes_.size() - place.begin;
        return place;
    }

    [[nodiscard]] std::string footer() const {
        namespace thrift = decode::thrift;
        using Type = ThriftWriter::Type;
        std::size_t rows = 0;
        for (const Group& group : groups_) {
            rows += group.rows;
        }
        ThriftWriter footer;
        footer.list(thrift::FileMetaData::schema, Type::structure, columns_.size() + 1);
        write_schema(footer);
        footer.number(thrift::FileMetaData::num_rows, static_cast<std::int64_t>(rows), Type::int64);
        footer.list(thrift::FileMetaData::row_groups, Type::structure, groups_.size());
        for (const Group& group : groups_) {
            write_group(footer, group);
        }
        footer.text(thrift::FileMetaData::created_by, "a test");
        footer.end();
        return footer.bytes();
    }

    void write_schema(ThriftWriter& footer) const {
        namespace thrift = decode::thrift;
        footer.begin_element();
        footer.text(thrift::SchemaElement::name, "schema");
        footer.number(thrift::SchemaElement::num_children,
                      static_cast<std::int64_t>(columns_.size()));
        footer.end();
        for (const SampleColumn& column : columns_) {
            footer.begin_element();
            footer.number(thrift::SchemaElement::type, static_cast<int>(column.type));
            footer.number(thrift::SchemaElement::repetition_type, column.is_optional ? 1 : 0);
            footer.text(thrift::SchemaElement::name, column.name);
            footer.end();
        }
    }

    void write_group(ThriftWriter& footer, const Group& group) const {
        namespace thrift = decode::thrift;
        using Type = ThriftWriter::Type;
        footer.begin_element();
        footer.list(thrift::RowGroup::columns, Type::structure, group.chunks.size());
        for (std::size_t i = 0; i < group.chunks.size(); ++i) {
            footer.begin_element();
            footer.begin_struct(thrift::ColumnChunk::meta_data);
            write_chunk(footer, group.chunks[i], i, group.rows);
            footer.end();
            footer.end();
        }
        footer.number(thrift::RowGroup::num_rows, static_cast<std::int64_t>(group.rows),
                      Type::int64);
        footer.end();
    }

    void write_chunk(ThriftWriter& footer, const Chunk& chunk, std::size_t column,
                     std::size_t rows) const {
        using Field = decode::thrift::ColumnMetaData;
        using Type = ThriftWriter::Type;
        const auto number = [&](int id, std::uint64_t value) {
            footer.number(id, static_cast<std::int64_t>(value), Type::int64);
        };
        footer.number(Field::type, static_cast<int>(columns_[column].type));
        footer.number(Field::codec, static_cast<int>(chunk.codec));
        number(Field::num_values, rows);
        number(Field::total_compressed_size, chunk.bytes);
        number(Field::data_page_offset, chunk.data);
        if (chunk.has_dictionary) {
            number(Field::dictionary_page_offset, chunk.begin);
        }
    }

    std::vector<SampleColumn> columns_;
    std::string bytes_ = "PAR1";
    std::vector<Group> groups_;
};

}  // namespace erawise::test
