#include "decode/parquet/feature_dictionary.h"

#include <fmt/format.h>

#include "decode/parquet/number_values.h"

namespace erawise::decode {

bool FeatureDictionary::is_of(const FeatureColumn& column) const noexcept {
    return column.dictionary_page == page_ && column.piece == piece_;
}

LayoutFit FeatureDictionary::take(FeatureColumn& column, const Page& page) {
    read_values(column, page);
    page_ = page.begin;
    piece_ = column.piece;
    column.dictionary_page = page.begin;
    column.dictionary_size = page.rows;
    if (column.form == era::ColumnForm::plain) {
        return LayoutFit::fits;
    }
    if (page.rows > era::kMaxLevels) {
        column.form = era::ColumnForm::plain;
        return LayoutFit::needs_new_layout;
    }
    return map_codes(column, page.begin);
}

void FeatureDictionary::read_values(const FeatureColumn& column, const Page& page) {
    Page plain = page;
    plain.encoding = Encoding::plain;
    NumberValues numbers(*column.column, plain, page.rows, {}, column.piece);
    // What the page's bytes can hold was compared with its header. Nobody has a dictionary of bits.
    if (page.rows > page.values.size()) {
        pages_.fail(
            *column.column, page.begin,
            fmt::format("a dictionary of {} values in {} bytes", page.rows, page.values.size()));
    }
    values_.resize(page.rows);
    if (!numbers.read(values_)) {
        pages_.fail(*column.column, page.begin, "the dictionary is damaged");
    }
}

LayoutFit FeatureDictionary::map_codes(FeatureColumn& column, std::uint64_t page) {
    column.map_is_identity = true;
    for (std::uint8_t i = 0; i < values_.size(); ++i) {
        if (code_of(column, values_[i], column.map[i], {pages_, page}) ==
            LayoutFit::needs_new_layout) {
            return LayoutFit::needs_new_layout;
        }
        column.map_is_identity = column.map_is_identity && column.map[i] == i;
    }
    return LayoutFit::fits;
}

void FeatureDictionary::load(FeatureColumn& column) {
    if (column.dictionary_page != 0 && !is_of(column)) {
        take(column, pages_.read(*column.column, column.chunk, column.dictionary_page));
    }
}

void FeatureDictionary::restore(const FeatureColumn& column) {
    if (column.form == era::ColumnForm::plain || is_of(column)) {
        return;
    }
    values_.resize(column.dictionary_size);
    for (std::size_t i = 0; i < values_.size(); ++i) {
        values_[i] = column.levels.values[column.map[i]];
    }
    page_ = column.dictionary_page;
    piece_ = column.piece;
}

}  // namespace erawise::decode
