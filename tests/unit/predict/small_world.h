#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "infer/forest.h"
#include "infer/xgboost_json.h"
#include "predict/prediction.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "util/stop_signal.h"

namespace erawise::test {

/// A model of XGBoost with one test: below 0.5 in its first feature it predicts `low`, else `high`.
inline std::string stump(float low, float high, const std::vector<std::string>& features) {
    infer::Forest forest;
    forest.num_feature = static_cast<std::uint32_t>(features.size());
    forest.nodes = {{.left = 1, .right = 2, .value = 0.5F}, {.value = low}, {.value = high}};
    forest.begins = {0, 3};
    std::string text = xgboost_json(forest);
    const std::string_view empty = R"("feature_names":[])";
    text.replace(text.find(empty), empty.size(),
                 fmt::format(R"("feature_names":["{}"])", fmt::join(features, R"(",")")));
    return text;
}

/// A folder with data of two eras, models and feature sets.
class SmallWorld : public testing::Test {
  protected:
    SmallWorld() {
        options_.data = folder_.write("live.csv",
                                      "id,era,data_type,feature_a,feature_b,target\n"
                                      "r1,era1,live,0,1,0.25\n"
                                      "r2,era1,live,1,0,0.75\n"
                                      "r3,era1,live,1,0.5,0.5\n"
                                      "r4,era2,live,0,0,0\n"
                                      "r5,era2,live,1,1,1\n"
                                      "r6,era2,live,0,0.5,0.5\n");
        options_.feature_sets = FeatureSets(folder_.write(
            "features.json",
            R"({"feature_sets":{"a":["feature_a"],"b":["feature_b"],"new":["feature_c"]}})"));
        folder_.write("up.json", stump(1, 2, {"feature_a"}));
        folder_.write("down.json", stump(2, 1, {"feature_a"}));
        folder_.write("newer.json", stump(1, 2, {"feature_c"}));
        folder_.write("broken.json", "{");
    }

    /// A task with one model, which writes NAME.csv.
    [[nodiscard]] PredictionTask task(std::string name, std::string_view model) const {
        PredictionTask task{.name = std::move(name), .models = {{.file = folder_ / model}}};
        task.output = output::WriterOptions{.path = file_of(task.name)};
        return task;
    }
    [[nodiscard]] static output::TransformStep neutralized(std::string set) {
        return {.kind = output::TransformStep::Kind::neutralize,
                .feature_set = std::move(set),
                .proportion = 0.5};
    }
    [[nodiscard]] std::filesystem::path file_of(std::string_view task) const {
        return folder_ / fmt::format("{}.csv", task);
    }
    PredictionResult predict(const std::vector<PredictionTask>& tasks) {
        slots_ = TaskSlots(tasks.size());
        return predict_file(options_, tasks, slots_, stop_, [](std::uint64_t, std::uint64_t) {});
    }

    TemporaryFolder folder_;
    PredictionOptions options_;
    TaskSlots slots_ = TaskSlots(0);  ///< of the last prediction
    util::StopSignal stop_;
};

}  // namespace erawise::test
