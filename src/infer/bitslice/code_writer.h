#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "infer/bitslice/program.h"

namespace erawise::infer {

/// Appends operations to a program's code, and knows which slots behind the tests are free.
class CodeWriter {
  public:
    explicit CodeWriter(BitsliceProgram& program);

    /// target = test ? yes : no
    void select(Slot test, Slot yes, Slot no, Slot target);
    /// `tests`: 2^targets - 1, in heap order.
    void block(std::span<const Slot> targets, std::span<const Slot> tests);
    /// `cuts`: 8n - 1 slots from the first one on.
    void fold(Slot first_cut, std::size_t cuts, std::span<const Slot> targets);
    /// The entries of `ones` have three slots, those of `twos` five.
    void treelets(Slot bit0, Slot bit1, std::span<const Slot> ones, std::span<const Slot> twos);
    /// `entries`: two cuts and the tests of a block of kDeepestBlock levels each.
    void treelet_blocks(std::span<const Slot> targets, std::span<const Slot> entries);
    /// What follows is another tree's.
    void end_tree() { open_selects_.reset(); }

    Slot take_scratch();
    /// Scratch that is in use is free again; tests and constants stay as they are.
    void give_back(Slot slot);
    /// Slots side by side, until give_back_run() for the last run that was taken.
    Slot take_run(std::size_t count);
    void give_back_run(Slot first) { next_scratch_ = first; }
    void give_back_all();

    /// That the program needs so far.
    [[nodiscard]] std::uint32_t slots() const noexcept {
        return static_cast<std::uint32_t>(most_slots_);
    }

  private:
    void append(std::span<const std::uint16_t> words);

    BitsliceProgram& program_;
    std::optional<std::size_t> open_selects_;  ///< the count word of the selects that end the code
    const std::size_t first_scratch_;
    std::size_t next_scratch_ = first_scratch_;
    std::size_t most_slots_ = first_scratch_;
    std::vector<Slot> free_scratch_;
};

}  // namespace erawise::infer
