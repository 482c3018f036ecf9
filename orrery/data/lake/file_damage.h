#pragma once

#include <string>
#include <string_view>

#include "orrery/base/disk.h"
#include "orrery/data/lake/delta_actions.h"

namespace orrery {

/// Returns how a data file differs from what the log says of it, by size and by the checksum that our writers
/// leave there; "" where it does not. Errors: kIo.
std::string damage_of(const OpenFile& file, const AddedFile& added);
/// The same of a file's content.
std::string damage_of(std::string_view content, const AddedFile& added);

}  // namespace orrery
