#include "orrery/net/url.h"

#include <fmt/format.h>

#include <algorithm>

namespace orrery {
namespace {

bool is_unreserved(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

std::size_t path_start(std::string_view url) {
  const auto scheme = url.find("://");
  const auto begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto found = url.find_first_of("/?#", begin);
  return found == std::string_view::npos ? url.size() : found;
}

}  // namespace

std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (is_unreserved(c)) {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

std::string add_query(std::string url, const QueryParameters& parameters) {
  for (const auto& [name, value] : parameters) {
    url += url.find('?') == std::string::npos ? '?' : '&';
    url += percent_encode(name) + "=" + percent_encode(value);
  }
  return url;
}

std::string origin_of(std::string_view url) { return std::string(url.substr(0, path_start(url))); }

std::string path_of(std::string_view url) {
  const auto rest = url.substr(path_start(url));
  std::string path(rest.empty() || rest.front() != '/' ? "/" : "");
  return path.append(rest);
}

std::string resolve_url(std::string_view base, std::string_view location) {
  if (location.find("://") != std::string_view::npos) return std::string(location);
  if (location.substr(0, 2) == "//") {
    return std::string(base.substr(0, base.find("://") + 1)) + std::string(location);
  }
  if (!location.empty() && location.front() == '/') return origin_of(base) + std::string(location);
  const std::string path = path_of(base);
  const std::string folder = path.substr(0, path.substr(0, path.find_first_of("?#")).rfind('/') + 1);
  return origin_of(base) + folder + std::string(location);
}

std::string without_parameter(std::string_view url, std::string_view name) {
  const auto question = url.find('?');
  if (question == std::string_view::npos) return std::string(url);
  std::string kept(url.substr(0, question));
  char separator = '?';
  std::string_view rest = url.substr(question + 1);
  while (!rest.empty()) {
    const auto end = std::min(rest.find('&'), rest.size());
    const auto part = rest.substr(0, end);
    if (part.substr(0, part.find('=')) != name) {
      kept += separator;
      kept += part;
      separator = '&';
    }
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return kept;
}

}  // namespace orrery
