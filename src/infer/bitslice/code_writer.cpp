#include "infer/bitslice/code_writer.h"

#include <algorithm>
#include <array>
#include <limits>

#include "util/error.h"

namespace erawise::infer {

CodeWriter::CodeWriter(BitsliceProgram& program)
    : program_(program), first_scratch_(kFirstTestSlot + program.tests->tests.size()) {}

void CodeWriter::append(std::span<const std::uint16_t> words) {
    program_.code.insert(program_.code.end(), words.begin(), words.end());
}

void CodeWriter::select(Slot test, Slot yes, Slot no, Slot target) {
    std::vector<std::uint16_t>& code = program_.code;
    if (!open_selects_ || code[*open_selects_] == kMostSelects) {
        open_selects_ = code.size();
        code.push_back(0);
    }
    ++code[*open_selects_];
    append(std::array{test, yes, no, target});
}

void CodeWriter::block(std::span<const Slot> targets, std::span<const Slot> tests) {
    program_.code.push_back(static_cast<std::uint16_t>(kBlock + targets.size()));
    append(targets);
    append(tests);
    open_selects_.reset();
}

void CodeWriter::fold(Slot first_cut, std::size_t cuts, std::span<const Slot> targets) {
    append(std::array{kFold, static_cast<std::uint16_t>((cuts + 1) / 8), first_cut,
                      static_cast<std::uint16_t>(targets.size())});
    append(targets);
    open_selects_.reset();
}

void CodeWriter::treelets(Slot bit0, Slot bit1, std::span<const Slot> ones,
                          std::span<const Slot> twos) {
    append(std::array{kTreelets, bit0, bit1, static_cast<std::uint16_t>(ones.size() / 3),
                      static_cast<std::uint16_t>(twos.size() / 5)});
    append(ones);
    append(twos);
    open_selects_.reset();
}

void CodeWriter::treelet_blocks(std::span<const Slot> targets, std::span<const Slot> entries) {
    constexpr std::size_t kEntry = 2 + (std::size_t{1} << kDeepestBlock) - 1;
    program_.code.push_back(kTreeletBlocks);
    append(targets);
    program_.code.push_back(static_cast<std::uint16_t>(entries.size() / kEntry));
    append(entries);
    open_selects_.reset();
}

Slot CodeWriter::take_scratch() {
    if (free_scratch_.empty()) {
        return take_run(1);
    }
    const Slot slot = free_scratch_.back();
    free_scratch_.pop_back();
    return slot;
}

void CodeWriter::give_back(Slot slot) {
    if (slot >= first_scratch_) {
        free_scratch_.push_back(slot);
    }
}

Slot CodeWriter::take_run(std::size_t count) {
    const std::size_t first = next_scratch_;
    next_scratch_ += count;
    if (next_scratch_ > std::size_t{std::numeric_limits<Slot>::max()} + 1) {
        throw util::Error(util::ErrorKind::bug, "a bitsliced program has run out of slots");
    }
    most_slots_ = std::max(most_slots_, next_scratch_);
    return static_cast<Slot>(first);
}

void CodeWriter::give_back_all() {
    free_scratch_.clear();
    next_scratch_ = first_scratch_;
}

}  // namespace erawise::infer
