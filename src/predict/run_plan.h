#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "decode/decoder.h"
#include "era/era_batch.h"
#include "output/era_finisher.h"
#include "predict/memory_plan.h"
#include "util/stop_signal.h"

namespace erawise {

/// What the memory of an era that is held depends on.
struct HeldEra {
    std::vector<output::EraOutput> outputs;
    std::size_t models = 0;
    output::EraFinisherOptions options;
};

/// The memory plan of a run: made of what the first rows tell, and made anew under the same cap
/// when later ones take more.
class RunPlan {
  public:
    /// `needs`: of everything but rows and outputs; decoder_bytes where the decoder has no window.
    RunPlan(MemoryNeeds needs, HeldEra held, std::optional<MemoryCap> cap);

    /// For rows of `layout`. Throws Error(memory); the data is read to its end before, so that the
    /// limit that is named does for all of its rows.
    void make(decode::Decoder& decoder, const era::BlockLayout& layout,
              const util::StopSignal& stop);

    /// The same, when an era already takes `held_bytes`.
    void make_anew(decode::Decoder& decoder, const era::BlockLayout& layout,
                   std::uint64_t held_bytes, const util::StopSignal& stop);

    [[nodiscard]] const MemoryPlan& plan() const noexcept { return plan_; }
    [[nodiscard]] const MemoryNeeds& needs() const noexcept { return needs_; }
    [[nodiscard]] decode::MemoryGrant decoder_grant() const noexcept;

    /// With the memory for the era at hand, and the features' form as far as it is known.
    [[nodiscard]] output::EraFinisherOptions finisher_options() const;

  private:
    void take_rows(const decode::Decoder& decoder, const era::BlockLayout& layout);
    void note_forms(const era::BlockLayout& layout);

    MemoryNeeds needs_;
    HeldEra held_;
    std::optional<MemoryCap> cap_;
    MemoryPlan plan_;
};

}  // namespace erawise
