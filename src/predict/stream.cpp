#include "predict/stream.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "util/bounded_channel.h"
#include "util/worker_pool.h"

namespace erawise {
namespace {

/// A batch with its predictions: what travels from stage to stage, and back empty.
struct Slice {
    era::EraBatch batch;
    std::vector<std::vector<double>> predictions;  ///< per job, per row
};

/// Adds the time it lives to a sum.
class Stopwatch {
  public:
    explicit Stopwatch(double& seconds) : seconds_(seconds) {}
    ~Stopwatch() { seconds_ += std::chrono::duration<double>(Clock::now() - start_).count(); }
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;

  private:
    using Clock = std::chrono::steady_clock;
    double& seconds_;
    Clock::time_point start_ = Clock::now();
};

/// The errors of the jobs.
class JobErrors {
  public:
    explicit JobErrors(std::size_t jobs) : errors_(jobs) {}

    [[nodiscard]] const std::optional<util::Error>& operator[](std::size_t job) const {
        return errors_[job];
    }

    [[nodiscard]] const std::vector<std::optional<util::Error>>& all() const { return errors_; }

    /// Runs one job's part. Its error stops the job; the error of the last job stops everything.
    template <typename Body>
    void guard(std::size_t job, Body&& body) {
        try {
            std::forward<Body>(body)();
        } catch (const util::Error& error) {
            errors_[job] = error;
            if (std::ranges::all_of(errors_, [](const auto& e) { return e.has_value(); })) {
                throw;
            }
            spdlog::error("{}; the other models go on", error.what());
        }
    }

  private:
    std::vector<std::optional<util::Error>> errors_;
};

/// What one worker predicts with: the jobs' workspaces, of which several jobs may share one.
class Lane {
  public:
    explicit Lane(std::span<const PredictionJob> jobs) : jobs_(jobs), errors_(jobs.size()) {
        for (const PredictionJob& job : jobs) {
            workspaces_.push_back(job.predictor->make_workspace(workspaces_));
        }
    }

    /// Predicts a block with the jobs that have room for predictions. Errors are kept.
    void predict(Slice& slice, std::size_t block) {
        for (std::size_t job = 0; job < jobs_.size(); ++job) {
            if (is_first_use(job)) {
                workspaces_[job]->load(slice.batch, block);
            }
        }
        for (std::size_t job = 0; job < jobs_.size(); ++job) {
            if (slice.predictions[job].empty() || errors_[job]) {
                continue;
            }
            try {
                jobs_[job].predictor->predict(
                    *workspaces_[job], std::span(slice.predictions[job])
                                           .subspan(block * era::kBlockRows, era::kBlockRows));
            } catch (const util::Error& error) {
                errors_[job] = error;
            }
        }
    }

    [[nodiscard]] const std::optional<util::Error>& error(std::size_t job) const {
        return errors_[job];
    }

  private:
    [[nodiscard]] bool is_first_use(std::size_t job) const {
        return std::ranges::find(workspaces_, workspaces_[job]) - workspaces_.begin() ==
               static_cast<std::ptrdiff_t>(job);
    }

    std::span<const PredictionJob> jobs_;
    std::vector<std::shared_ptr<infer::Workspace>> workspaces_;  ///< per job
    std::vector<std::optional<util::Error>> errors_;             ///< per job
};

class Stream {
  public:
    Stream(decode::Decoder& decoder, std::span<const PredictionJob> jobs,
           output::EraFinisher& finisher, const StreamOptions& options,
           const util::StopSignal& stop, const ProgressCallback& progress);

    StreamResult run();

  private:
    void run_in_turn();
    void run_overlapped();

    [[nodiscard]] Slice make_slice() const;
    bool decode(Slice& slice);
    decode::MemoryGrant make_room(const era::BlockLayout& layout);
    void predict(Slice& slice);
    void count_rows(const era::EraBatch& batch);
    void collect_errors(Slice& slice);
    void write(const Slice& slice);

    decode::Decoder& decoder_;
    std::span<const PredictionJob> jobs_;
    output::EraFinisher& finisher_;  ///< only the writing stage touches it
    StreamOptions options_;
    const util::StopSignal& stop_;
    const ProgressCallback& progress_;

