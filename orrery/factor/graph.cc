#include "orrery/factor/graph.h"

#include <algorithm>
#include <cstdint>

namespace orrery {
namespace {

template <class T>
void append_bytes(std::string& key, const T& value) {
  // NOLINTNEXTLINE(bugprone-sizeof-expression): an operator is known by its address
  key.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Writes what makes a node what it is. Outputs follow from the rest.
std::string identity(const Node& node) {
  std::string key = node.field;
  key.push_back('\0');
  append_bytes(key, node.kind);
  append_bytes(key, reinterpret_cast<std::uintptr_t>(node.kernel));
  append_bytes(key, reinterpret_cast<std::uintptr_t>(node.cross_section));
  for (const Edge& edge : node.inputs) append_bytes(key, edge);
  key.push_back('|');
  for (const double constant : node.constants) append_bytes(key, constant);
  // A constant of one type is not one of another.
  if (node.kind != Node::Kind::kKernel) append_bytes(key, node.outputs.front());
  return key;
}

}  // namespace

int Graph::intern(const Node& node) {
  const auto [place, added] = index_.try_emplace(identity(node), static_cast<int>(nodes_.size()));
  if (added) nodes_.push_back(node);
  return place->second;
}

int Graph::intern_answer(int node, std::size_t first, double answer, kernels::Element element) {
  Node& kept = nodes_[static_cast<std::size_t>(node)];
  const auto begin = kept.constants.begin() + static_cast<std::ptrdiff_t>(first);
  const auto found = std::find(begin, kept.constants.end(), answer);
  const int place = static_cast<int>(found - begin);
  if (found == kept.constants.end()) {
    kept.constants.push_back(answer);
    kept.outputs.push_back(element);
  }
  return place;
}

}  // namespace orrery
