#pragma once

#include <string_view>
#include <vector>

namespace orrery::server {

/// A file of the dashboard, embedded in the program.
struct DashboardFile {
  std::string_view path;          ///< "/index.html"
  std::string_view content_type;  ///< a constant
  std::string_view plain;
  std::string_view packed;  ///< by gzip; empty where that makes it no smaller
  std::string_view mark;    ///< of its bytes, as an ETag
};

/// All of them; there is always a "/index.html". Where the program was built without the dashboard's
/// packages, that one says what to do, and there are no others.
const std::vector<DashboardFile>& dashboard_files();

}  // namespace orrery::server
