#include "predict/joined_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "util/error.h"

namespace erawise {
namespace {

void require_some_rows(const JoinedFile& file, const std::filesystem::path& data) {
    if (file.values.found() == 0) {
        throw util::Error(
            util::ErrorKind::data,
            fmt::format("{}: none of its ids is in {}; are they of the same data version and kind "
                        "of rows?",
                        file.source.file.string(), data.string()));
    }
}

}  // namespace

JoinedFiles::JoinedFiles(std::span<const PredictionTask> tasks, TaskSlots& slots,
                         const std::optional<ValueFile>& meta_model) {
    const auto open = [this](const ValueFile& source, std::string_view flag) {
        files_.push_back(std::make_unique<JoinedFile>(
            source, decode::ColumnChoice{.name = source.column, .flag = flag}));
    };
    for (std::size_t task = 0; task < tasks.size(); ++task) {
        if (!tasks[task].predictions) {
            continue;
        }
        const ValueFile& source = *tasks[task].predictions;
        slots.attempt(task, [&] {
            auto found = std::ranges::find_if(files_, [&](const auto& it) {
                return it->source.file == source.file && it->source.column == source.column;
            });
            if (found == files_.end()) {
                open(source, "--prediction-column");
                found = files_.end() - 1;
            }
            (*found)->tasks.push_back(task);
        });
    }
    slots.require_any();
    predictions_ = files_.size();
    if (meta_model) {
        open(*meta_model, "--meta-model-column");
    }
}

std::optional<std::size_t> JoinedFiles::of_task(std::size_t task) const {
    for (std::size_t file = 0; file < predictions_; ++file) {
        if (std::ranges::contains(files_[file]->tasks, task)) {
            return file;
        }
    }
    return std::nullopt;
}

const JoinedFile* JoinedFiles::meta_model() const noexcept {
    return files_.size() > predictions_ ? files_.back().get() : nullptr;
}

std::vector<output::ValuesById> JoinedFiles::values_by_id() {
    std::vector<output::ValuesById> functions;
    for (const auto& file : files_) {
        functions.emplace_back([joined = file.get()](const era::RowIds& ids, auto values) {
            for (std::size_t row = 0; row < ids.size(); ++row) {
                values[row] = joined->values.find(ids[row]);
            }
            if (joined->distribution) {
                joined->distribution->add(values);
            }
        });
    }
    return functions;
}

void JoinedFiles::collect_distributions() {
    for (std::size_t file = 0; file < predictions_; ++file) {
        files_[file]->distribution.emplace();
    }
}

std::uint64_t JoinedFiles::reading_bytes() const {
    std::uint64_t bytes = 0;
    for (const auto& file : files_) {
        bytes += file->values.reading_memory_bytes();
    }
    return bytes;
}

std::uint64_t JoinedFiles::memory_bytes() const {
    const JoinedFile* const meta = meta_model();
    return reading_bytes() + (meta != nullptr ? meta->values.most_memory_bytes() : 0);
}

void JoinedFiles::set_memory(std::uint64_t bytes) {
    const std::uint64_t left = bytes - std::min(bytes, memory_bytes());
    for (std::size_t file = 0; file < files_.size(); ++file) {
        files_[file]->values.set_memory_limit(file < predictions_ ? left / predictions_
                                                                  : bytes - reading_bytes());
    }
}

void JoinedFiles::finish(TaskSlots& slots, const std::filesystem::path& data) const {
    if (const JoinedFile* const meta = meta_model()) {
        meta->values.finish();
    }
    for (std::size_t file = 0; file < predictions_; ++file) {
        slots.attempt(files_[file]->tasks, [&] {
            files_[file]->values.finish();
            require_some_rows(*files_[file], data);
        });
    }
}

}  // namespace erawise
