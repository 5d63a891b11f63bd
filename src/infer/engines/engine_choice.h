#pragma once

#include <cstdint>

namespace erawise::infer {

enum class EngineChoice : std::uint8_t {
    automatic,  ///< bitsliced, and xgboost for the models that it does not take
    bitsliced,  ///< bitsliced, or an error
    xgboost     ///< libxgboost, the reference
};

}  // namespace erawise::infer
