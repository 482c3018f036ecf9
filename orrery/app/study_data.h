#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "orrery/app/study.h"
#include "orrery/base/config.h"

namespace orrery {

/// Reads where the prices of a study come from: `source`, `path`, for files of bars
/// `bars`, of perpetual futures `funding`, and for a lake `table`, `as_of`,
/// `committed_by`, `symbols`, `from`, `to`.
void read_price_place(ConfigReader& reader, Study& study);

/// Reads which currencies the prices are in: `currencies`, with `account`, `of`, `rates` and `base`.
void read_currencies(ConfigReader& reader, Study& study);

/// Reads a list of members: a file of intervals or, in a study of a lake, a plain name without a dot or a
/// slash, which is a universe of its table membership.
void read_members(ConfigReader& reader, std::string_view key, const Study& study, std::filesystem::path& file,
                  std::string& universe);

}  // namespace orrery
