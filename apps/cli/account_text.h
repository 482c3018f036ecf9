#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "orrery/app/account_folder.h"

namespace orrery::cli {

/// Says how an account stands: its equity and cash, what a person told it, its positions, its last changes of
/// risk.
std::string account_text(const std::filesystem::path& folder, const AccountStatus& status, std::size_t width);

/// The same for programs.
std::string account_json(const std::filesystem::path& folder, const AccountStatus& status);

}  // namespace orrery::cli
