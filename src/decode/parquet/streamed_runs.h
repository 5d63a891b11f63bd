#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "decode/parquet/hybrid_runs.h"
#include "decode/parquet/page_stream.h"

namespace erawise::decode {

/// HybridRuns of a page that is read in pieces: the same runs, and a mark to go on from later.
///
/// The bytes of a run are valid until the next call. Used by one thread at a time.
class StreamedRuns {
  public:
    /// Where to go on.
    struct Mark {
        PageStream::Mark stream;
        std::uint64_t bytes_left = 0;   ///< that the runs have in the page
        std::uint64_t groups_left = 0;  ///< of eight packed values, in the run at hand
        std::uint64_t repeats_left = 0;
        std::uint32_t value = 0;        ///< that is repeated
        std::uint32_t group = 0;        ///< a packed one of which a part was taken
        std::uint8_t group_first = 0;   ///< its first value that was not
        std::uint8_t group_values = 0;  ///< that it has
    };

    /// What it takes for pieces of runs.
    static constexpr std::size_t kPieceBytes = 512 * 4 + kPagePadding;

    /// `stream` must live as long, and is not used otherwise between open() and mark().
    explicit StreamedRuns(PageStream& stream) : stream_(stream) {}

    /// `width`: bits per value, 0 to 4. `expected`: bytes that will be read now.
    void open(const PageStream::Place& place, unsigned width, const Mark& mark,
              std::size_t expected);

    [[nodiscard]] Mark mark() const noexcept;

    /// The next values of one kind, at most `limit` of them; none: the page is damaged, or has no
    /// more.
    HybridRuns::Run next(std::size_t limit);

  private:
    bool read_header();
    bool read_byte(std::uint8_t& byte);
    HybridRuns::Run read_groups(std::size_t limit);

    PageStream& stream_;
    unsigned width_ = 0;
    Mark state_;  ///< but for its stream
    /// Where a run's bytes are not ready: a piece of it, with padding behind.
    std::vector<char> piece_;
    std::array<char, 4 + kPagePadding> group_{};
};

}  // namespace erawise::decode
