#include "plugins/stores/s3/arrow_s3.h"

#include <fmt/format.h>

#include "orrery/base/error.h"
#include "orrery/base/shared_library.h"

namespace orrery::plugins::stores::s3 {
namespace {

OpenArrowS3& opener() {
  static const SharedLibrary library(ORRERY_S3_FILE);
  static OpenArrowS3* const open = library.function<OpenArrowS3>("orrery_open_arrow_s3");
  return *open;
}

}  // namespace

std::unique_ptr<ArrowS3> open_arrow_s3(const Settings& settings) {
  std::string problem;
  std::unique_ptr<ArrowS3> connection(opener()(settings, problem));
  if (connection) return connection;
  throw external_error(ErrorCode::kIo, fmt::format("can't reach S3: {}", problem));
}

}  // namespace orrery::plugins::stores::s3
