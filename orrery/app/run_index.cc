#include "orrery/app/run_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <system_error>

#include "orrery/base/error.h"
#include "orrery/base/files.h"

namespace orrery {
namespace {

void check_run(const std::filesystem::path& folder) {
  if (!is_run_folder(folder))
    throw user_error(ErrorCode::kNotFound, fmt::format("no run in this folder: {}", folder.string()));
}

std::filesystem::path tags_file(const std::filesystem::path& folder) { return folder / "tags.json"; }

bool listed_before(const ListedRun& a, const ListedRun& b) {
  if (a.run.finished != b.run.finished) return a.run.finished > b.run.finished;
  return a.run.folder < b.run.folder;
}

}  // namespace

RunIndex list_runs(const std::filesystem::path& root) {
  RunIndex index;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(root, missing)) {
    if (!is_run_folder(entry.path())) continue;
    try {
      index.runs.push_back({read_stored_run(entry.path()), run_tags(entry.path())});
    } catch (const Error& error) {
      index.unreadable.emplace_back(error.what());
    }
  }
  std::sort(index.runs.begin(), index.runs.end(), listed_before);
  std::sort(index.unreadable.begin(), index.unreadable.end());
  return index;
}

std::vector<std::string> run_tags(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(tags_file(folder))) return {};
  try {
    return nlohmann::json::parse(read_file(tags_file(folder))).get<std::vector<std::string>>();
  } catch (const nlohmann::json::exception& error) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("{} is no list of tags: {}", tags_file(folder).string(), error.what()));
  }
}

std::vector<std::string> tag_run(const std::filesystem::path& folder, const std::vector<std::string>& tags) {
  check_run(folder);
  auto all = run_tags(folder);
  for (const auto& tag : tags) {
    if (tag.empty() || tag.find(',') != std::string::npos)
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("a tag is a text without commas, found '{}'", tag));
    if (std::find(all.begin(), all.end(), tag) == all.end()) all.push_back(tag);
  }
  write_file_atomically(tags_file(folder), nlohmann::json(all).dump() + "\n");
  return all;
}

void delete_run(const std::filesystem::path& folder) {
  check_run(folder);
  std::error_code failure;
  std::filesystem::remove_all(folder, failure);
  if (failure) {
    throw external_error(ErrorCode::kIo,
                         fmt::format("can't delete the run ({}): {}", failure.message(), folder.string()));
  }
}

std::string run_index_json(const RunIndex& index) {
  using Json = nlohmann::ordered_json;
  Json list = Json::array();
  for (const auto& [run, tags] : index.runs) {
    const auto metric = [&run = run](const char* key) {
      const double value = run.metric(key);
      return std::isfinite(value) ? Json(value) : Json();
    };
    list.push_back({{"run", run.folder.filename().string()},
                    {"folder", run.folder.string()},
                    {"study", run.name},
                    {"finished", run.finished.empty() ? Json() : Json(run.finished)},
                    {"test_first", to_string(run.key.test_first)},
                    {"test_last", to_string(run.key.test_last)},
                    {"rank_ic_mean", metric("rank_ic_mean")},
                    {"annual_return", metric("annual_return")},
                    {"sharpe", metric("sharpe")},
                    {"tags", tags}});
  }
  return list.dump(1) + "\n";
}

}  // namespace orrery
