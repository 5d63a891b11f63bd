#pragma once

#include <cstddef>
#include <cstdint>

#include "decode/parquet/feature_column.h"
#include "decode/parquet/feature_dictionary.h"
#include "decode/parquet/page.h"
#include "decode/parquet/page_facts.h"
#include "decode/parquet/page_rows.h"

namespace erawise::decode {

/// Looks at pages of features ahead of decoding them: what they take, and which values they have.
/// These become levels of the column, which turns plain where they are too many.
///
/// The column is at the beginning of its chunk before and afterwards. Errors: those of PageReader.
class PageProbe {
  public:
    /// They must live as long.
    PageProbe(PageReader& pages, FeatureDictionary& dictionary, PageRows& rows)
        : pages_(pages), dictionary_(dictionary), rows_(rows) {}

    /// Looks at the first rows of the chunk. `long_rows`: pages of more rows are long.
    PageFacts look_at_first(FeatureColumn& column, std::size_t long_rows);
    /// Looks at all of its rows, as far as they tell more.
    PageFacts look_at_all(FeatureColumn& column, std::size_t long_rows);
    /// Looks at the headers of the first pages alone: nothing is learned of values, so that rows of
    /// other row groups may be in a window.
    PageFacts look_at_headers(FeatureColumn& column);

  private:
    /// How much of the pages is looked at.
    struct Extent {
        std::size_t rows;        ///< of a page
        std::size_t long_rows;   ///< pages of more rows are long
        bool is_survey = false;  ///< what is not looked at counts as values of all kinds
    };

    PageReader::Header look_at_page(FeatureColumn& column, std::uint64_t offset,
                                    const Extent& extent, PageFacts& facts);
    void see_dictionary(FeatureColumn& column, const PageReader::Header& header, PageFacts& facts);
    void learn_dictionary(FeatureColumn& column, const PageReader::Header& header);
    void learn_page(FeatureColumn& column, const PageReader::Header& header, const Extent& extent);
    void learn_values(FeatureColumn& column, std::size_t rows);
    void learn_null(FeatureColumn& column, std::size_t rows);

    PageReader& pages_;
    FeatureDictionary& dictionary_;
    PageRows& rows_;
};

}  // namespace erawise::decode
