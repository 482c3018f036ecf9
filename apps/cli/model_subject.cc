#include "apps/cli/model_subject.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/data/model_store.h"
#include "plugins/providers/simulated.h"

namespace orrery::cli {
namespace {

ModelVersion only_live_version(const ModelStore& store) {
  auto versions = store.versions();
  std::erase_if(versions, [](const auto& version) { return version.stage != ModelStage::kLive; });
  if (versions.size() == 1) return versions.front();
  std::vector<std::string> names;
  for (const auto& version : versions) names.push_back(version.name);
  throw user_error(ErrorCode::kNotFound,
                   names.empty()
                       ? "no registered model is live: name a version or a run's folder"
                       : fmt::format("several models are live, name one: {}", fmt::join(names, ", ")));
}

std::optional<std::filesystem::path> run_folder_of(const std::string& text) {
  if (text.empty()) return std::nullopt;  // not the folder that one happens to be in
  if (is_run_folder(text)) return text;
  auto under = std::filesystem::path("out") / text;
  if (is_run_folder(under)) return under;
  return std::nullopt;
}

bool is_registered(const ModelStore& store, const std::string& text) {
  const auto versions = store.versions();
  const auto name = text.substr(0, text.find('@'));
  return std::any_of(versions.begin(), versions.end(),
                     [&](const auto& version) { return version.name == name; });
}

}  // namespace

ModelSubject find_model(const std::string& text) {
  const bool is_path = text.find('/') != std::string::npos;
  const auto folder = run_folder_of(text);
  if (is_path && folder) return {*folder, folder->string(), std::nullopt};
  if (is_path) find_run(text);  // for its error
  const ModelStore store(default_model_store());
  if (folder && !is_registered(store, text)) return {*folder, folder->string(), std::nullopt};
  const auto version = text.empty() ? only_live_version(store) : store.find(parse_model_reference(text));
  store.check_files(version);
  return {store.folder_of(version), version.reference(), version};
}

std::string banner_of(const StoredRun& run, const std::string& data) {
  const auto banner = data.empty() ? "" : plugins::providers::simulation_banner_of(data);
  return banner.empty() ? run.banner : banner;
}

}  // namespace orrery::cli
