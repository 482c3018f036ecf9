#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "orrery/base/timestamp.h"

namespace orrery {

/// An answer that was kept, with what the server said to recognise it by.
struct CachedResponse {
  std::string url;  ///< without keys
  std::string etag;
  std::string last_modified;
  std::string content_type;
  Timestamp retrieved;
  std::string body;  ///< unpacked
};

/// Answers on disk, one file each, named by a digest of the URL without its keys. A file appears whole; a
/// damaged one counts as absent. Thread-safe, also between processes.
class ResponseCache {
 public:
  explicit ResponseCache(std::filesystem::path folder);

  std::optional<CachedResponse> find(const std::string& url) const;
  /// Errors: kIo.
  void keep(const CachedResponse& response) const;

 private:
  std::filesystem::path path_of_url(const std::string& url) const;

  std::filesystem::path folder_;
};

}  // namespace orrery
