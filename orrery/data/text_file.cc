#include "orrery/data/text_file.h"

#include <algorithm>
#include <cctype>

#include "orrery/base/files.h"
#include "orrery/data/gunzip.h"

namespace orrery {

bool has_suffix(const std::filesystem::path& path, std::string_view suffix) {
  const std::string name = path.filename().string();
  if (name.size() < suffix.size()) return false;
  return std::equal(suffix.begin(), suffix.end(), name.end() - static_cast<std::ptrdiff_t>(suffix.size()),
                    [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
}

std::string read_text_file(const std::filesystem::path& path) {
  auto bytes = read_file(path);
  if (has_suffix(path, ".gz")) return gunzip(bytes, path);
  return bytes;
}

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

}  // namespace orrery
