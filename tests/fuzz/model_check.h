#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <spanstream>
#include <utility>

#include "fuzz/allocation_limit.h"
#include "infer/forest.h"
#include "infer/model_description.h"
#include "util/error.h"

namespace erawise::fuzz {

/// What is asked of a model that a loader has let through: its trees are trees whose features and
/// leaf values exist, and the bitsliced engine gives what the walk gives. Aborts where that is not
/// so. Forests that are too large to predict with in no time are only looked at.
void check_model(const infer::ModelDescription& model, infer::Forest forest);

/// What a reader may take of its own, and for each byte of the file: a node has at least eight, and
/// takes most of this while its tree, its test and its name are looked at.
inline constexpr std::uint64_t kReaderBytes = std::uint64_t{4} << 20;
inline constexpr std::uint64_t kReaderBytesPerByte = 64;

/// What the plan has for an engine with this model, beside its trees.
std::uint64_t engine_bytes(const infer::ModelDescription& model);

/// Reads a model by `read(stream, model, trees, forest)`, which may throw Error(model), and checks
/// what it lets through.
template <typename Read>
void run_reader(const std::uint8_t* data, std::size_t size, Read&& read) {
    AllocationLimit limit(kReaderBytes + kReaderBytesPerByte * size);
    std::ispanstream stream(std::span(reinterpret_cast<const char*>(data), size));
    infer::ModelDescription model;
    model.file_bytes = size;
    infer::Forest forest;
    infer::ForestBuilder builder(forest);
    try {
        read(stream, model, builder, forest);
    } catch (const util::Error& error) {
        if (error.kind() != util::ErrorKind::model) {
            throw;
        }
        return;
    }
    limit.set(kReaderBytes + kReaderBytesPerByte * size + engine_bytes(model));
    check_model(model, std::move(forest));
}

}  // namespace erawise::fuzz
