#include "predict/stream.h"

#include <fmt/format.h>

#include <csignal>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise {
namespace {

using test::expect_error;
using test::read_file;
using test::TemporaryFolder;

/// Makes batches of rows 0, 1, 2, ...; may fail after some.
class CountingDecoder final : public decode::Decoder {
  public:
    explicit CountingDecoder(std::size_t batches, std::size_t fail_at = SIZE_MAX)
        : batches_(batches), fail_at_(fail_at) {
        auto layout = std::make_shared<era::BlockLayout>();
        layout->add(era::ColumnForm::plain, 0);
        layout_ = layout;
    }

    [[nodiscard]] const std::vector<std::string>& column_names() const override { return names_; }
    const era::BlockLayout& select_columns(std::span<const decode::SelectedColumn>) override {
        return *layout_;
    }
    bool next(era::EraBatch& batch) override {
        if (made_ == fail_at_) {
            throw util::Error(util::ErrorKind::data, "damaged");
        }
        if (made_ == batches_) {
            return false;
        }
        if (made_ == widen_at_) {
            auto layout = std::make_shared<era::BlockLayout>(*layout_);
            layout->add(era::ColumnForm::plain, 0);
            layout_ = layout;
            source_(*layout_);
        }
        batch.reset(layout_, fmt::format("era{}", made_ / 2));
        for (std::size_t i = 0; i < kRows; ++i) {
            batch.values(i / era::kBlockRows, 0)[i % era::kBlockRows] = float(row_);
            batch.ids.push_back(fmt::format("{}", row_++));
        }
        ++made_;
        return true;
    }
    [[nodiscard]] std::uint64_t consumed_bytes() const override { return 0; }
    [[nodiscard]] std::uint64_t memory_bytes() const override { return 0; }
    const era::BlockLayout& survey(const util::StopSignal&) override { return *layout_; }
    void set_memory_source(decode::MemorySource source) override { source_ = std::move(source); }

    /// From this batch on there is a second feature, and a batch holds half as many rows.
    void widen_at(std::size_t batch) { widen_at_ = batch; }

    static constexpr std::size_t kRows = 700;

  private:
    std::vector<std::string> names_ = {"id", "f"};
    std::shared_ptr<const era::BlockLayout> layout_;
    std::size_t batches_;
    std::size_t fail_at_;
    std::size_t widen_at_ = SIZE_MAX;
    decode::MemorySource source_;
    std::size_t made_ = 0;
    std::size_t row_ = 0;
};

/// Predicts the row number; may fail at one.
class EchoPredictor final : public infer::Predictor {
  public:
    explicit EchoPredictor(double fail_at = -1) : fail_at_(fail_at) {}

    [[nodiscard]] std::string_view engine() const noexcept override { return "echo"; }
    [[nodiscard]] std::shared_ptr<infer::Workspace> make_workspace(
        std::span<const std::shared_ptr<infer::Workspace>> /*others*/) const override {
        return std::make_shared<infer::BlockWorkspace>();
    }
    void predict(infer::Workspace& workspace, std::span<double> predictions) const override {
        const auto& work = static_cast<const infer::BlockWorkspace&>(workspace);
        for (std::size_t row = 0; row < work.rows(); ++row) {
            predictions[row] = work.batch().values(work.block(), 0)[row];
            if (predictions[row] == fail_at_) {
                throw util::Error(util::ErrorKind::model, "cannot predict this row");
            }
        }
    }

  private:
    double fail_at_;
};

class PredictionStream : public testing::TestWithParam<unsigned> {
  protected:
    /// One output per job, to the files "a", "b", ...
    StreamResult stream(decode::Decoder& decoder, std::vector<PredictionJob>& jobs) {
        return stream(decoder, jobs,
                      [this](std::uint64_t, std::uint64_t rows) { progress_ = rows; });
    }
    StreamResult stream(decode::Decoder& decoder, std::vector<PredictionJob>& jobs,
                        const ProgressCallback& progress) {
        const StreamOptions options{.threads = GetParam(),
                                    .batches = GetParam() > 1 ? 3u : 1u,
                                    .batch_storage_bytes = kStorageBytes,
                                    .more_memory = more_memory_};
        std::vector<output::PredictionWriter> writers;
        for (std::size_t job = 0; job < jobs.size(); ++job) {
            writers.push_back(output::PredictionWriter(
                {.path = folder_ / std::string(1, static_cast<char>('a' + job))}));
        }
        std::vector<output::EraOutput> outputs;
        for (std::size_t job = 0; job < jobs.size(); ++job) {
            outputs.push_back({.name = "output",
                               .members = {{job}},
                               .transforms = transforms_,
                               .writer = &writers[job]});
        }
        output::EraFinisher finisher(outputs, jobs.size(), {.era_memory_bytes = era_memory_bytes_});
        const StreamResult result =
            stream_predictions(decoder, jobs, finisher, options, stop_, progress);
        finisher.finish();
        for (std::size_t job = 0; job < jobs.size(); ++job) {
            if (!result.errors[job]) {
                writers[job].finish();
            }
        }
        return result;
    }
    [[nodiscard]] static std::string expected_text(std::size_t rows) {
        std::string text = "id,prediction\n";
        for (std::size_t row = 0; row < rows; ++row) {
            text += fmt::format("{},{}\n", row, row);
        }
        return text;
    }

