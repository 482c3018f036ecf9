#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/execution/trading_account.h"

namespace orrery::server {

/// The accounts of a folder of runs, by name: beside the runs, or in a folder `accounts` there.
std::vector<std::filesystem::path> account_folders(const std::filesystem::path& data);

/// Errors: kNotFound, with the accounts there are.
std::filesystem::path account_named(const std::filesystem::path& data, const std::string& name);

/// Something that is another one after every session, and every word that the account obeys or is told.
std::string account_stamp(const std::filesystem::path& folder);

/// Returns "on", "paused" or "flattened".
std::string_view mode_name(TradingMode mode);

}  // namespace orrery::server
