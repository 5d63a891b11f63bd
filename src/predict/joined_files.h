#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "decode/files/id_values.h"
#include "output/era_finisher.h"
#include "predict/task.h"
#include "predict/task_slots.h"
#include "util/histogram.h"

namespace erawise {

/// A file of values by row id, once for all tasks that use it.
struct JoinedFile {
    JoinedFile(const ValueFile& of, const decode::ColumnChoice& choice)
        : source(of), values(of.file, choice) {}

    ValueFile source;
    std::vector<std::size_t> tasks;  ///< whose predictions it has; of a meta model none
    decode::IdValues values;
    std::optional<util::Histogram> distribution = std::nullopt;  ///< empty: not wanted
};

/// The files of values by row id that are joined with the rows where outputs are finished:
/// predictions that are there already, and behind them the meta model. Read along with the data, by
/// one thread at a time.
class JoinedFiles {
  public:
    /// An error of a file of predictions ends the tasks that use it; when none is left, the first
    /// one is thrown. Throws errors of the meta model.
    JoinedFiles(std::span<const PredictionTask> tasks, TaskSlots& slots,
                const std::optional<ValueFile>& meta_model);

    /// Files of predictions.
    [[nodiscard]] std::size_t predictions() const noexcept { return predictions_; }
    /// Which of the files has the predictions of a task.
    [[nodiscard]] std::optional<std::size_t> of_task(std::size_t task) const;
    /// The last of the files; null: there is none.
    [[nodiscard]] const JoinedFile* meta_model() const noexcept;

    /// For EraFinisherOptions::joined. They refer to these files.
    [[nodiscard]] std::vector<output::ValuesById> values_by_id();

    void collect_distributions();
    [[nodiscard]] const JoinedFile& operator[](std::size_t file) const { return *files_[file]; }

    /// What the memory plan has to have: readers, and all rows of the meta model.
    [[nodiscard]] std::uint64_t memory_bytes() const;

    /// What it has got for all of them; what is left shared by the files of predictions whose rows
    /// have another order than the data's.
    void set_memory(std::uint64_t bytes);

    /// When all rows were asked for: an error of predictions ends their tasks, that of the meta
    /// model is thrown. `data`: for messages.
    void finish(TaskSlots& slots, const std::filesystem::path& data) const;

  private:
    [[nodiscard]] std::uint64_t reading_bytes() const;

    std::vector<std::unique_ptr<JoinedFile>> files_;
    std::size_t predictions_ = 0;
};

}  // namespace erawise
