#pragma once

#include <memory>
#include <string>

#include "orrery/net/secret.h"
#include "plugins/stores/s3/place.h"

namespace arrow::fs {
class FileSystem;
}

namespace orrery::plugins::stores::s3 {

struct Keys {
  Secret access_key;
  Secret secret_key;
  Secret session_token;
};

/// Arrow's file system over S3. Safe to use from several threads.
class ArrowS3 {
 public:
  virtual ~ArrowS3() = default;
  /// Paths are BUCKET/KEY.
  virtual arrow::fs::FileSystem& files() = 0;
  virtual std::string region() const = 0;
  /// Returns the keys that are good now, as Amazon's library finds them: environment, its files, the
  /// machine's role. Empty where there are none.
  virtual Keys keys() const = 0;
};

/// Opens a connection through a library that is loaded on the first call: who has no lake on S3 pays nothing.
/// Errors: kUnavailable when the library is missing; kIo.
std::unique_ptr<ArrowS3> open_arrow_s3(const Settings& settings);

/// What the library exports as orrery_open_arrow_s3: makes a connection, or returns nullptr and says why not.
using OpenArrowS3 = ArrowS3*(const Settings& settings, std::string& problem);

}  // namespace orrery::plugins::stores::s3
