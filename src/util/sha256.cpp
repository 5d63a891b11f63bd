#include "util/sha256.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/evp.h>

#include <array>
#include <fstream>
#include <memory>

#include "util/error.h"

namespace erawise::util {

std::string sha256_of_file(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw Error(ErrorKind::disk, fmt::format("cannot read {}", path.string()));
    }
    const auto release = [](EVP_MD_CTX* context) { EVP_MD_CTX_free(context); };
    const std::unique_ptr<EVP_MD_CTX, decltype(release)> context(EVP_MD_CTX_new(), release);
    bool good = context && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
    std::array<char, 16384> block{};
    while (good && file.read(block.data(), block.size()).gcount() > 0) {
        good = EVP_DigestUpdate(context.get(), block.data(),
                                static_cast<std::size_t>(file.gcount())) == 1;
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    if (!good || file.bad() || EVP_DigestFinal_ex(context.get(), digest.data(), &length) != 1) {
        throw Error(ErrorKind::disk, fmt::format("cannot read {} to its end", path.string()));
    }
    return fmt::format("{:02x}", fmt::join(digest.data(), digest.data() + length, ""));
}

}  // namespace erawise::util
