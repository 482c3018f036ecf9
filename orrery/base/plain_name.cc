#include "orrery/base/plain_name.h"

#include <algorithm>

namespace orrery {
namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

}  // namespace

bool is_plain_name(std::string_view name, std::size_t longest) {
  return !name.empty() && name.size() <= longest && std::all_of(name.begin(), name.end(), is_plain);
}

bool is_plain_file_name(std::string_view name, std::size_t longest) {
  return is_plain_name(name, longest) && name.front() != '.';
}

}  // namespace orrery
