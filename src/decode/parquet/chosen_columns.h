#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "decode/decoder.h"
#include "decode/parquet/footer.h"
#include "era/number_pieces.h"

namespace erawise::decode {

/// Which columns of a file are read, by their numbers in it.
struct ChosenColumns {
    struct Feature {
        std::uint32_t index = 0;
        era::Piece piece = era::Piece::whole;
    };
    std::vector<Feature> features;
    std::uint32_t ids = 0;
    std::optional<std::uint32_t> eras;        ///< none: the file is one era
    std::optional<std::uint32_t> data_types;  ///< none: rows are not filtered

    /// The features, then ids, eras and kinds of rows.
    [[nodiscard]] std::vector<std::uint32_t> columns() const;
};

/// A file's columns, and its name for messages.
struct NamedColumns {
    const std::string& file;
    std::span<const std::string> names;  ///< of `columns`
    std::span<const ParquetColumn> columns;
};

/// Finds the columns of `selected`, those that say what a row is, and, where only rows of
/// `data_type` are wanted (empty: all are), theirs. Columns that nobody uses may have names that
/// are there twice. Error(data): a column that is missing, is there twice, or cannot be read as
/// what it should be.
ChosenColumns choose_columns(const NamedColumns& file, std::span<const SelectedColumn> selected,
                             const std::string& data_type);

}  // namespace erawise::decode
