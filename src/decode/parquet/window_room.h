#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "decode/decoder.h"
#include "decode/parquet/feature_set.h"
#include "decode/parquet/memory.h"
#include "decode/parquet/page.h"
#include "decode/parquet/plane_window.h"
#include "decode/parquet/row_labels.h"
#include "era/era_batch.h"

namespace erawise::decode {

/// The window of rows, and the memory that the plan has for it, for pages and for batches. Where
/// rows take more than was known, it asks for another plan: between windows, when nothing is held.
class WindowRoom {
  public:
    /// They must live as long. `file`: its name, for messages.
    WindowRoom(const std::string& file, FeatureSet& features, RowLabels& labels,
               const MemoryGrant& granted)
        : file_(file), features_(features), labels_(labels), granted_(granted) {}

    /// What decoding takes, by what was seen of the pages.
    [[nodiscard]] ParquetMemory& memory() noexcept { return memory_; }
    [[nodiscard]] const ParquetMemory& memory() const noexcept { return memory_; }

    void set_source(MemorySource source) { source_ = std::move(source); }
    [[nodiscard]] bool has_source() const noexcept { return source_ != nullptr; }

    /// Gives the window back, and takes what is granted from now on.
    void grant(const MemoryGrant& granted);
    [[nodiscard]] std::uint64_t window_bytes() const noexcept { return granted_.window_bytes; }

    [[nodiscard]] PlaneWindow& window() noexcept { return window_; }
    [[nodiscard]] const PlaneWindow& window() const noexcept { return window_; }
    void release_window() { window_ = PlaneWindow(0); }

    [[nodiscard]] const era::BlockLayout& layout() const noexcept { return *layout_; }
    [[nodiscard]] const std::shared_ptr<const era::BlockLayout>& shared_layout() const noexcept {
        return layout_;
    }
    /// Takes the layout that features have by now.
    void renew_layout();

    /// Rows that come next need another layout, or more memory: the window ends before them.
    void want_layout() noexcept { wants_layout_ = true; }
    void want_memory() noexcept { wants_memory_ = true; }
    void want_nothing() noexcept { wants_memory_ = false; }
    [[nodiscard]] bool is_wanting() const noexcept { return wants_layout_ || wants_memory_; }

    /// Where a page is when it is read.
    enum class PageHome : std::uint8_t {
        beside_window,
        in_window  ///< while its row group is spilled
    };
    /// Notes a page that is larger than was known: there will be memory for it. Throws it where
    /// nobody can be asked, or was asked before.
    void want_page(const PageTooLarge& page, PageHome home);

    /// Has the window and the batch as much memory as rows take by what is known now. Both are
    /// empty then. `row`: of the file, for messages. Error(memory) when there is less.
    void make(era::EraBatch& batch, std::uint64_t row);

    [[nodiscard]] WindowNeeds needs() const { return memory_.window_needs(*layout_); }

  private:
    [[nodiscard]] bool suffices(const era::EraBatch& batch) const;
    void ask(era::EraBatch& batch, std::uint64_t row);

    const std::string& file_;
    FeatureSet& features_;
    RowLabels& labels_;
    ParquetMemory memory_;
    MemorySource source_;
    MemoryGrant granted_;
    PlaneWindow window_{0};
    std::shared_ptr<const era::BlockLayout> layout_;
    bool wants_layout_ = true;
    bool wants_memory_ = false;        ///< pages take more than there was for them
    std::uint64_t expected_page_ = 0;  ///< the largest for which memory was asked
    std::uint64_t expected_spilled_page_ = 0;
};

}  // namespace erawise::decode
