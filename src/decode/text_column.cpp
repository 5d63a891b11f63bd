#include "decode/text_column.h"

namespace erawise::decode {

void TextColumn::open(const ColumnChunk& chunk) {
    chunk_ = chunk;
    next_page_ = chunk.begin;
    rows_left_ = 0;
}

std::uint64_t TextColumn::probe() {
    next_page();
    open(chunk_);
    return pages_.memory_bytes();
}

void TextColumn::next_page() {
    const Page* page = &pages_.read(column_, chunk_, next_page_);
    if (page->kind == PageKind::dictionary) {
        if (!dictionary_.assign(column_, *page)) {
            pages_.fail(column_, page->begin, "the dictionary is damaged");
        }
        page = &pages_.read(column_, chunk_, page->next);
    }
    if (page->kind != PageKind::data) {
        pages_.fail(column_, page->begin, "a second dictionary");
    }
    page_ = page->begin;
    next_page_ = page->next;
    rows_left_ = page->rows;
    values_ = TextValues(column_, *page, dictionary_);
    levels_ = HybridRuns(page->levels, 1);
    level_run_ = {};
}

bool TextColumn::next_is_defined() {
    if (!column_.is_optional) {
        return true;
    }
    if (level_run_.count == 0) {
        level_run_ = levels_.next(rows_left_);
        if (level_run_.count == 0) {
            pages_.fail(column_, page_, "its levels are damaged");
        }
    }
    --level_run_.count;
    return (level_run_.kind == HybridRuns::Kind::repeated
                ? level_run_.value
                : packed_value(level_run_.bytes, level_run_.first++, 1)) == 1;
}

std::optional<std::string_view> TextColumn::next() {
    while (rows_left_ == 0) {
        next_page();
    }
    const bool is_defined = next_is_defined();
    --rows_left_;
    if (!is_defined) {
        return std::nullopt;
    }
    const std::optional<std::string_view> text = values_.next();
    if (!text) {
        pages_.fail(column_, page_, "its values are damaged, or fewer than its rows");
    }
    return text;
}

}  // namespace erawise::decode
