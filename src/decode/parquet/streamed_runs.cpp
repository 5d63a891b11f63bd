#include "decode/parquet/streamed_runs.h"

#include <algorithm>
#include <cstring>

namespace erawise::decode {
namespace {

using Run = HybridRuns::Run;

/// Groups, of up to four bytes, that are copied at a time where they are not ready.
constexpr std::size_t kMostGroups = (StreamedRuns::kPieceBytes - kPagePadding) / 4;

}  // namespace

void StreamedRuns::open(const PageStream::Place& place, unsigned width, const Mark& mark,
                        std::size_t expected) {
    width_ = width;
    state_ = mark;
    std::memcpy(group_.data(), &mark.group, sizeof mark.group);
    stream_.open(place, mark.stream, expected);
}

StreamedRuns::Mark StreamedRuns::mark() const noexcept {
    Mark mark = state_;
    mark.stream = stream_.mark();
    std::memcpy(&mark.group, group_.data(), sizeof mark.group);
    return mark;
}

bool StreamedRuns::read_byte(std::uint8_t& byte) {
    if (state_.bytes_left == 0) {
        return false;
    }
    --state_.bytes_left;
    if (const std::span<const char> ready = stream_.ready(); !ready.empty()) {
        byte = static_cast<std::uint8_t>(ready.front());
        stream_.take(1);
        return true;
    }
    char read = 0;
    const bool is_read = stream_.read({&read, 1});
    byte = static_cast<std::uint8_t>(read);
    return is_read;
}

bool StreamedRuns::read_header() {
    std::uint64_t header = 0;
    std::uint8_t byte = 0;
    if (!read_run_header([this](std::uint8_t& next) { return read_byte(next); }, header)) {
        return false;
    }
    if ((header & 1) != 0) {
        state_.groups_left = header >> 1;
        return true;
    }
    state_.repeats_left = header >> 1;
    if (width_ > 0 && !read_byte(byte)) {
        state_.repeats_left = 0;
        return false;
    }
    state_.value = byte;
    return true;
}

/// Some writers leave out the bytes behind the last value.
Run StreamedRuns::read_groups(std::size_t limit) {
    if (width_ == 0) {
        state_.repeats_left = state_.groups_left * 8;
        state_.groups_left = 0;
        state_.value = 0;
        return next(limit);
    }
    const std::uint64_t wanted =
        std::min<std::uint64_t>(state_.groups_left, limit / 8 + (limit % 8 != 0 ? 1 : 0));
    const std::span<const char> ready = stream_.ready();
    const std::uint64_t ready_groups = std::min(ready.size() / width_, wanted);
    Run run{HybridRuns::Kind::packed, 0, ready.data(), 0, 0};
    std::uint64_t groups = ready_groups;
    std::uint64_t bytes = groups * width_;
    if (groups > 0 && bytes <= state_.bytes_left) {
        stream_.take(static_cast<std::size_t>(bytes));
    } else {
        groups = std::min<std::uint64_t>(wanted, kMostGroups);
        bytes = std::min(groups * width_, state_.bytes_left);
        piece_.resize(kPieceBytes);
        if (!stream_.read(std::span(piece_).first(static_cast<std::size_t>(bytes)))) {
            state_.groups_left = 0;
            return {};
        }
        run.bytes = piece_.data();
    }
    state_.bytes_left -= bytes;
    state_.groups_left -= groups;
    const auto values = static_cast<std::size_t>(std::min(groups * 8, bytes * 8 / width_));
    run.count = std::min(values, limit);
    if (run.count < values) {
        const std::size_t whole = run.count / 8;
        std::memcpy(group_.data(), run.bytes + whole * width_, sizeof state_.group);
        state_.group_first = static_cast<std::uint8_t>(run.count % 8);
        state_.group_values = static_cast<std::uint8_t>(values - whole * 8);
    }
    return run;
}

Run StreamedRuns::next(std::size_t limit) {
    if (state_.group_first < state_.group_values) {
        const Run run{HybridRuns::Kind::packed, 0, group_.data(), state_.group_first,
                      std::min<std::size_t>(limit, state_.group_values - state_.group_first)};
        state_.group_first += static_cast<std::uint8_t>(run.count);
        return run;
    }
    if (state_.repeats_left == 0 && state_.groups_left == 0 && !read_header()) {
        return {};
    }
    if (state_.groups_left > 0) {
        return read_groups(limit);
    }
    const Run run{HybridRuns::Kind::repeated, state_.value, nullptr, 0,
                  static_cast<std::size_t>(std::min<std::uint64_t>(limit, state_.repeats_left))};
    state_.repeats_left -= run.count;
    return run;
}

}  // namespace erawise::decode
