#include "stats/exposures.h"

#include <fmt/format.h>

#include <Eigen/Core>
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <optional>

#include "era/planes.h"
#include "stats/plane_products.h"
#include "util/error.h"

namespace erawise::stats {
namespace {

using era::kBlockRows;

constexpr std::size_t kBlockWords = kBlockRows / 64;
constexpr std::size_t kWordRows = 64;

/// Columns whose products with one column are taken together: their planes stay in the caches.
constexpr std::size_t kTileColumns = 32;

/// Levels as whole numbers: level = scale x number.
struct WholeNumbers {
    double scale = 1;
    era::CodeMap of_code{};
    unsigned planes = 1;
};

std::optional<WholeNumbers> in_steps_of(double scale, const era::Levels& levels) {
    WholeNumbers numbers{.scale = scale};
    unsigned largest = 1;
    for (std::size_t code = 0; code < levels.count; ++code) {
        const double number =
            std::isnan(levels.values[code]) ? 0 : double(levels.values[code]) / scale;
        if (number < 0 || number >= double(era::kMaxLevels) || number != std::floor(number)) {
            return std::nullopt;
        }
        numbers.of_code[code] = static_cast<std::uint8_t>(number);
        largest = std::max(largest, static_cast<unsigned>(number));
    }
    numbers.planes = static_cast<unsigned>(std::bit_width(largest));
    return numbers;
}

std::optional<WholeNumbers> as_whole_numbers(const era::Levels& levels) {
    auto numbers = in_steps_of(1, levels);
    return numbers ? numbers : in_steps_of(0.25, levels);
}

/// The rows that count in word `word` of a column of `rows` rows.
std::uint64_t rows_of_word(std::size_t word, std::size_t rows) {
    const std::size_t first = word * kWordRows;
    if (first + kWordRows <= rows) {
        return ~std::uint64_t{0};
    }
    return first >= rows ? 0 : (std::uint64_t{1} << (rows - first)) - 1;
}

/// Bit i of the index as byte i.
constexpr auto kSpreadBits = [] {
    std::array<std::uint64_t, 256> table{};
    for (unsigned index = 0; index < 256; ++index) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            table[index] |= std::uint64_t{(index >> bit) & 1u} << (8 * bit);
        }
    }
    return table;
}();

}  // namespace

/// The rows of one batch. Columns stand one after the other, their planes too.
struct Exposures::Slice {
    /// Room for a column, in words: planes of whole numbers, or as many floats.
    [[nodiscard]] std::size_t column_words() const {
        return is_whole ? planes * plane_words : plane_words * kWordRows / 2;
    }
    [[nodiscard]] const std::uint64_t* words(std::size_t column) const {
        return reinterpret_cast<const std::uint64_t*>(storage.data()) + column * column_words();
    }
    [[nodiscard]] std::uint64_t* words(std::size_t column) {
        return reinterpret_cast<std::uint64_t*>(storage.data()) + column * column_words();
    }

    void reserve(std::size_t bytes) {
        if (storage.size() < bytes) {
            storage = era::AlignedBytes();  // first, so that there are never two
            storage = era::AlignedBytes(bytes);
        }
    }

    /// Rows [`first`, `first` + 64 or fewer) of a column, one double each.
    void values(std::size_t column, std::size_t first, std::span<double> target) const;

    std::size_t rows = 0;
    std::size_t plane_words = 0;
    bool is_whole = true;  ///< all columns are whole numbers; else all are float32
    unsigned planes = 1;
    std::vector<WholeNumbers> numbers;  ///< per column, when they are whole
    era::AlignedBytes storage;
};

void Exposures::Slice::values(std::size_t column, std::size_t first,
                              std::span<double> target) const {
    if (!is_whole) {
        const auto* const floats = reinterpret_cast<const float*>(words(column)) + first;
        std::copy_n(floats, target.size(), target.data());
        return;
    }
    const std::uint64_t* const plane = words(column) + first / kWordRows;
    alignas(8) std::array<std::uint8_t, kWordRows> codes{};
    for (std::size_t byte = 0; byte < sizeof(std::uint64_t); ++byte) {
        std::uint64_t eight = 0;
        for (unsigned p = 0; p < planes; ++p) {
            eight |= kSpreadBits[(plane[p * plane_words] >> (8 * byte)) & 0xff] << p;
        }
        std::memcpy(codes.data() + 8 * byte, &eight, sizeof eight);
    }
    for (std::size_t row = 0; row < target.size(); ++row) {
        target[row] = numbers[column].scale * double(codes[row]);
    }
}

