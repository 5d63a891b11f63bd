#include "decode/parquet/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "decode/parquet/thrift_fields.h"

namespace erawise::decode {
namespace {

using Type = ThriftReader::Type;

/// A longer name is no feature of any model. What is kept of it bounds what is set aside for it.
constexpr std::size_t kMaxNameBytes = 64 * 1024;

/// Arrow's own limit for what a list in the metadata may hold.
constexpr std::uint32_t kMaxElements = 1'000'000;

/// One schema element, a group or a leaf.
struct Element {
    ParquetColumn column;
    std::optional<std::int32_t> type;
    std::int32_t children = 0;
    std::int32_t converted = -1;
    bool is_repeated = false;

    [[nodiscard]] bool is_leaf() const noexcept { return type.has_value(); }
};

/// What an annotation says of a leaf, or of a group.
struct Annotation {
    std::optional<Meaning> meaning;
    std::optional<Shape> shape;
};

Annotation annotation_of_converted(std::int32_t converted) {
    using Converted = thrift::ConvertedType;
    switch (converted) {
        case Converted::utf8:
        case Converted::enumeration:
        case Converted::json:
            return {Meaning::text, {}};
        case Converted::map:
        case Converted::map_key_value:
            return {{}, Shape::map};
        case Converted::list:
            return {{}, Shape::list};
        case Converted::decimal:
            return {Meaning::decimal, {}};
        case Converted::date:
            return {Meaning::date, {}};
        case Converted::time_millis:
        case Converted::time_micros:
            return {Meaning::time, {}};
        case Converted::timestamp_millis:
            return {Meaning::timestamp_ms, {}};
        case Converted::timestamp_micros:
            return {Meaning::timestamp_us, {}};
        case Converted::uint_8:
        case Converted::uint_16:
        case Converted::uint_32:
        case Converted::uint_64:
            return {Meaning::unsigned_number, {}};
        case Converted::int_8:
        case Converted::int_16:
        case Converted::int_32:
        case Converted::int_64:
            return {Meaning::number, {}};
        case Converted::bson:
        case Converted::interval:
            return {Meaning::other, {}};
        default:
            return {};
    }
}

Meaning read_integer_type(ThriftReader& reader) {
    bool is_signed = true;
    reader.read_struct([&](std::int16_t id, Type field) {
        if (id == thrift::IntType::is_signed) {
            is_signed = ThriftReader::boolean(field);
        }
        reader.skip(field);
    });
    return is_signed ? Meaning::number : Meaning::unsigned_number;
}

/// The union TimeUnit has one field: its number is the unit.
Meaning read_timestamp_type(ThriftReader& reader) {
    Meaning meaning = Meaning::timestamp_ms;
    reader.read_struct([&](std::int16_t id, Type field) {
        if (id != thrift::TimestampType::unit || field != Type::structure) {
            return reader.skip(field);
        }
        reader.read_struct([&](std::int16_t unit, Type empty) {
            meaning = unit == thrift::TimeUnit::micros  ? Meaning::timestamp_us
                      : unit == thrift::TimeUnit::nanos ? Meaning::timestamp_ns
                                                        : Meaning::timestamp_ms;
            reader.skip(empty);
        });
    });
    return meaning;
}

Annotation annotation_of_logical(std::int16_t kind) {
    using Logical = thrift::LogicalType;
    switch (kind) {
        case Logical::string:
        case Logical::enumeration:
        case Logical::json:
            return {Meaning::text, {}};
        case Logical::map:
            return {{}, Shape::map};
        case Logical::list:
            return {{}, Shape::list};
        case Logical::decimal:
            return {Meaning::decimal, {}};
        case Logical::date:
            return {Meaning::date, {}};
        case Logical::time:
            return {Meaning::time, {}};
        case Logical::unknown:
            return {Meaning::number, {}};
        case Logical::uuid:
            return {Meaning::uuid, {}};
        case Logical::float16:
            return {Meaning::half, {}};
        case Logical::interval:
        case Logical::bson:
        case Logical::variant:
        case Logical::geometry:
        case Logical::geography:
            return {Meaning::other, {}};
        default:
            return {};  // of a later version of the format: the values are what their type says
    }
}

/// The union LogicalType has one field: its number is the kind.
Annotation read_logical_type(ThriftReader& reader) {
    Annotation annotation;
    reader.read_struct([&](std::int16_t kind, Type type) {
        if (kind == thrift::LogicalType::integer && type == Type::structure) {
            annotation.meaning = read_integer_type(reader);
        } else if (kind == thrift::LogicalType::timestamp && type == Type::structure) {
            annotation.meaning = read_timestamp_type(reader);
        } else {
            annotation = annotation_of_logical(kind);
            reader.skip(type);
        }
    });
    return annotation;
}

Meaning meaning_without_annotation(PhysicalType type) {
    const bool is_bytes =
        type == PhysicalType::byte_array || type == PhysicalType::fixed_byte_array;
    return is_bytes ? Meaning::text : Meaning::number;
}

void take_annotations(Element& element, const Annotation& logical) {
    const Annotation converted = annotation_of_converted(element.converted);
    ParquetColumn& column = element.column;
    if (element.is_leaf()) {
        column.meaning = logical.meaning.value_or(
            converted.meaning.value_or(meaning_without_annotation(column.type)));
        column.shape = element.is_repeated ? Shape::list : Shape::flat;
    } else {
        column.shape = logical.shape.value_or(
            converted.shape.value_or(element.is_repeated ? Shape::list : Shape::structure));
    }
}

void take_type(ThriftReader& reader, Element& element) {
    if (!element.is_leaf()) {
        return;
    }
    if (*element.type < 0 ||
        *element.type > static_cast<std::int32_t>(PhysicalType::fixed_byte_array)) {
        reader.refuse(
            fmt::format("column '{}' has the type {}", element.column.name, *element.type));
    }
    element.column.type = static_cast<PhysicalType>(*element.type);
}

Element read_element(ThriftReader& reader) {
    using Field = thrift::SchemaElement;
    using Repetition = thrift::FieldRepetitionType;
    Element element;
    Annotation logical;
    reader.read_struct([&](std::int16_t id, Type type) {
        switch (id) {
            case Field::type:
                element.type = reader.int32(type);
                return;
            case Field::type_length:
                element.column.byte_width =
                    static_cast<std::uint32_t>(std::max(0, reader.int32(type)));
                return;
            case Field::repetition_type: {
                const std::int32_t repetition = reader.int32(type);
                element.column.is_optional = repetition == Repetition::optional;
                element.is_repeated = repetition == Repetition::repeated;
                return;
            }
            case Field::name:
                element.column.name = reader.text(type, kMaxNameBytes);
                return;
            case Field::num_children:
                element.children = reader.int32(type);
                return;
            case Field::converted_type:
                element.converted = reader.int32(type);
                return;
            case Field::logical_type:
                if (type == Type::structure) {
                    logical = read_logical_type(reader);
                    return;
                }
                [[fallthrough]];
            default:
                reader.skip(type);
        }
    });
    take_type(reader, element);
    take_annotations(element, logical);
    return element;
}

/// Elements stand in depth-first order: a group says how many children follow it.
class SchemaBuilder {
  public:
    explicit SchemaBuilder(ThriftReader& reader) : reader_(reader) {}

