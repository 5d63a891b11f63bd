#pragma once

#include <cstdint>
#include <span>
#include <spanstream>

#include "fuzz/model_check.h"
#include "infer/formats/model_events.h"

namespace erawise::fuzz {

/// A model document of XGBoost in one of its two notations.
inline void run_document(infer::ModelFormat format, std::span<const std::uint8_t> bytes) {
    AllocationLimit limit(kReaderBytes + kReaderBytesPerByte * bytes.size());
    std::ispanstream stream(std::span(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    infer::ModelDescription model;
    infer::Forest forest;
    infer::ForestBuilder builder(forest);
    infer::ModelEvents events(model, &builder, bytes.size());
    infer::parse_model(stream, format, events);
    if (events.error().empty()) {
        model.file_bytes = bytes.size();
        limit.set(kReaderBytes + kReaderBytesPerByte * bytes.size() + engine_bytes(model));
        check_model(model, std::move(forest));
    }
}

}  // namespace erawise::fuzz