Exposures::Exposures(std::vector<FeatureColumn> features) : features_(std::move(features)) {}

Exposures::~Exposures() = default;
Exposures::Exposures(Exposures&&) noexcept = default;
Exposures& Exposures::operator=(Exposures&&) noexcept = default;

void Exposures::clear() noexcept {
    used_ = 0;
    rows_ = 0;
}

std::uint64_t Exposures::memory_bytes() const noexcept {
    std::uint64_t bytes = 0;
    for (const Slice& slice : slices_) {
        bytes += slice.storage.size() + slice.numbers.capacity() * sizeof(WholeNumbers);
    }
    return bytes;
}

std::uint64_t Exposures::expected_bytes(std::size_t features, std::size_t rows,
                                        ExposureForm form) noexcept {
    const std::size_t blocks = (rows + kBlockRows - 1) / kBlockRows;
    const std::size_t block_bytes =
        form == ExposureForm::levels ? 3 * era::kPlaneBytes : kBlockRows * sizeof(float);
    return features * (blocks * block_bytes + sizeof(WholeNumbers));
}

void Exposures::append(const era::EraBatch& batch) {
    if (used_ == slices_.size()) {
        slices_.emplace_back();
    }
    Slice& slice = slices_[used_];
    slice.rows = batch.rows();
    slice.plane_words = batch.blocks() * kBlockWords;
    slice.is_whole = true;
    slice.planes = 1;
    slice.numbers.assign(features_.size(), {});
    for (std::size_t i = 0; i < features_.size(); ++i) {
        const std::uint32_t column = features_[i].column;
        const bool is_coded = batch.layout().columns[column].form == era::ColumnForm::coded;
        const auto numbers = is_coded ? as_whole_numbers(batch.levels[column]) : std::nullopt;
        slice.is_whole = slice.is_whole && numbers;
        slice.numbers[i] = numbers.value_or(WholeNumbers());
        slice.planes = std::max(slice.planes, slice.numbers[i].planes);
    }
    slice.reserve(features_.size() * slice.column_words() * sizeof(std::uint64_t));
    for (std::size_t i = 0; i < features_.size(); ++i) {
        append_column(slice, i, batch);
    }
    ++used_;
    rows_ += slice.rows;
}

void Exposures::append_column(Slice& slice, std::size_t feature, const era::EraBatch& batch) {
    refuse_missing(feature, batch);
    const std::uint32_t column = features_[feature].column;
    const era::BlockLayout::Column& place = batch.layout().columns[column];
    if (!slice.is_whole) {
        auto* const floats = reinterpret_cast<float*>(slice.words(feature));
        for (std::size_t row = 0; row < slice.rows; ++row) {
            floats[row] = batch.value(row, column);
        }
        return;
    }
    era::Planes planes{};
    const unsigned width = std::max<unsigned>(place.planes, slice.planes);
    std::array<std::array<std::uint64_t, kBlockWords>, era::kMaxPlanes> block_planes{};
    for (unsigned p = 0; p < width; ++p) {
        planes[p] = block_planes[p].data();
    }
    for (std::size_t block = 0; block < batch.blocks(); ++block) {
        for (unsigned p = 0; p < place.planes; ++p) {
            std::copy_n(batch.planes(block, column) + p * kBlockWords, kBlockWords, planes[p]);
        }
        era::map_codes(planes, kBlockRows, place.planes, slice.numbers[feature].of_code,
                       slice.planes);
        for (std::size_t word = 0; word < kBlockWords; ++word) {
            const std::size_t at = block * kBlockWords + word;
            const std::uint64_t rows = rows_of_word(at, slice.rows);
            for (unsigned p = 0; p < slice.planes; ++p) {
                slice.words(feature)[p * slice.plane_words + at] = planes[p][word] & rows;
            }
        }
    }
}

/// Only the rows count: a missing value is among the levels of a column once any era had one.
void Exposures::refuse_missing(std::size_t feature, const era::EraBatch& batch) const {
    const std::uint32_t column = features_[feature].column;
    const bool is_coded = batch.layout().columns[column].form == era::ColumnForm::coded;
    if (is_coded && std::ranges::none_of(batch.levels[column].span(),
                                         [](float level) { return std::isnan(level); })) {
        return;
    }
    for (std::size_t row = 0; row < batch.rows(); ++row) {
        if (std::isnan(batch.value(row, column))) {
            throw util::Error(
                util::ErrorKind::data,
                fmt::format("feature '{}' is missing in row '{}' of era '{}', and neutralisation "
                            "needs all of its values; --null-value 2 says what an empty one means",
                            features_[feature].name, batch.ids[row], batch.era));
        }
    }
}

