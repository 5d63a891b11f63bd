#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "infer/predictor.h"

namespace erawise::infer {

/// Predicts with `predictor`, and compares the first block of rows that it is given with
/// `reference`, bit for bit; Error(bug) when they differ. The outcome is logged. The reference
/// stays in memory.
std::unique_ptr<Predictor> make_checked_predictor(std::unique_ptr<Predictor> predictor,
                                                  std::unique_ptr<Predictor> reference,
                                                  std::string model_name);

/// Error(bug) unless both are the same numbers, bit for bit; it names the first row that differs.
void require_same_predictions(std::span<const float> predictions, std::span<const float> reference,
                              const std::string& model_name);

}  // namespace erawise::infer
