#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace orrery::plugins::models::lightgbm {

/// LightGBM's trees, to be asked one by one, which its own predictions are too slow for.
class Forest {
 public:
  /// Reads the library's text form. Errors: kDataCorrupt for what is no such text, and for linear leaves.
  explicit Forest(const std::string& text);

  std::size_t size() const { return trees_.size(); }

  /// What a tree adds to the raw score. `row`: the model's features. The sum over all trees, in order, is
  /// LightGBM's own raw score to the bit.
  double output(std::size_t tree, const float* row) const;

  /// By how much the tree's output grows where `value` takes the place of one feature's.
  double change(std::size_t tree, const float* row, std::size_t feature, float value) const;

  /// The trees that split on a feature, ascending.
  std::span<const std::size_t> trees_on(std::size_t feature) const;

 private:
  struct Node {
    std::size_t feature = 0;
    double threshold = 0.0;
    std::uint32_t decision = 0;  ///< LightGBM's bits: categorical, default left, kind of missing values
    int left = 0;                ///< a node, or ~ of a leaf
    int right = 0;
  };
  struct Tree {
    std::vector<Node> nodes;
    std::vector<double> leaves;
    std::vector<std::size_t> category_begins;  ///< of each categorical split's words in `categories`
    std::vector<std::uint32_t> categories;
  };

  static Tree read_tree(const std::string& block);
  static bool goes_left(const Tree& tree, const Node& node, float value);
  static double leaf_from(const Tree& tree, int node, const float* row);
  static double leaf_from(const Tree& tree, int node, const float* row, std::size_t feature, float value);

  std::vector<Tree> trees_;
  std::vector<std::vector<std::size_t>> by_feature_;
};

}  // namespace orrery::plugins::models::lightgbm
