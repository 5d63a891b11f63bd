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

/// What a reference is called in messages: libxgboost, or the plain walk over the trees.
std::string name_of_reference(const Predictor& reference);

/// Error(bug) unless both are the same numbers, bit for bit; it names the first row that differs.
void require_same_predictions(std::span<const double> predictions,
                              std::span<const double> reference, const std::string& model_name,
                              const std::string& reference_name);

}  // namespace erawise::infer
