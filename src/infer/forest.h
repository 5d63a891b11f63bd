#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace erawise::infer {

/// How a library adds the leaves of a row, and how wide the leaves are.
enum class Arithmetic : std::uint8_t {
    float32,  ///< XGBoost
    float64   ///< LightGBM
};

/// A node of a regression tree. Children are indices within the tree; a leaf has none.
struct TreeNode {
    std::int32_t left = -1;
    std::int32_t right = -1;  ///< leaf of a float64 tree: the index of its value
    std::uint32_t feature : 29 = 0;
    std::uint32_t default_left : 1 = 0;     ///< where a missing value goes
    std::uint32_t zero_is_missing : 1 = 0;  ///< and so do numbers that are zero to LightGBM
    std::uint32_t or_equal : 1 = 0;         ///< `x <= value` goes left
    float value = 0;  ///< split: `x < value` goes left; leaf of a float32 tree: what it adds

    [[nodiscard]] bool is_leaf() const noexcept { return left < 0; }
};

/// TreeNode::feature has 29 bits.
inline constexpr std::uint32_t kMostFeatures = 1u << 24;

/// LightGBM takes numbers up to this one, of either sign, for zero. Source: kZeroThreshold in
/// LightGBM, include/LightGBM/meta.h.
inline constexpr float kZeroThreshold = 1e-35F;

/// A tree, the root first. Float64 trees: a leaf's value is `leaves[node.right]`.
struct Tree {
    std::span<const TreeNode> nodes;
    std::span<const double> leaves;
};

/// What turns the sum of leaves into the prediction.
enum class Link : std::uint8_t {
    identity,
    sigmoid,        ///< float32: 1 / (exp(min(-x, 88.7)) + 1 + 1e-16); float64: 1 / (1 + exp(-s x))
    exponential,    ///< exp(x); float64 only, as the following
    signed_square,  ///< sign(x) x^2
    softplus        ///< log(1 + exp(x))
};

/// What a library does around the trees.
///
/// Float32: the base margin, plus one leaf of each tree in order (XGBoost 1.3 and later), then the
/// link. Float64: zero, plus one leaf of each tree in order, divided, then the link (LightGBM).
struct Evaluation {
    Arithmetic arithmetic = Arithmetic::float32;
    Link link = Link::identity;
    float base_margin = 0;  ///< float32
    double divisor = 1;     ///< float64: iterations, where the model is their average
    double slope = 1;       ///< float64 sigmoid: s
};

/// A forest with one output per row.
struct Forest : Evaluation {
    std::vector<TreeNode> nodes;              ///< tree after tree, the root first
    std::vector<std::uint32_t> begins = {0};  ///< where each tree begins in `nodes`, and the end
    std::vector<double> leaves;               ///< of all trees of a float64 forest
    std::uint32_t num_feature = 0;

    [[nodiscard]] std::size_t trees() const noexcept { return begins.size() - 1; }
    [[nodiscard]] Tree tree(std::size_t index) const {
        return {std::span(nodes).subspan(begins[index], begins[index + 1] - begins[index]), leaves};
    }
};

/// Takes the trees of a model one after the other.
class TreeSink {
  public:
    virtual ~TreeSink() = default;

    /// The tree's memory is its owner's, for this call.
    virtual void take(const Tree& tree) = 0;
};

/// Puts trees into a forest.
class ForestBuilder final : public TreeSink {
  public:
    explicit ForestBuilder(Forest& forest) : forest_(forest) {}
    void take(const Tree& tree) override;

  private:
    Forest& forest_;
};

/// Levels of tests in a tree; empty when the nodes are no tree: a child that does not exist, or a
/// node that is met twice on the way from the root.
std::optional<std::uint32_t> depth_of_tree(std::span<const TreeNode> tree);

/// Whether `x` goes left at a split.
bool goes_left(const TreeNode& split, float x) noexcept;

/// The prediction of one row of `num_feature` values; NaN is missing. Readable rather than fast:
/// the truth for every engine. A float32 forest's prediction is a float32.
double walk(const Forest& forest, std::span<const float> row);

/// The link's value for a float32 margin.
float apply_link(Link link, float margin) noexcept;

/// The prediction for a float64 sum of leaves.
double finish_sum(const Evaluation& evaluation, double sum) noexcept;

}  // namespace erawise::infer
