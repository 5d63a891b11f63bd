#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "decode/parquet/page.h"
#include "decode/parquet/page_slices.h"
#include "decode/parquet/plane_kernels.h"
#include "era/era_batch.h"
#include "era/number_pieces.h"

namespace erawise::decode {

/// A feature of a Parquet file: how its values are stored here, and how far it has been read.
struct FeatureColumn {
    /// The page that comes next, and how many of its rows were taken already.
    struct Cursor {
        std::uint64_t page = 0;
        std::uint32_t skip = 0;
    };

    const ParquetColumn* column = nullptr;
    std::uint32_t index = 0;  ///< in the file
    era::Piece piece = era::Piece::whole;

    // As it is stored. Codes start with room for eight levels: five, the missing one, two to spare.
    era::Levels levels = {};
    era::ColumnForm form = era::ColumnForm::coded;
    std::uint8_t planes = 3;

    // Within a row group.
    ColumnChunk chunk = {};
    Cursor cursor = {};
    std::uint64_t dictionary_page = 0;  ///< 0: none was met yet
    std::uint32_t dictionary_size = 0;
    era::CodeMap
        map{};  ///< from the chunk's dictionary to `levels`, when it has at most 16 entries
    bool map_is_identity = false;
    bool needs_whole_pages = false;        ///< one of its pages could not be sliced
    std::unique_ptr<PageSlices> slices{};  ///< of the page at the cursor, once a part was decoded

    /// Goes to the beginning of a row group.
    void open(const ColumnChunk& next_chunk) {
        chunk = next_chunk;
        cursor = {chunk.begin, 0};
        dictionary_page = 0;
        dictionary_size = 0;
        needs_whole_pages = false;
        slices.reset();
    }

    /// Where in the file reading goes on.
    [[nodiscard]] std::uint64_t file_position() const noexcept {
        return slices ? slices->place.begin + slices->indices.stream.input : cursor.page;
    }
};

/// Where a column's rows go: planes, or values for a plain column.
struct ColumnTarget {
    Planes planes{};
    float* values = nullptr;
};

/// Whether rows fit where they shall go, or the column's form or planes changed on the way.
enum class LayoutFit : std::uint8_t { fits, needs_new_layout };

/// Whether the page's values are indices to a dictionary.
constexpr bool is_indexed(Encoding encoding) noexcept {
    return encoding == Encoding::plain_dictionary || encoding == Encoding::rle_dictionary;
}

/// A page of which a value comes, for messages.
struct PagePlace {
    const PageReader& pages;
    std::uint64_t begin;  ///< in the file
};

/// The code of a value, which becomes a level when it is new. Error(data) when it is infinite.
LayoutFit code_of(FeatureColumn& column, float value, std::uint8_t& code, const PagePlace& place);

/// Values as codes, to `planes` from bit `position` on; new ones become levels.
LayoutFit encode(FeatureColumn& column, std::span<const float> values, const Planes& planes,
                 std::size_t position, const PagePlace& place);

/// The same without codes: new values become levels, until the column turns plain.
void learn(FeatureColumn& column, std::span<const float> values, const PagePlace& place);

/// Whether the missing value would take a plane more than there is: all codes are taken, and none
/// by it.
bool null_takes_another_plane(const FeatureColumn& column);

}  // namespace erawise::decode
