// Runs a fuzz target without a fuzzer: every file of the corpus as it is, then mutations of it that
// are the same each time. Reports the first input that ends in anything but a return.
//
//   erawise_fuzz_NAME [--mutations N] [--seconds S] [--keep FILE] PATH...
//
// A path is a file, or a folder of them. --keep writes each mutation to FILE before it runs, so
// that the one that crashed is there afterwards. --seconds goes on with other mutations, N of each
// file in turn, until the time is over.

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;
using Bytes = std::vector<std::uint8_t>;

struct Options {
    std::size_t mutations = 2000;
    std::chrono::seconds duration{0};
    fs::path keep;
    std::vector<fs::path> files;
};

Bytes read_bytes(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

/// What parsers trip over: ends, signs and powers of two, as bytes and as text.
constexpr std::string_view kPieces[] = {
    "0",  "-1", "1e999", "nan",   "-2147483648", "4294967295", "18446744073709551616",
    "\n", "=",  " ",     "{",     "}",           "[",          "]",
    "\"", ":",  ",",     "[$d#L", "[$l#U",       "SL",         "\x7f\xff\xff\xff\xff\xff\xff\xff"};

class Mutator {
  public:
    explicit Mutator(std::uint64_t seed) : generator_(seed) {}

    /// One to four changes.
    void mutate(Bytes& bytes, const Bytes& other) {
        for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
            change(bytes, other);
        }
    }

  private:
    std::size_t below(std::size_t end) { return static_cast<std::size_t>(generator_() % end); }

    Bytes::iterator place(Bytes& bytes) {
        return bytes.begin() + static_cast<std::ptrdiff_t>(below(bytes.size() + 1));
    }

    void change(Bytes& bytes, const Bytes& other) {
        if (bytes.empty()) {
            bytes.push_back(static_cast<std::uint8_t>(below(256)));
            return;
        }
        switch (below(8)) {
            case 0:
                bytes[below(bytes.size())] ^= static_cast<std::uint8_t>(1u << below(8));
                break;
            case 1:
                bytes[below(bytes.size())] = static_cast<std::uint8_t>(below(256));
                break;
            case 2:
                bytes.resize(below(bytes.size()));
                break;
            case 3:
                erase_run(bytes);
                break;
            case 4:
                repeat_run(bytes);
                break;
            case 5:
                put_extreme(bytes);
                break;
            case 6: {
                const std::string_view piece = kPieces[below(std::size(kPieces))];
                bytes.insert(place(bytes), piece.begin(), piece.end());
                break;
            }
            default:
                splice(bytes, other);
        }
    }

    void erase_run(Bytes& bytes) {
        const std::size_t first = below(bytes.size());
        const std::size_t count = std::min(1 + below(64), bytes.size() - first);
        const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(first);
        bytes.erase(begin, begin + static_cast<std::ptrdiff_t>(count));
    }

    void repeat_run(Bytes& bytes) {
        const std::size_t first = below(bytes.size());
        const std::size_t count = std::min(1 + below(64), bytes.size() - first);
        const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(first);
        const Bytes run(begin, begin + static_cast<std::ptrdiff_t>(count));
        bytes.insert(place(bytes), run.begin(), run.end());
    }

    /// A number of 1 to 8 bytes at its least or its most, or with one bit.
    void put_extreme(Bytes& bytes) {
        const std::size_t width = std::size_t{1} << below(4);
        if (bytes.size() < width) {
            return;
        }
        const std::size_t at = below(bytes.size() - width + 1);
        const std::uint64_t values[] = {0, ~std::uint64_t{0}, ~std::uint64_t{0} >> 1,
                                        std::uint64_t{1} << below(8 * width)};
        const std::uint64_t value = values[below(std::size(values))];
        for (std::size_t i = 0; i < width; ++i) {
            bytes[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
        }
    }

    void splice(Bytes& bytes, const Bytes& other) {
        if (other.empty()) {
            return;
        }
        bytes.resize(below(bytes.size()));
        bytes.insert(bytes.end(), other.begin() + static_cast<std::ptrdiff_t>(below(other.size())),
                     other.end());
    }

    std::mt19937_64 generator_;
};

/// Returns whether the target took the input. It has to deal with its own errors.
bool run(const Bytes& bytes, std::string_view name) {
    try {
        LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
        return true;
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}: {}\n", name, error.what());
    } catch (...) {
        fmt::print(stderr, "{}: an exception of no known type\n", name);
    }
    return false;
}

bool run_file(const fs::path& file, const Bytes& other, const Options& options,
              std::uint64_t seed) {
    const Bytes whole = read_bytes(file);
    if (!run(whole, file.string())) {
        return false;
    }
    Mutator mutator(seed);
    for (std::size_t i = 0; i < options.mutations; ++i) {
        Bytes mutated = whole;
        mutator.mutate(mutated, other);
        if (!options.keep.empty()) {
            std::ofstream(options.keep, std::ios::binary)
                .write(reinterpret_cast<const char*>(mutated.data()),
                       static_cast<std::streamsize>(mutated.size()));
        }
        if (!run(mutated, fmt::format("{}, mutation {} of seed {}", file.string(), i, seed))) {
            return false;
        }
    }
    return true;
}

/// Every file, spliced with the next one.
bool run_all(const Options& options, std::uint64_t seed) {
    for (std::size_t i = 0; i < options.files.size(); ++i) {
        const Bytes other = read_bytes(options.files[(i + 1) % options.files.size()]);
        if (!run_file(options.files[i], other, options, seed)) {
            return false;
        }
    }
    return true;
}

void add_path(std::vector<fs::path>& files, const fs::path& path) {
    if (!fs::is_directory(path)) {
        files.push_back(path);
        return;
    }
    for (const auto& entry : fs::directory_iterator(path)) {
        files.push_back(entry.path());
    }
}

Options parse(int argc, char** argv) {
    Options options;
    const std::vector<std::string_view> arguments(argv + 1, argv + argc);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const auto number = [&](auto value) {
            const std::string_view text = arguments[++i];
            std::from_chars(text.data(), text.data() + text.size(), value);
            return value;
        };
        if (arguments[i] == "--mutations" && i + 1 < arguments.size()) {
            options.mutations = number(options.mutations);
        } else if (arguments[i] == "--seconds" && i + 1 < arguments.size()) {
            options.duration = std::chrono::seconds(number(0));
        } else if (arguments[i] == "--keep" && i + 1 < arguments.size()) {
            options.keep = arguments[++i];
        } else {
            add_path(options.files, arguments[i]);
        }
    }
    std::ranges::sort(options.files);
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    const Options options = parse(argc, argv);
    if (options.files.empty()) {
        fmt::print(stderr, "there are no corpus files to run\n");
        return 2;
    }
    using Clock = std::chrono::steady_clock;
    const Clock::time_point begin = Clock::now();
    std::size_t inputs = 0;
    for (std::uint64_t seed = 1; seed == 1 || Clock::now() < begin + options.duration; ++seed) {
        if (!run_all(options, seed)) {
            return 1;
        }
        inputs += options.files.size() * (1 + options.mutations);
    }
    const std::chrono::duration<double> seconds = Clock::now() - begin;
    fmt::print("{} files, {} inputs, {:.0f} a second\n", options.files.size(), inputs,
               double(inputs) / seconds.count());
    return 0;
}
