#include "orrery/data/column_name.h"

namespace orrery {

std::string fold_column_name(std::string_view name) {
  const auto first = name.find_first_not_of(" \t");
  if (first == std::string_view::npos) return "";
  name = name.substr(first, name.find_last_not_of(" \t") - first + 1);
  std::string folded;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') {
      folded.push_back(static_cast<char>(c - 'A' + 'a'));
    } else {
      folded.push_back(c == ' ' || c == '-' ? '_' : c);
    }
  }
  return folded;
}

}  // namespace orrery
