#include "orrery/data/lake/lake.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/data/lake/lake_stores.h"

namespace orrery {
namespace {

void check_name(const std::string& name) {
  const auto is_allowed = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  if (!name.empty() && std::all_of(name.begin(), name.end(), is_allowed)) return;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("a table's name has small letters, digits and _ only; found '{}'", name));
}

}  // namespace

Lake::Lake(const std::filesystem::path& place, LakeTableOptions options)
    : files_(lake_files(place)), options_(std::move(options)) {}

/// A folder is a table from its first commit on: a writer that was stopped before leaves none.
bool Lake::has(const std::string& name) {
  const auto log = name + "/_delta_log";
  for (const auto* file : {"/00000000000000000000.json", "/_last_checkpoint"}) {
    if (files_->open(log + file) != nullptr) return true;
  }
  const auto files = files_->list(log);
  return std::any_of(files.begin(), files.end(), [](const StoredFile& file) {
    return file.path.ends_with(".json") || file.path.ends_with(".parquet");
  });
}

std::vector<std::string> Lake::tables() {
  std::vector<std::string> names;
  for (const auto& name : files_->folders("")) {
    if (has(name)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

LakeTable Lake::open(const std::string& name) {
  const auto there = tables();
  if (std::find(there.begin(), there.end(), name) == there.end()) {
    throw user_error(ErrorCode::kNotFound,
                     fmt::format("{} has no table '{}'{}; it has: {}", files_->location(""), name,
                                 did_you_mean(name, there),
                                 there.empty() ? "none" : fmt::format("{}", fmt::join(there, ", "))));
  }
  return LakeTable(*files_, name, options_);
}

LakeTable Lake::open_or_create(const TableDefinition& definition) {
  check_name(definition.name);
  try {
    LakeTable::create(*files_, definition.name, definition, options_);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kAlreadyExists) throw;
  }
  return LakeTable(*files_, definition.name, options_);
}

}  // namespace orrery
