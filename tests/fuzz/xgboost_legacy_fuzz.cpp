// XGBoost's deprecated binary models.

#include <cstdint>
#include <spanstream>

#include "fuzz/model_check.h"
#include "infer/legacy_model.h"
#include "util/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace erawise;
    std::ispanstream stream(std::span(reinterpret_cast<const char*>(data), size));
    infer::ModelDescription model;
    model.file_bytes = size;
    infer::Forest forest;
    infer::ForestBuilder builder(forest);
    try {
        infer::read_legacy_model(stream, model, &builder);
    } catch (const util::Error& error) {
        if (error.kind() != util::ErrorKind::model) {
            throw;
        }
        return 0;
    }
    fuzz::check_model(model, std::move(forest));
    return 0;
}
