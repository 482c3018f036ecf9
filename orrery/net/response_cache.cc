#include "orrery/net/response_cache.h"

#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/fingerprint.h"

namespace orrery {
namespace {

/// The first line says what the rest is.
std::optional<CachedResponse> parse_file(const std::string& content) {
  const auto end = content.find('\n');
  if (end == std::string::npos) return std::nullopt;
  const auto head = nlohmann::json::parse(content.begin(), content.begin() + static_cast<std::ptrdiff_t>(end),
                                          nullptr, false);
  if (!head.is_object()) return std::nullopt;
  CachedResponse response;
  response.body = content.substr(end + 1);
  if (head.value("digest", "") != fingerprint_text(response.body)) return std::nullopt;
  response.url = head.value("url", "");
  response.etag = head.value("etag", "");
  response.last_modified = head.value("last_modified", "");
  response.content_type = head.value("content_type", "");
  response.retrieved.nanoseconds = head.value("retrieved", std::int64_t{0});
  return response;
}

}  // namespace

ResponseCache::ResponseCache(std::filesystem::path folder) : folder_(std::move(folder)) {}

std::filesystem::path ResponseCache::path_of_url(const std::string& url) const {
  return folder_ / (fingerprint_text(url) + ".response");
}

std::optional<CachedResponse> ResponseCache::find(const std::string& url) const {
  const auto path = path_of_url(url);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::nullopt;
  try {
    auto found = parse_file(read_file(path));
    return found && found->url == url ? found : std::nullopt;
  } catch (const std::exception&) {
    return std::nullopt;  // what can't be read is asked for again
  }
}

void ResponseCache::keep(const CachedResponse& response) const {
  const nlohmann::ordered_json head = {{"url", response.url},
                                       {"etag", response.etag},
                                       {"last_modified", response.last_modified},
                                       {"content_type", response.content_type},
                                       {"retrieved", response.retrieved.nanoseconds},
                                       {"digest", fingerprint_text(response.body)}};
  std::error_code failed;
  std::filesystem::create_directories(folder_, failed);
  write_file_atomically(path_of_url(response.url), head.dump() + "\n" + response.body);
}

}  // namespace orrery
