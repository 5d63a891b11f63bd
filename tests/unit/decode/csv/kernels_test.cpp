#include "decode/csv/kernels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <random>
#include <string>

#include "decode/csv/quotes.h"

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
    bool has_lone_returns = false;

    bool operator==(const Separators&) const = default;
};

/// As CsvText does it.
Separators scan(std::string text) {
    const std::size_t size = text.size();
    text.append(kScanPadding, ',');  // what stands behind the text must not count
    Separators found;
    found.positions.resize(size);
    found.row_ends.resize(size);
    SeparatorCount count =
        scan_separators(text.data(), size, found.positions.data(), found.row_ends.data());
    if (count.has_odd_quotes) {
        count = scan_odd_quotes({text.data(), size}, found.positions.data(), found.row_ends.data());
    }
    found.positions.resize(count.separators);
    found.row_ends.resize(count.rows);
    found.ends_in_quotes = count.ends_in_quotes;
    found.has_lone_returns = count.has_lone_returns;
    return found;
}

/// The same, byte by byte, as the states of pandas' tokenizer.
Separators scan_slowly(const std::string& text) {
    Separators found;
    bool quoted = false;
    bool at_begin = true;       // of a field
    bool behind_quote = false;  // a closing one, or the first of two
    for (std::uint32_t i = 0; i < text.size(); ++i) {
        const char byte = text[i];
        if (quoted) {
            quoted = byte != '"';
            behind_quote = !quoted;
            continue;
        }
        quoted = byte == '"' && (at_begin || behind_quote);
        at_begin = byte == ',' || byte == '\n';
        behind_quote = false;
        found.has_lone_returns =
            found.has_lone_returns || (byte == '\r' && i + 1 < text.size() && text[i + 1] != '\n');
        if (at_begin) {
            found.positions.push_back(i);
        }
        if (byte == '\n') {
            found.row_ends.push_back(static_cast<std::uint32_t>(found.positions.size()));
        }
    }
    found.ends_in_quotes = quoted;
    return found;
}

TEST_P(CsvKernels, ScanEqualsTheSlowScanOnRandomTexts) {
    std::mt19937 generator(11);
    for (std::size_t size = 0; size < 400; ++size) {
        for (const std::string alphabet :
             {",\nx", ",\n\"xy", "xxxxxxxxxxxxxxxxxxx,\n", "\"", "x,\n\r", "\",\n\rx"}) {
            std::string text;
            for (std::size_t i = 0; i < size; ++i) {
                text += alphabet[generator() % alphabet.size()];
            }
            ASSERT_EQ(scan(text), scan_slowly(text)) << text;
        }
    }
}

/// Fields of every length, so that a quote stands at each place of the 64 bytes.
TEST_P(CsvKernels, QuotesAroundFieldsAreNotOdd) {
    std::mt19937 generator(12);
    for (int round = 0; round < 300; ++round) {
        std::string text;
        while (text.size() < 700) {
            const std::string word(generator() % 40, 'x');
            const std::string inner = generator() % 3 == 0 ? ",\"\"\n" : "";
            text += generator() % 2 == 0 ? word : "\"" + word + inner + "\"";
            text += generator() % 4 == 0 ? "\r\n" : ",";
        }
        std::vector<std::uint32_t> positions(text.size());
        std::vector<std::uint32_t> row_ends(text.size());
        const std::size_t size = text.size();
        text.append(kScanPadding, ',');
        const auto count = scan_separators(text.data(), size, positions.data(), row_ends.data());
        ASSERT_FALSE(count.has_odd_quotes) << text;
        ASSERT_EQ(scan(text.substr(0, size)), scan_slowly(text.substr(0, size))) << text;
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
