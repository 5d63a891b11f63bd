// XGBoost's models in UBJSON.

#include "fuzz/xgboost_document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    erawise::fuzz::run_document(erawise::infer::ModelFormat::ubjson, std::span(data, size));
    return 0;
}
