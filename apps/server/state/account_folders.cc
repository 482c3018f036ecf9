#include "apps/server/state/account_folders.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "orrery/app/account_folder.h"
#include "orrery/base/error.h"

namespace orrery::server {

std::vector<std::filesystem::path> account_folders(const std::filesystem::path& data) {
  std::vector<std::filesystem::path> found;
  for (const auto& root : {data, data / "accounts"}) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(root, error)) {
      if (entry.path().filename().string().front() != '.' && is_account(entry.path()))
        found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end(),
            [](const auto& left, const auto& right) { return left.filename() < right.filename(); });
  return found;
}

std::filesystem::path account_named(const std::filesystem::path& data, const std::string& name) {
  std::string names;
  for (const auto& folder : account_folders(data)) {
    if (folder.filename() == name) return folder;
    names += (names.empty() ? "" : ", ") + folder.filename().string();
  }
  throw user_error(ErrorCode::kNotFound, fmt::format("there is no account '{}'; there are: {}", name,
                                                     names.empty() ? "none" : names));
}

std::string account_stamp(const std::filesystem::path& folder) {
  std::string stamp = folder.string();
  for (const char* name : {"journal.log", "books.sqlite", "inbox", "killed"}) {
    std::error_code error;
    const auto written = std::filesystem::last_write_time(folder / name, error);
    stamp += fmt::format(":{}", error ? 0 : written.time_since_epoch().count());
  }
  return stamp;
}

std::string_view mode_name(TradingMode mode) {
  switch (mode) {
    case TradingMode::kOn:
      return "on";
    case TradingMode::kFlatten:
      return "flattened";
    case TradingMode::kPaused:
      break;
  }
  return "paused";
}

}  // namespace orrery::server
