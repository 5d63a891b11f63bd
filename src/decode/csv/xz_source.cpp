#include "decode/csv/xz_source.h"

#include <fmt/format.h>
#include <lzma.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <utility>

#include "decode/input_file.h"
#include "util/byte_size.h"
#include "util/error.h"

namespace erawise::decode {
namespace {

/// Compressed bytes per system call: large enough that the calls cost nothing, small beside the
/// dictionary (8 MiB at xz -6).
constexpr std::size_t kInputBytes = 64 * util::kKiB;

constexpr std::uint32_t kFlags = LZMA_CONCATENATED | LZMA_TELL_UNSUPPORTED_CHECK;

class XzSource final : public ByteSource {
  public:
    XzSource(const std::filesystem::path& path, const XzOptions& options) : file_(path) {
        start(options);
    }
    ~XzSource() override { lzma_end(&stream_); }
    XzSource(const XzSource&) = delete;
    XzSource& operator=(const XzSource&) = delete;

    std::size_t read(std::span<char> buffer) override;
    std::uint64_t consumed_bytes() const override { return file_.consumed_bytes(); }
    std::uint64_t memory_bytes() const override {
        return lzma_memusage(&stream_) + sizeof(XzSource);
    }

  private:
    void start(const XzOptions& options);
    void refill();
    void warn_of_check();
    [[noreturn]] void fail(lzma_ret code) const;
    [[nodiscard]] std::string position() const;

    InputFile file_;
    lzma_stream stream_ = LZMA_STREAM_INIT;
    bool end_of_file_ = false;
    bool end_of_stream_ = false;
    bool has_warned_ = false;
    std::array<char, kInputBytes> input_;
};

void XzSource::start(const XzOptions& options) {
    lzma_ret code = LZMA_OK;
    if (options.threads > 1) {
        lzma_mt threading{};
        threading.flags = kFlags;
        threading.threads = options.threads;
        threading.memlimit_threading = options.threading_limit_bytes;
        threading.memlimit_stop = options.memory_limit_bytes;
        code = lzma_stream_decoder_mt(&stream_, &threading);
    } else {
        code = lzma_stream_decoder(&stream_, options.memory_limit_bytes, kFlags);
    }
    if (code != LZMA_OK) {
        fail(code);
    }
}

void XzSource::refill() {
    const std::size_t count = file_.read(input_);
    end_of_file_ = count < input_.size();
    stream_.next_in = reinterpret_cast<const std::uint8_t*>(input_.data());
    stream_.avail_in = count;
}

std::size_t XzSource::read(std::span<char> buffer) {
    stream_.next_out = reinterpret_cast<std::uint8_t*>(buffer.data());
    stream_.avail_out = buffer.size();
    while (stream_.avail_out > 0 && !end_of_stream_) {
        if (stream_.avail_in == 0 && !end_of_file_) {
            refill();
        }
        const lzma_ret code = lzma_code(&stream_, end_of_file_ ? LZMA_FINISH : LZMA_RUN);
        if (code == LZMA_STREAM_END) {
            end_of_stream_ = true;
        } else if (code == LZMA_UNSUPPORTED_CHECK) {
            warn_of_check();
        } else if (code != LZMA_OK) {
            fail(code);
        }
    }
    return buffer.size() - stream_.avail_out;
}

/// Each stream of the file tells it.
void XzSource::warn_of_check() {
    if (!std::exchange(has_warned_, true)) {
        spdlog::warn(
            "{}: liblzma {} does not know the integrity check of the xz stream (type {}): what is "
            "read is not verified",
            file_.path().string(), lzma_version_string(),
            static_cast<int>(lzma_get_check(&stream_)));
    }
}

std::string XzSource::position() const {
    return fmt::format("at byte {} of the file (byte {} of the decoded text)", stream_.total_in,
                       stream_.total_out);
}

void XzSource::fail(lzma_ret code) const {
    const std::string name = file_.path().string();
    const auto data_error = [&](std::string_view what) {
        return util::Error(util::ErrorKind::data,
                           fmt::format("{}: {} {}; download it again", name, what, position()));
    };
    switch (code) {
        case LZMA_BUF_ERROR:
            throw data_error("the xz stream is truncated: it ends");
        case LZMA_DATA_ERROR:
            throw data_error("the xz stream is corrupt");
        case LZMA_FORMAT_ERROR:
            throw data_error("no xz stream starts");
        case LZMA_OPTIONS_ERROR:
            throw util::Error(
                util::ErrorKind::data,
                fmt::format("{}: the xz stream uses options that liblzma {} does not know {}", name,
                            lzma_version_string(), position()));
        case LZMA_MEMLIMIT_ERROR:
            throw util::Error(
                util::ErrorKind::memory,
                fmt::format("{}: decoding needs {} {}, the memory plan has {} for it; raise the "
                            "limit, or compress the file with a smaller dictionary (xz -1)",
                            name, util::format_byte_size(lzma_memusage(&stream_)), position(),
                            util::format_byte_size(lzma_memlimit_get(&stream_))));
        case LZMA_MEM_ERROR:
            throw util::Error(util::ErrorKind::memory,
                              fmt::format("{}: no memory for the xz decoder", name));
        default:
            throw util::Error(util::ErrorKind::bug,
                              fmt::format("{}: liblzma answered {} {}", name,
                                          static_cast<int>(code), position()));
    }
}

}  // namespace

std::unique_ptr<ByteSource> open_xz_file(const std::filesystem::path& path,
                                         const XzOptions& options) {
    return std::make_unique<XzSource>(path, options);
}

const char* xz_library_version() {
    return lzma_version_string();
}

}  // namespace erawise::decode