    util::BoundedChannel<Slice> empty_;
    Slice* decoded_slice_ = nullptr;  ///< only the decoding stage touches it
    util::WorkerPool pool_;
    std::vector<Lane> lanes_;                            ///< one per worker
    JobErrors errors_;                                   ///< only the predicting stage touches it
    std::unordered_map<std::string, std::size_t> eras_;  ///< where each is in the result
    StreamResult result_;
};

Stream::Stream(decode::Decoder& decoder, std::span<const PredictionJob> jobs,
               output::EraFinisher& finisher, const StreamOptions& options,
               const util::StopSignal& stop, const ProgressCallback& progress)
    : decoder_(decoder),
      jobs_(jobs),
      finisher_(finisher),
      options_(options),
      stop_(stop),
      progress_(progress),
      empty_(options.batches),
      pool_(options.threads),
      errors_(jobs.size()) {
    for (std::size_t worker = 0; worker < pool_.workers(); ++worker) {
        lanes_.emplace_back(jobs);
    }
    if (options_.more_memory) {
        decoder_.set_memory_source(
            [this](const era::BlockLayout& layout) { return make_room(layout); });
    }
}

StreamResult Stream::run() {
    options_.threads == 1 ? run_in_turn() : run_overlapped();
    result_.spilled_bytes = decoder_.spilled_bytes();
    result_.errors = errors_.all();
    return result_;
}

void Stream::run_in_turn() {
    Slice slice = make_slice();
    while (decode(slice)) {
        predict(slice);
        write(slice);
    }
}

/// Slices go round: empty -> decoded -> predicted -> empty. The calling thread predicts, together
/// with the pool. Whoever stops early cancels all channels, so that nobody waits for him.
void Stream::run_overlapped() {
    util::BoundedChannel<Slice> decoded(options_.batches);
    util::BoundedChannel<Slice> predicted(options_.batches);
    const auto cancel_all = [&] {
        empty_.cancel();
        decoded.cancel();
        predicted.cancel();
    };
    std::exception_ptr write_error;
    std::jthread decoding([&] {
        try {
            for (auto slice = empty_.pop(); slice && decode(*slice); slice = empty_.pop()) {
                if (!decoded.push(*std::move(slice))) {
                    return;
                }
            }
            decoded.close();
        } catch (...) {
            decoded.fail(std::current_exception());
        }
    });
    std::jthread writing([&] {
        try {
            while (auto slice = predicted.pop()) {
                write(*slice);
                static_cast<void>(empty_.push(*std::move(slice)));
            }
        } catch (...) {
            write_error = std::current_exception();
            cancel_all();
        }
    });
    try {
        // The decoder begins while there is only one.
        for (std::size_t i = 0; i < options_.batches; ++i) {
            static_cast<void>(empty_.push(make_slice()));
        }
        while (auto slice = decoded.pop()) {
            predict(*slice);
            if (!predicted.push(*std::move(slice))) {
                break;
            }
        }
        predicted.close();
    } catch (...) {
        cancel_all();
        throw;
    }
    writing.join();
    cancel_all();
    decoding.join();
    if (write_error) {
        std::rethrow_exception(write_error);
    }
}

Slice Stream::make_slice() const {
    return {era::EraBatch(options_.batch_storage_bytes),
            std::vector<std::vector<double>>(jobs_.size())};
}

bool Stream::decode(Slice& slice) {
    const Stopwatch watch(result_.decode_seconds);
    decoded_slice_ = &slice;
    return decoder_.next(slice.batch);
}

/// Waits until all other slices are back, gives up the memory of all of them, and asks for more.
decode::MemoryGrant Stream::make_room(const era::BlockLayout& layout) {
    std::size_t others = 0;
    for (; options_.threads > 1 && others + 1 < options_.batches; ++others) {
        if (!empty_.pop()) {
            throw util::Error(util::ErrorKind::cancelled, "another stage has ended");
        }
    }
    *decoded_slice_ = {};
    const RowMemory memory = options_.more_memory(layout);
    options_.batch_storage_bytes = memory.batch_storage_bytes;
    *decoded_slice_ = make_slice();
    for (; others > 0; --others) {
        static_cast<void>(empty_.push(make_slice()));
    }
    return memory.decoder;
}

void Stream::predict(Slice& slice) {
    stop_.throw_if_requested();
    const Stopwatch watch(result_.predict_seconds);
    for (std::size_t job = 0; job < jobs_.size(); ++job) {
        slice.predictions[job].resize(errors_[job] ? 0 : slice.batch.blocks() * era::kBlockRows);
    }
    pool_.for_each(slice.batch.blocks(), [&](std::size_t worker, std::size_t block) {
        lanes_[worker].predict(slice, block);
    });
    collect_errors(slice);
    count_rows(slice.batch);
    progress_(decoder_.consumed_bytes(), result_.rows);
}

void Stream::count_rows(const era::EraBatch& batch) {
    const auto [found, is_new] = eras_.try_emplace(batch.era, result_.eras.size());
    if (is_new) {
        result_.eras.push_back({batch.era, 0});
    }
    result_.eras[found->second].rows += batch.rows();
    result_.rows += batch.rows();
}

/// The predictions of a job that failed are taken away, which tells the writing stage to leave it
/// out.
void Stream::collect_errors(Slice& slice) {
    for (std::size_t job = 0; job < jobs_.size(); ++job) {
        for (const Lane& lane : lanes_) {
            if (lane.error(job) && !errors_[job]) {
                slice.predictions[job].clear();
                errors_.guard(job, [&] { throw util::Error(*lane.error(job)); });
            }
        }
    }
}

void Stream::write(const Slice& slice) {
    const Stopwatch watch(result_.write_seconds);
    for (std::size_t row = 0; options_.collect_ids && row < slice.batch.rows(); ++row) {
        result_.ids.add(slice.batch.ids[row]);
    }
    std::vector<std::span<const double>> predictions(jobs_.size());
    for (std::size_t job = 0; job < jobs_.size(); ++job) {
        if (!slice.predictions[job].empty()) {
            predictions[job] = std::span(slice.predictions[job]).first(slice.batch.rows());
            if (jobs_[job].distribution != nullptr) {
                jobs_[job].distribution->add(predictions[job]);
            }
        }
    }
    finisher_.add(slice.batch, predictions);
}

}  // namespace

StreamResult stream_predictions(decode::Decoder& decoder, std::span<const PredictionJob> jobs,
                                output::EraFinisher& finisher, const StreamOptions& options,
                                const util::StopSignal& stop, const ProgressCallback& progress) {
    return Stream(decoder, jobs, finisher, options, stop, progress).run();
}

}  // namespace erawise
