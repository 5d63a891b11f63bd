#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "infer/model_description.h"
#include "infer/predictor.h"

namespace erawise::infer {

class XgboostLibrary;

enum class EngineChoice : std::uint8_t {
    automatic,  ///< bitsliced, and xgboost for the models that it does not take
    bitsliced,  ///< bitsliced, or an error
    xgboost     ///< libxgboost, the reference
};

enum class TreeChoice : std::uint8_t {
    best,  ///< up to the best iteration where the model knows one, as Python's wrapper does
    all
};

struct PredictorOptions {
    EngineChoice engine = EngineChoice::automatic;
    TreeChoice trees = TreeChoice::best;
};

/// Makes predictors and shares between them what can be shared. Logs which engine was chosen and
/// why. Errors: Error(model).
class PredictorFactory {
  public:
    explicit PredictorFactory(PredictorOptions options) : options_(options) {}

    /// `columns`: for each feature of the model its column in the batches.
    std::unique_ptr<Predictor> make(const ModelDescription& model,
                                    std::vector<std::uint32_t> columns);

    /// What make() will take, known without loading anything.
    [[nodiscard]] PredictorMemory memory(const ModelDescription& model) const;

  private:
    [[nodiscard]] bool takes_bitsliced(const ModelDescription& model) const;
    std::unique_ptr<Predictor> make_bitsliced(const ModelDescription& model,
                                              const std::vector<std::uint32_t>& columns) const;
    std::unique_ptr<Predictor> make_xgboost(const ModelDescription& model,
                                            std::vector<std::uint32_t> columns);

    PredictorOptions options_;
    std::shared_ptr<const XgboostLibrary> xgboost_;
};

}  // namespace erawise::infer