void Exposures::gram(std::span<double> matrix) const {
    const std::size_t n = columns();
    std::ranges::fill(matrix, 0.0);
    for (const Slice& slice : std::span(slices_).first(used_)) {
        slice.is_whole ? add_gram_of_planes(slice, matrix) : add_gram_of_values(slice, matrix);
    }
    std::vector<double> sums(n);
    const std::vector<double> ones(rows_, 1.0);
    products(ones, sums);
    for (std::size_t i = 0; i < n; ++i) {
        matrix[i * n + n - 1] = matrix[(n - 1) * n + i] = sums[i];
    }
    for (std::size_t i = 0; i + 1 < n; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            matrix[i * n + j] = matrix[j * n + i];
        }
    }
}

/// The upper triangle of the features.
void Exposures::add_gram_of_planes(const Slice& slice, std::span<double> matrix) const {
    const std::size_t features = features_.size();
    const PlaneColumns columns_of_slice{slice.words(0), slice.planes, slice.plane_words};
    std::array<std::uint64_t, kTileColumns> counts{};
    for (std::size_t tile = 0; tile < features; tile += kTileColumns) {
        const std::size_t end = std::min(features, tile + kTileColumns);
        for (std::size_t i = 0; i < end; ++i) {
            const std::size_t first = std::max(tile, i);
            const std::span<std::uint64_t> row = std::span(counts).first(end - first);
            plane_products(columns_of_slice, i, first, row);
            for (std::size_t j = first; j < end; ++j) {
                matrix[i * columns() + j] +=
                    slice.numbers[i].scale * slice.numbers[j].scale * double(row[j - first]);
            }
        }
    }
}

void Exposures::add_gram_of_values(const Slice& slice, std::span<double> matrix) const {
    const auto n = static_cast<Eigen::Index>(columns());
    // Rows are columns here: Eigen's order is the other one, and the matrix is symmetric.
    Eigen::Map<Eigen::MatrixXd> gram(matrix.data(), n, n);
    Eigen::MatrixXd part(static_cast<Eigen::Index>(kWordRows), n - 1);
    for (std::size_t first = 0; first < slice.rows; first += kWordRows) {
        const std::size_t count = std::min(kWordRows, slice.rows - first);
        part.setZero();
        for (std::size_t i = 0; i < features_.size(); ++i) {
            slice.values(i, first, {part.col(static_cast<Eigen::Index>(i)).data(), count});
        }
        gram.topLeftCorner(n - 1, n - 1)
            .selfadjointView<Eigen::Lower>()
            .rankUpdate(part.transpose());
    }
}

/// Calls `body(slice, first row in the slice, first row of all, rows)` for 64 rows at a time.
template <typename Body>
void Exposures::for_each_part(Body&& body) const {
    std::size_t row = 0;
    for (const Slice& slice : std::span(slices_).first(used_)) {
        for (std::size_t first = 0; first < slice.rows; first += kWordRows) {
            const std::size_t count = std::min(kWordRows, slice.rows - first);
            body(slice, first, row, count);
            row += count;
        }
    }
}

void Exposures::products(std::span<const double> values, std::span<double> products) const {
    std::ranges::fill(products, 0.0);
    std::array<double, kWordRows> part{};
    for_each_part([&](const Slice& slice, std::size_t first, std::size_t row, std::size_t count) {
        const double* const factors = values.data() + row;
        for (std::size_t i = 0; i < features_.size(); ++i) {
            slice.values(i, first, std::span(part).first(count));
            double sum = 0;
            for (std::size_t r = 0; r < count; ++r) {
                sum += part[r] * factors[r];
            }
            products[i] += sum;
        }
        for (std::size_t r = 0; r < count; ++r) {
            products.back() += factors[r];
        }
    });
}

void Exposures::subtract(std::span<const double> coefficients, double factor,
                         std::span<double> values) const {
    std::array<double, kWordRows> part{};
    for_each_part([&](const Slice& slice, std::size_t first, std::size_t row, std::size_t count) {
        std::array<double, kWordRows> sums{};
        sums.fill(coefficients.back());
        for (std::size_t i = 0; i < features_.size(); ++i) {
            slice.values(i, first, std::span(part).first(count));
            for (std::size_t r = 0; r < count; ++r) {
                sums[r] += coefficients[i] * part[r];
            }
        }
        for (std::size_t r = 0; r < count; ++r) {
            values[row + r] -= factor * sums[r];
        }
    });
}

}  // namespace erawise::stats
