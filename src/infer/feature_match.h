#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "infer/model_description.h"

namespace erawise::infer {

/// Places of two features of one name, which cannot be told apart in the data.
struct RepeatedName {
    std::size_t first = 0;
    std::size_t second = 0;
};
std::optional<RepeatedName> find_repeated_name(std::span<const std::string> names);

/// The features of a model by name, in the model's order.
///
/// With names in the model: those. Without: `configured` when it is not empty, else the columns of
/// the data that are features, in file order; their number must equal the model's, or it is
/// Error(model); so are two of one name in `configured`.
std::vector<std::string> feature_names_of(const ModelDescription& model,
                                          std::span<const std::string> configured,
                                          std::span<const std::string> data_features);

/// Error(model) that lists the first few features that are not among `columns` of `data_name`.
void require_features(const ModelDescription& model, std::span<const std::string> features,
                      std::span<const std::string> columns, std::string_view data_name);

/// The features of several models, each once, in the order of first use.
class FeatureUnion {
  public:
    /// Adds the features of a model; returns for each of them its place in names().
    std::vector<std::uint32_t> add(std::span<const std::string> features);

    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }

  private:
    std::vector<std::string> names_;
};

}  // namespace erawise::infer
