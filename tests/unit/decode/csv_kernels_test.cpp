#include "decode/csv_kernels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <random>
#include <string>

namespace erawise::decode {
namespace {

/// Every test runs once for each vector target that this machine has.
class CsvKernels : public testing::TestWithParam<std::int64_t> {
  protected:
    void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
    void TearDown() override { hwy::SetSupportedTargetsForTest(0); }
};

struct Separators {
    std::vector<std::uint32_t> positions;
    std::vector<std::uint32_t> row_ends;
    bool ends_in_quotes = false;

    bool operator==(const Separators&) const = default;
};

Separators scan(std::string text) {
    const std::size_t size = text.size();
    text.append(kScanPadding, ',');  // what stands behind the text must not count
    Separators found;
    found.positions.resize(size);
    found.row_ends.resize(size);
    const SeparatorCount count =
        scan_separators(text.data(), size, found.positions.data(), found.row_ends.data());
    found.positions.resize(count.separators);
    found.row_ends.resize(count.rows);
    found.ends_in_quotes = count.ends_in_quotes;
    return found;
}

/// The same, byte by byte.
Separators scan_slowly(const std::string& text) {
    Separators found;
    bool quoted = false;
    for (std::uint32_t i = 0; i < text.size(); ++i) {
        quoted = quoted != (text[i] == '"');
        if (!quoted && (text[i] == ',' || text[i] == '\n')) {
            found.positions.push_back(i);
            if (text[i] == '\n') {
                found.row_ends.push_back(static_cast<std::uint32_t>(found.positions.size()));
            }
        }
    }
    found.ends_in_quotes = quoted;
    return found;
}

TEST_P(CsvKernels, ScanEqualsTheSlowScanOnRandomTexts) {
    std::mt19937 generator(11);
    for (std::size_t size = 0; size < 400; ++size) {
        for (const std::string alphabet : {",\nx", ",\n\"xy", "xxxxxxxxxxxxxxxxxxx,\n", "\""}) {
            std::string text;
            for (std::size_t i = 0; i < size; ++i) {
                text += alphabet[generator() % alphabet.size()];
            }
            ASSERT_EQ(scan(text), scan_slowly(text)) << text;
        }
    }
}

TEST_P(CsvKernels, PackedPlanesGiveTheCodesBack) {
    std::mt19937 generator(5);
    for (const std::size_t columns : {1u, 63u, 64u, 65u, 130u}) {
        era::BlockLayout layout;
        for (std::size_t column = 0; column < columns; ++column) {
            if (column % 7 == 6) {
                layout.add(era::ColumnForm::plain, 0);
            } else {
                layout.add(era::ColumnForm::coded, 1 + column % 4);
            }
        }
        for (const std::size_t rows : {1u, 2u, 63u, 64u}) {
            CodeRows source(columns);
            for (std::size_t row = 0; row < rows; ++row) {
                for (std::size_t column = 0; column < columns; ++column) {
                    source.row(row)[column] = static_cast<std::uint8_t>(
                        generator() % (1u << layout.columns[column].planes));
                }
            }
            era::AlignedBytes block(layout.block_bytes);
            const std::size_t word = generator() % 8;
            pack_planes(source, rows, layout, block.data(), word);
            for (std::size_t column = 0; column < columns; ++column) {
                const auto& place = layout.columns[column];
                const auto* planes =
                    reinterpret_cast<const std::uint64_t*>(block.data() + place.offset);
                for (std::size_t row = 0; row < 64 && place.planes > 0; ++row) {
                    unsigned code = 0;
                    for (unsigned plane = 0; plane < place.planes; ++plane) {
                        code |= ((planes[plane * 8 + word] >> row) & 1u) << plane;
                    }
                    ASSERT_EQ(code, row < rows ? source.row(row)[column] : 0u)
                        << "column " << column << " row " << row;
                }
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Targets, CsvKernels,
                         testing::ValuesIn(hwy::SupportedAndGeneratedTargets()),
                         [](const auto& target) {
                             return std::string(hwy::TargetName(target.param));
                         });

}  // namespace
}  // namespace erawise::decode
