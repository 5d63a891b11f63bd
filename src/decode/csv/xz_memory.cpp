#include <lzma.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "decode/csv/xz_source.h"
#include "decode/random_file.h"
#include "util/byte_size.h"

namespace erawise::decode {
namespace {

constexpr std::size_t kPieceBytes = 4096;  // stream header 12 bytes, block header 1024 at most

/// For the list of blocks, 16 bytes each: 60,000 blocks, of which the usual ones hold 24 MiB each.
/// Freed before anything else is allocated.
constexpr std::uint64_t kIndexBytes = util::kMiB;

/// Less than any stream needs: the decoder stops at once and tells what it would take.
constexpr std::uint64_t kProbeLimit = 1;

struct EndIndex {
    void operator()(lzma_index* index) const noexcept { lzma_index_end(index, nullptr); }
};
using Index = std::unique_ptr<lzma_index, EndIndex>;

/// The list of all blocks of all streams, from the streams' ends. Null when the file is damaged, or
/// has more blocks than there is room for: what is wrong is said when the file is decoded.
Index read_index(const RandomFile& file) {
    lzma_stream stream = LZMA_STREAM_INIT;
    lzma_index* index = nullptr;
    std::array<char, kPieceBytes> piece;
    std::uint64_t position = 0;
    lzma_ret code = lzma_file_info_decoder(&stream, &index, kIndexBytes, file.size());
    while (code == LZMA_OK || code == LZMA_SEEK_NEEDED) {
        if (code == LZMA_SEEK_NEEDED) {
            position = stream.seek_pos;
            stream.avail_in = 0;
        }
        if (stream.avail_in == 0) {
            stream.next_in = reinterpret_cast<const std::uint8_t*>(piece.data());
            stream.avail_in = file.read(position, piece);
            position += stream.avail_in;
        }
        code = lzma_code(&stream, stream.avail_in == 0 ? LZMA_FINISH : LZMA_RUN);
    }
    lzma_end(&stream);
    return Index(code == LZMA_STREAM_END ? index : nullptr);
}

/// What the block takes that begins at `offset`; 0 when its header is damaged.
std::uint64_t block_memory_bytes(const RandomFile& file, std::uint64_t offset, lzma_check check) {
    std::array<std::uint8_t, LZMA_BLOCK_HEADER_SIZE_MAX> header{};
    std::array<lzma_filter, LZMA_FILTERS_MAX + 1> filters{};
    file.read(offset, {reinterpret_cast<char*>(header.data()), header.size()});
    lzma_block block{};
    block.version = 1;
    block.check = check;
    block.filters = filters.data();
    block.header_size = lzma_block_header_size_decode(header[0]);
    if (header[0] == 0 || lzma_block_header_decode(&block, nullptr, header.data()) != LZMA_OK) {
        return 0;
    }
    const std::uint64_t bytes = lzma_raw_decoder_memusage(filters.data());
    lzma_filters_free(filters.data(), nullptr);
    return bytes == UINT64_MAX ? 0 : bytes;
}

std::uint64_t first_block_memory_bytes(const RandomFile& file) {
    std::array<char, kPieceBytes> input;
    lzma_stream stream = LZMA_STREAM_INIT;
    if (lzma_stream_decoder(&stream, kProbeLimit, LZMA_CONCATENATED) != LZMA_OK) {
        return 0;
    }
    std::uint8_t output = 0;
    stream.next_in = reinterpret_cast<const std::uint8_t*>(input.data());
    stream.avail_in = file.read(0, input);
    stream.next_out = &output;
    stream.avail_out = 1;
    [[maybe_unused]] const lzma_ret code =
        lzma_code(&stream, LZMA_RUN);  // whatever is wrong is said when the file is decoded
    const std::uint64_t bytes = lzma_memusage(&stream);
    lzma_end(&stream);
    return bytes;
}

}  // namespace

std::uint64_t xz_memory_bytes(const std::filesystem::path& path) {
    const RandomFile file(path);
    std::uint64_t bytes = first_block_memory_bytes(file);
    const Index index = read_index(file);
    if (!index) {
        return bytes;
    }
    lzma_index_iter block;
    lzma_index_iter_init(&block, index.get());
    while (!lzma_index_iter_next(&block, LZMA_INDEX_ITER_BLOCK)) {
        bytes = std::max(bytes, block_memory_bytes(file, block.block.compressed_file_offset,
                                                   block.stream.flags->check));
    }
    return bytes;
}

}  // namespace erawise::decode
