// A Parquet file, decoded whole. What is wrong with it must be a util::Error.

#include <spdlog/spdlog.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "decode/decoder.h"
#include "util/error.h"

namespace {

using namespace erawise;

/// Bytes as a file that has no name on any disk.
class MemoryFile {
  public:
    MemoryFile(const std::uint8_t* data, std::size_t size)
        : descriptor_(memfd_create("fuzz", MFD_CLOEXEC)) {
        if (descriptor_ < 0 || write(descriptor_, data, size) != static_cast<ssize_t>(size)) {
            std::abort();
        }
    }
    ~MemoryFile() { close(descriptor_); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    [[nodiscard]] std::filesystem::path path() const {
        return "/proc/self/fd/" + std::to_string(descriptor_);
    }

  private:
    int descriptor_;
};

constexpr std::size_t kBatchBytes = 256 * 1024;
constexpr std::size_t kMostBatches = 1000;  // a damaged count of rows may be any number

void decode_all(const std::filesystem::path& path, std::uint64_t window_bytes) {
    decode::DecodeOptions options;
    options.window_bytes = window_bytes;
    options.page_bytes = std::uint64_t{16} << 20;
    const std::unique_ptr<decode::Decoder> decoder = decode::open_decoder(path, options);
    std::vector<std::string> features;
    std::ranges::copy_if(decoder->column_names(), std::back_inserter(features),
                         decode::is_feature_name);
    decoder->select(features);
    era::EraBatch batch(kBatchBytes);
    for (std::size_t i = 0; i < kMostBatches && decoder->next(batch); ++i) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    spdlog::set_level(spdlog::level::off);
    if (size < 4 || std::string_view(reinterpret_cast<const char*>(data), 4) != "PAR1") {
        return 0;  // it would be read as CSV
    }
    const MemoryFile file(data, size);
    for (const std::uint64_t window_bytes : {std::uint64_t{16} << 20, std::uint64_t{4096}}) {
        try {
            decode_all(file.path(), window_bytes);
        } catch (const util::Error&) {
        }
    }
    return 0;
}
