#include "decode/read_ahead.h"

#include <algorithm>
#include <cstring>
#include <thread>
#include <vector>

#include "util/bounded_channel.h"

namespace erawise::decode {
namespace {

struct Chunk {
    std::vector<char> bytes;
    std::size_t size = 0;
};

class ReadAhead final : public ByteSource {
  public:
    explicit ReadAhead(std::unique_ptr<ByteSource> source)
        : source_(std::move(source)), empty_(kReadAheadBuffers), full_(kReadAheadBuffers) {
        for (std::size_t i = 0; i < kReadAheadBuffers; ++i) {
            static_cast<void>(empty_.push(Chunk{std::vector<char>(kReadAheadBytes), 0}));
        }
        thread_ = std::jthread([this] { fill(); });
    }
    ~ReadAhead() override {
        empty_.cancel();
        full_.cancel();
    }

    std::size_t read(std::span<char> buffer) override;
    std::uint64_t consumed_bytes() const override { return source_->consumed_bytes(); }
    std::uint64_t memory_bytes() const override {
        return source_->memory_bytes() + kReadAheadBuffers * kReadAheadBytes;
    }

  private:
    void fill() noexcept;

    std::unique_ptr<ByteSource> source_;
    util::BoundedChannel<Chunk> empty_;
    util::BoundedChannel<Chunk> full_;
    Chunk current_;
    std::size_t position_ = 0;
    std::jthread thread_;  // last: it is joined before the rest goes
};

void ReadAhead::fill() noexcept {
    try {
        while (auto chunk = empty_.pop()) {
            chunk->size = source_->read(chunk->bytes);
            const bool is_last = chunk->size < chunk->bytes.size();
            if (!full_.push(std::move(*chunk)) || is_last) {
                break;
            }
        }
        full_.close();
    } catch (...) {
        full_.fail(std::current_exception());
    }
}

std::size_t ReadAhead::read(std::span<char> buffer) {
    std::size_t filled = 0;
    while (filled < buffer.size()) {
        if (position_ == current_.size) {
            if (!current_.bytes.empty()) {
                static_cast<void>(empty_.push(std::move(current_)));
            }
            current_ = Chunk{};
            position_ = 0;
            auto chunk = full_.pop();
            if (!chunk) {
                break;
            }
            current_ = std::move(*chunk);
        }
        const std::size_t count = std::min(buffer.size() - filled, current_.size - position_);
        std::memcpy(buffer.data() + filled, current_.bytes.data() + position_, count);
        filled += count;
        position_ += count;
    }
    return filled;
}

}  // namespace

std::unique_ptr<ByteSource> read_ahead(std::unique_ptr<ByteSource> source) {
    return std::make_unique<ReadAhead>(std::move(source));
}

}  // namespace erawise::decode
