#include "orrery/data/table_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "orrery/base/error.h"
#include "orrery/data/feather.h"
#include "orrery/data/hdf5.h"
#include "orrery/data/parquet.h"
#include "orrery/data/text_file.h"

namespace orrery {
namespace {

struct Format {
  std::string_view name;  ///< the usual end of a name
  bool (*fits)(const std::filesystem::path& path);
  Table (*read)(const std::filesystem::path& path, int threads, DateColumn dates);
};

bool ends_in(const std::filesystem::path& path, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return has_suffix(path, name); });
}

/// To add a format: its line here, and one more reader.
constexpr std::array kFormats = {
    Format{".parquet",
           [](const std::filesystem::path& path) {
             return ends_in(path, {".parquet", ".pq", ".parq"});
           },
           [](const std::filesystem::path& path, int threads, DateColumn dates) {
             return read_parquet(path, {}, threads, dates);
           }},
    Format{
        ".feather",
        [](const std::filesystem::path& path) {
          return ends_in(path, {".feather", ".arrow", ".ipc"});
        },
        [](const std::filesystem::path& path, int, DateColumn dates) { return read_feather(path, dates); }},
    Format{".h5", is_hdf5_path,
           [](const std::filesystem::path& path, int, DateColumn dates) {
             if (dates == DateColumn::kDays) return read_hdf5(path);
             throw user_error(
                 ErrorCode::kInvalidArgument,
                 fmt::format("of {} only days can be read, and moments are needed here; write it "
                             "as .parquet, .feather or .csv",
                             path.string()));
           }},
};

const Format* find_format(const std::filesystem::path& path) {
  const auto* found =
      std::find_if(kFormats.begin(), kFormats.end(), [&](const Format& format) { return format.fits(path); });
  return found == kFormats.end() ? nullptr : found;
}

}  // namespace

bool is_table_file(const std::filesystem::path& path) { return find_format(path) != nullptr; }

Table read_table_file(const std::filesystem::path& path, int threads, DateColumn dates) {
  if (const auto* format = find_format(path)) return format->read(path, threads, dates);
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("can't tell the format of {}: the name must end in {}", path.string(), table_file_names()));
}

std::filesystem::path file_on_disk(const std::filesystem::path& path) {
  return hdf5_file_of(path).value_or(path);
}

std::string table_file_names() {
  std::string names;
  for (const auto& format : kFormats) names += fmt::format("{}{}", names.empty() ? "" : ", ", format.name);
  return names;
}

}  // namespace orrery
