#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "decode/byte_source.h"
#include "util/error.h"

namespace erawise::test {

/// Gives a text; can fail at a position, as a damaged file does.
class MemorySource final : public decode::ByteSource {
  public:
    explicit MemorySource(std::string text, std::size_t fail_at = std::string::npos)
        : text_(std::move(text)), fail_at_(fail_at) {}

    std::size_t read(std::span<char> buffer) override {
        const std::size_t count = std::min(buffer.size(), text_.size() - position_);
        if (position_ + count > fail_at_) {
            throw util::Error(util::ErrorKind::data, "the source failed");
        }
        text_.copy(buffer.data(), count, position_);
        position_ += count;
        return count;
    }
    [[nodiscard]] std::uint64_t consumed_bytes() const override { return position_; }
    [[nodiscard]] std::uint64_t memory_bytes() const override { return 0; }

  private:
    std::string text_;
    std::size_t fail_at_;
    std::size_t position_ = 0;
};

inline std::unique_ptr<decode::ByteSource> memory_source(std::string text) {
    return std::make_unique<MemorySource>(std::move(text));
}

}  // namespace erawise::test
