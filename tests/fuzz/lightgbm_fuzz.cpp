// LightGBM's text models.

#include "fuzz/model_check.h"
#include "infer/formats/lightgbm_model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace erawise::infer;
    erawise::fuzz::run_reader(data, size, [](auto& stream, auto& model, auto& trees, auto& forest) {
        read_lightgbm_model(stream, model, &trees);
        static_cast<Evaluation&>(forest) = lightgbm_evaluation(model);
    });
    return 0;
}