    void add(Element element) {
        if (++elements_ > kMaxElements) {
            reader_.refuse(fmt::format("a schema of more than {} columns", kMaxElements));
        }
        if (element.children < 0) {
            reader_.fail("a group of columns with less than none");
        }
        if (elements_ == 1) {
            open_.push_back(element.children);
            return;
        }
        close_groups();
        if (open_.empty()) {
            reader_.fail("the schema has more columns than its groups");
        }
        --open_.back();
        take(std::move(element));
    }

    ParquetSchema finish() {
        close_groups();
        if (!open_.empty() || schema_.columns.empty()) {
            reader_.fail("the schema has fewer columns than its groups, or none");
        }
        return std::move(schema_);
    }

  private:
    void close_groups() {
        while (!open_.empty() && open_.back() == 0) {
            open_.pop_back();
        }
    }

    void take(Element&& element) {
        const bool is_top = open_.size() == 1;
        if (is_top) {
            schema_.columns.push_back(std::move(element.column));
            schema_.columns.back().leaf = schema_.leaves;
        }
        if (!element.is_leaf()) {
            open_.push_back(element.children);
            return;
        }
        ParquetColumn& column = schema_.columns.back();
        if (!is_top && column.leaf == schema_.leaves) {
            column.type = element.column.type;
        }
        ++schema_.leaves;
    }

    ThriftReader& reader_;
    ParquetSchema schema_;
    std::vector<std::int32_t> open_;  ///< children to come of the groups at hand, the root's first
    std::uint32_t elements_ = 0;
};

std::string_view name_of(Meaning meaning) noexcept {
    switch (meaning) {
        case Meaning::decimal:
            return "DECIMAL";
        case Meaning::date:
            return "DATE";
        case Meaning::time:
            return "TIME";
        case Meaning::timestamp_ms:
        case Meaning::timestamp_us:
        case Meaning::timestamp_ns:
            return "TIMESTAMP";
        case Meaning::uuid:
            return "UUID";
        case Meaning::text:
            return "text";
        default:
            return "";
    }
}

}  // namespace

std::string_view name_of(PhysicalType type) noexcept {
    constexpr std::array<std::string_view, 8> kNames = {
        "BOOLEAN", "INT32",  "INT64",      "INT96",
        "FLOAT",   "DOUBLE", "BYTE_ARRAY", "FIXED_LEN_BYTE_ARRAY"};
    return kNames[static_cast<std::size_t>(type)];
}

std::string describe(const ParquetColumn& column) {
    switch (column.shape) {
        case Shape::list:
            return fmt::format("a list of {}", name_of(column.type));
        case Shape::map:
            return "a map";
        case Shape::structure:
            return "a struct";
        case Shape::flat:
            break;
    }
    const std::string_view meaning = name_of(column.meaning);
    const std::string bytes = column.type == PhysicalType::fixed_byte_array
                                  ? fmt::format(" of {} bytes", column.byte_width)
                                  : "";
    return fmt::format("of type {}{}{}", name_of(column.type), bytes,
                       meaning.empty() ? "" : fmt::format(" ({})", meaning));
}

std::uint64_t least_bits_of(const ParquetColumn& column) noexcept {
    switch (column.type) {
        case PhysicalType::boolean:
            return 1;
        case PhysicalType::int32:
        case PhysicalType::float32:
        case PhysicalType::byte_array:  // its length
            return 32;
        case PhysicalType::int64:
        case PhysicalType::float64:
            return 64;
        case PhysicalType::int96:
            return 96;
        case PhysicalType::fixed_byte_array:
            break;
    }
    return std::uint64_t{8} * column.byte_width;
}

ParquetSchema read_schema(ThriftReader& reader, Type type) {
    SchemaBuilder builder(reader);
    reader.read_list(type, [&](Type element) {
        if (element != Type::structure) {
            reader.fail("the list of columns");
        }
        builder.add(read_element(reader));
    });
    return builder.finish();
}

}  // namespace erawise::decode
