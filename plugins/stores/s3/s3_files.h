#pragma once

#include <memory>

#include "orrery/data/lake/lake_files.h"
#include "plugins/stores/s3/place.h"

namespace orrery::plugins::stores::s3 {

/// The files of a place on S3, read, listed, written and removed by Arrow; put_if_absent is a conditional
/// PUT. Messages hold no keys. Errors: as open_arrow_s3.
std::unique_ptr<LakeFiles> open_files(Place place, Settings settings);

}  // namespace orrery::plugins::stores::s3
