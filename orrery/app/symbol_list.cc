#include "orrery/app/symbol_list.h"

#include <fmt/format.h>

namespace orrery {

std::vector<std::string> read_symbols(ConfigReader& reader, std::string_view key) {
  std::vector<std::string> symbols;
  const ConfigNode* node = reader.node(key);
  if (node == nullptr) return symbols;
  if (node->kind != ConfigNode::Kind::kSequence) {
    reader.problem(key, fmt::format("must be a list of symbols, found {}", describe(*node)));
  }
  for (const auto& item : node->items) symbols.push_back(item.scalar);
  return symbols;
}

}  // namespace orrery
