#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "infer/bitslice/program.h"
#include "infer/engines/engine_choice.h"
#include "infer/forest.h"
#include "infer/model_description.h"
#include "infer/predictor.h"
#include "util/stop_signal.h"

namespace erawise::infer {

class XgboostLibrary;

enum class TreeChoice : std::uint8_t {
    best,  ///< up to the best iteration where the model knows one, as Python's wrapper does
    all
};

enum class SelfCheck : std::uint8_t {
    off,
    on  ///< compare the first rows with libxgboost; with the plain walk where it cannot read the
        ///< model
};

struct PredictorOptions {
    EngineChoice engine = EngineChoice::automatic;
    TreeChoice trees = TreeChoice::best;
    SelfCheck self_check = SelfCheck::off;
    /// Ends the loading of models with Error(cancelled); may be null, and outlives the factory.
    const util::StopSignal* stop = nullptr;
};

/// A model on its way to a predictor.
struct ModelToLoad {
    ModelDescription description;
    std::optional<Forest> forest;        ///< where it was read already
    std::vector<std::uint32_t> columns;  ///< of the batches, for each feature of the model
};

/// Makes predictors and shares between them what can be shared. Logs which engine was chosen and
/// why. Errors: Error(model).
class PredictorFactory {
  public:
    explicit PredictorFactory(PredictorOptions options) : options_(options) {}

    /// The tests of all models whose forests are there and have the same engine, each once, for
    /// make(). Empty when they are none, or too many for one table.
    [[nodiscard]] std::shared_ptr<const TestTable> shared_tests(
        std::span<const ModelToLoad* const> models) const;

    /// Takes the model's forest and columns. `tests`: from shared_tests() with this model among its
    /// models, or empty.
    std::unique_ptr<Predictor> make(ModelToLoad& model, std::shared_ptr<const TestTable> tests);

    /// What make() will take, known without loading anything.
    [[nodiscard]] PredictorMemory memory(const ModelDescription& model) const;

  private:
    [[nodiscard]] bool is_checked(const ModelDescription& model) const;
    std::shared_ptr<const XgboostLibrary> open_library();
    [[nodiscard]] bool takes_bitsliced(const ModelDescription& model) const;
    [[nodiscard]] std::unique_ptr<Predictor> make_bitsliced(
        ModelToLoad& model, std::shared_ptr<const TestTable> tests) const;
    std::unique_ptr<Predictor> make_xgboost(const ModelDescription& model,
                                            std::vector<std::uint32_t> columns);
    std::unique_ptr<Predictor> make_reference(const ModelDescription& model,
                                              std::vector<std::uint32_t> columns);

    PredictorOptions options_;
    std::shared_ptr<const XgboostLibrary> xgboost_;
};

}  // namespace erawise::infer