    static constexpr std::size_t kStorageBytes = 2 * era::kBlockRows * sizeof(float);

    std::function<RowMemory(const era::BlockLayout&)> more_memory_;
    TemporaryFolder folder_;
    util::StopSignal stop_;
    std::uint64_t progress_ = 0;
    output::Transforms transforms_;
    std::uint64_t era_memory_bytes_ = UINT64_MAX;
};

TEST_P(PredictionStream, PredictsEveryRowInOrder) {
    CountingDecoder decoder(20);
    const EchoPredictor predictor;
    std::vector<PredictionJob> jobs = {{&predictor}};
    const StreamResult result = stream(decoder, jobs);
    EXPECT_EQ(result.rows, 20 * CountingDecoder::kRows);
    EXPECT_EQ(result.eras.size(), 10u);
    EXPECT_EQ(progress_, result.rows);
    EXPECT_EQ(read_file(folder_ / "a"), expected_text(result.rows));
}

TEST_P(PredictionStream, RowsThatTakeMoreGetItWhenAllOthersAreDone) {
    for (const std::size_t position : {0u, 1u, 2u, 3u, 10u, 19u}) {
        CountingDecoder decoder(20);
        decoder.widen_at(position);
        std::size_t asked = 0;
        more_memory_ = [&](const era::BlockLayout& layout) {
            ++asked;
            EXPECT_EQ(layout.columns.size(), 2u);
            EXPECT_EQ(progress_, position * CountingDecoder::kRows) << "batches are on their way";
            return RowMemory{.batch_storage_bytes = 2 * kStorageBytes, .decoder = {}};
        };
        progress_ = 0;
        const EchoPredictor predictor;
        std::vector<PredictionJob> jobs = {{&predictor}};
        const StreamResult result = stream(decoder, jobs);
        EXPECT_EQ(asked, 1u);
        EXPECT_EQ(result.rows, 20 * CountingDecoder::kRows);
        EXPECT_EQ(read_file(folder_ / "a"), expected_text(result.rows));
    }
}

TEST_P(PredictionStream, RowsThatTakeMoreThanThereIsEndIt) {
    CountingDecoder decoder(20);
    decoder.widen_at(7);
    more_memory_ = [](const era::BlockLayout&) -> RowMemory {
        throw util::Error(util::ErrorKind::memory, "a limit of 9 MiB would do");
    };
    const EchoPredictor predictor;
    std::vector<PredictionJob> jobs = {{&predictor}};
    EXPECT_THAT(expect_error(util::ErrorKind::memory, [&] { stream(decoder, jobs); }),
                testing::HasSubstr("9 MiB"));
}

TEST_P(PredictionStream, EmptyDataIsNoRows) {
    CountingDecoder decoder(0);
    const EchoPredictor predictor;
    std::vector<PredictionJob> jobs = {{&predictor}};
    EXPECT_EQ(stream(decoder, jobs).rows, 0u);
}

TEST_P(PredictionStream, AModelThatFailsDoesNotStopTheOthers) {
    CountingDecoder decoder(20);
    const EchoPredictor good;
    const EchoPredictor bad(2000);
    std::vector<PredictionJob> jobs = {{&bad}, {&good}};
    const StreamResult result = stream(decoder, jobs);
    ASSERT_TRUE(result.errors[0]);
    EXPECT_EQ(result.errors[0]->kind(), util::ErrorKind::model);
    EXPECT_FALSE(result.errors[1]);
    EXPECT_EQ(read_file(folder_ / "b"), expected_text(result.rows));
}

TEST_P(PredictionStream, TheLastModelsErrorEndsIt) {
    CountingDecoder decoder(20);
    const EchoPredictor bad(2000);
    std::vector<PredictionJob> jobs = {{&bad}};
    expect_error(util::ErrorKind::model, [&] { stream(decoder, jobs); });
}

TEST_P(PredictionStream, DecoderErrorsComeThrough) {
    for (const std::size_t position : {0u, 1u, 2u, 3u, 19u, 20u}) {
        CountingDecoder decoder(20, position);
        const EchoPredictor predictor;
        std::vector<PredictionJob> jobs = {{&predictor}};
        expect_error(util::ErrorKind::data, [&] { stream(decoder, jobs); });
    }
}

TEST_P(PredictionStream, FinisherErrorsComeThrough) {
    CountingDecoder decoder(20);
    const EchoPredictor predictor;
    transforms_ = {{.kind = output::TransformStep::Kind::rank}};
    era_memory_bytes_ = 100;
    std::vector<PredictionJob> jobs = {{&predictor}};
    expect_error(util::ErrorKind::memory, [&] { stream(decoder, jobs); });
}

TEST_P(PredictionStream, ASignalEndsItBetweenBatches) {
    CountingDecoder decoder(SIZE_MAX);  // without an end
    const EchoPredictor predictor;
    std::vector<PredictionJob> jobs = {{&predictor}};
    expect_error(util::ErrorKind::cancelled, [&] {
        stream(decoder, jobs, [this](std::uint64_t, std::uint64_t rows) {
            if (rows > 5000) {
                stop_.request(SIGTERM);
            }
        });
    });
}

INSTANTIATE_TEST_SUITE_P(Threads, PredictionStream, testing::Values(1u, 2u, 4u));

}  // namespace
}  // namespace erawise
