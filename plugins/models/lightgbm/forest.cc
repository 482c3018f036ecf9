#include "plugins/models/lightgbm/forest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <string_view>

#include "orrery/base/error.h"

namespace orrery::plugins::models::lightgbm {
namespace {

/// LightGBM's kZeroThreshold: what is as small is 0.
constexpr float kNextToZero = 1e-35F;
constexpr std::uint32_t kCategorical = 1;
constexpr std::uint32_t kDefaultLeft = 2;
constexpr std::uint32_t kMissingIsZero = 1;
constexpr std::uint32_t kMissingIsNan = 2;

Error unreadable(std::string_view what) {
  return external_error(ErrorCode::kDataCorrupt, fmt::format("LightGBM's trees can't be read: {}", what));
}

using Fields = std::map<std::string, std::string, std::less<>>;

Fields read_fields(const std::string& block) {
  Fields fields;
  for (std::size_t begin = 0; begin < block.size();) {
    const auto end = std::min(block.find('\n', begin), block.size());
    const auto equals = block.find('=', begin);
    if (equals < end)
      fields[block.substr(begin, equals - begin)] = block.substr(equals + 1, end - equals - 1);
    begin = end + 1;
  }
  return fields;
}

const std::string& field(const Fields& fields, std::string_view name) {
  const auto found = fields.find(name);
  if (found == fields.end()) throw unreadable(fmt::format("a tree has no {}", name));
  return found->second;
}

/// `count` numbers, apart by blanks.
std::vector<double> numbers(const Fields& fields, std::string_view name, std::size_t count) {
  std::vector<double> values;
  const char* next = field(fields, name).c_str();
  for (char* end = nullptr; values.size() < count; next = end) {
    values.push_back(std::strtod(next, &end));
    if (end == next)
      throw unreadable(fmt::format("{} numbers in {}, {} expected", values.size() - 1, name, count));
  }
  return values;
}

}  // namespace

Forest::Tree Forest::read_tree(const std::string& block) {
  const Fields fields = read_fields(block);
  const auto leaves = static_cast<std::size_t>(numbers(fields, "num_leaves", 1).front());
  if (field(fields, "is_linear") != "0") throw unreadable("leaves are linear");
  Tree tree;
  tree.leaves = numbers(fields, "leaf_value", leaves);
  if (leaves <= 1) return tree;
  const auto features = numbers(fields, "split_feature", leaves - 1);
  const auto thresholds = numbers(fields, "threshold", leaves - 1);
  const auto decisions = numbers(fields, "decision_type", leaves - 1);
  const auto left = numbers(fields, "left_child", leaves - 1);
  const auto right = numbers(fields, "right_child", leaves - 1);
  for (std::size_t i = 0; i + 1 < leaves; ++i) {
    tree.nodes.push_back({static_cast<std::size_t>(features[i]), thresholds[i],
                          static_cast<std::uint32_t>(decisions[i]), static_cast<int>(left[i]),
                          static_cast<int>(right[i])});
  }
  const auto categorical = static_cast<std::size_t>(numbers(fields, "num_cat", 1).front());
  if (categorical == 0) return tree;
  for (const double begin : numbers(fields, "cat_boundaries", categorical + 1))
    tree.category_begins.push_back(static_cast<std::size_t>(begin));
  for (const double word : numbers(fields, "cat_threshold", tree.category_begins.back()))
    tree.categories.push_back(static_cast<std::uint32_t>(word));
  return tree;
}

Forest::Forest(const std::string& text) {
  constexpr std::string_view kBegin = "\nTree=";
  const auto last = text.find("\nend of trees");
  if (last == std::string::npos) throw unreadable("no end of trees");
  for (auto begin = text.find(kBegin); begin < last;) {
    const auto next = std::min(text.find(kBegin, begin + 1), last);
    trees_.push_back(read_tree(text.substr(begin + 1, next - begin)));
    begin = next;
  }
  for (std::size_t t = 0; t < trees_.size(); ++t) {
    for (const auto& node : trees_[t].nodes) {
      if (node.feature >= by_feature_.size()) by_feature_.resize(node.feature + 1);
      auto& trees = by_feature_[node.feature];
      if (trees.empty() || trees.back() != t) trees.push_back(t);
    }
  }
}

std::span<const std::size_t> Forest::trees_on(std::size_t feature) const {
  if (feature >= by_feature_.size()) return {};
  return by_feature_[feature];
}

/// As LightGBM's Tree::NumericalDecision and CategoricalDecision.
bool Forest::goes_left(const Tree& tree, const Node& node, float value) {
  if ((node.decision & kCategorical) != 0) {
    const auto split = static_cast<std::size_t>(node.threshold);
    const std::size_t begin = tree.category_begins[split];
    const std::size_t known = (tree.category_begins[split + 1] - begin) * 32;
    if (!(value > -1.0F && value < static_cast<float>(known))) return false;
    const auto category = static_cast<std::size_t>(value);
    return ((tree.categories[begin + category / 32] >> (category % 32)) & 1U) != 0;
  }
  const std::uint32_t missing = (node.decision >> 2U) & 3U;
  if (std::isnan(value) && missing != kMissingIsNan) value = 0.0F;
  const bool is_missing = (missing == kMissingIsZero && std::fabs(value) <= kNextToZero) ||
                          (missing == kMissingIsNan && std::isnan(value));
  if (is_missing) return (node.decision & kDefaultLeft) != 0;
  return static_cast<double>(value) <= node.threshold;
}

double Forest::leaf_from(const Tree& tree, int node, const float* row) {
  while (node >= 0) {
    const Node& split = tree.nodes[static_cast<std::size_t>(node)];
    node = goes_left(tree, split, row[split.feature]) ? split.left : split.right;
  }
  const int leaf = ~node;
  return tree.leaves[static_cast<std::size_t>(leaf)];
}

double Forest::leaf_from(const Tree& tree, int node, const float* row, std::size_t feature, float value) {
  while (node >= 0) {
    const Node& split = tree.nodes[static_cast<std::size_t>(node)];
    const float asked = split.feature == feature ? value : row[split.feature];
    node = goes_left(tree, split, asked) ? split.left : split.right;
  }
  const int leaf = ~node;
  return tree.leaves[static_cast<std::size_t>(leaf)];
}

double Forest::output(std::size_t tree, const float* row) const {
  const Tree& asked = trees_[tree];
  return asked.nodes.empty() ? asked.leaves.front() : leaf_from(asked, 0, row);
}

double Forest::change(std::size_t tree, const float* row, std::size_t feature, float value) const {
  const Tree& asked = trees_[tree];
  int node = asked.nodes.empty() ? -1 : 0;
  // Both go the same way until the feature's values part them, which most samples never reach.
  while (node >= 0) {
    const Node& split = asked.nodes[static_cast<std::size_t>(node)];
    const bool left = goes_left(asked, split, row[split.feature]);
    if (split.feature == feature && goes_left(asked, split, value) != left) {
      return leaf_from(asked, left ? split.right : split.left, row, feature, value) -
             leaf_from(asked, left ? split.left : split.right, row);
    }
    node = left ? split.left : split.right;
  }
  return 0.0;
}

}  // namespace orrery::plugins::models::lightgbm
