// LightGBM's text models.

#include <cstdint>
#include <spanstream>

#include "fuzz/model_check.h"
#include "infer/lightgbm_model.h"
#include "util/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace erawise;
    std::ispanstream stream(std::span(reinterpret_cast<const char*>(data), size));
    infer::ModelDescription model;
    model.file_bytes = size;
    infer::Forest forest;
    infer::ForestBuilder builder(forest);
    try {
        infer::read_lightgbm_model(stream, model, &builder);
        static_cast<infer::Evaluation&>(forest) = infer::lightgbm_evaluation(model);
    } catch (const util::Error& error) {
        if (error.kind() != util::ErrorKind::model) {
            throw;
        }
        return 0;
    }
    fuzz::check_model(model, std::move(forest));
    return 0;
}
