// XGBoost's deprecated binary models.

#include "fuzz/model_check.h"
#include "infer/formats/legacy_model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    erawise::fuzz::run_reader(data, size, [](auto& stream, auto& model, auto& trees, auto&) {
        erawise::infer::read_legacy_model(stream, model, &trees);
    });
    return 0;
}
