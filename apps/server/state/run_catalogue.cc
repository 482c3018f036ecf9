#include "apps/server/state/run_catalogue.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>

#include "orrery/app/run_index.h"
#include "orrery/base/error.h"

namespace orrery::server {
namespace {

constexpr double kSecondsBetweenLooks = 1.0;

/// What tells one state of a run's folder from another: its manifest and its tags appear whole.
std::string stamp_of(const std::filesystem::path& folder) {
  std::string stamp;
  for (const char* name : {"manifest.json", "tags.json"}) {
    std::error_code error;
    const auto written = std::filesystem::last_write_time(folder / name, error);
    if (error) continue;
    stamp += fmt::format("{}:{}:{};", name, written.time_since_epoch().count(),
                         std::filesystem::file_size(folder / name, error));
  }
  return stamp;
}

std::optional<int> label_span(const StoredRun& run, const Plugins& plugins) {
  try {
    return reread_study(run, plugins).label.span_rows;
  } catch (const Error&) {
    return std::nullopt;  // its files are gone or its plug-ins: then no probability can be told honestly
  }
}

}  // namespace

CatalogueRun::CatalogueRun(StoredRun stored, std::vector<std::string> tags, const Plugins& plugins)
    : name_(stored.folder.filename().string()),
      stored_(std::move(stored)),
      tags_(std::move(tags)),
      plugins_(plugins) {}

const RunRecommendations& CatalogueRun::recommendations() const {
  const std::lock_guard lock(mutex_);
  if (!recommendations_) {
    recommendations_ =
        std::make_unique<const RunRecommendations>(stored_.folder, label_span(stored_, plugins_));
  }
  return *recommendations_;
}

RunCatalogue::RunCatalogue(std::filesystem::path folder, const Plugins& plugins, WaitClock& clock)
    : folder_(std::move(folder)), plugins_(plugins), clock_(clock) {
  look();
}

void RunCatalogue::look_again() {
  const double now = clock_.seconds();
  double looked = looked_.load(std::memory_order_relaxed);
  if (looked >= 0.0 && now - looked < kSecondsBetweenLooks) return;
  if (looked_.compare_exchange_strong(looked, now)) look();
}

void RunCatalogue::rescan() { look(); }

void RunCatalogue::look() {
  looked_.store(clock_.seconds());
  std::map<std::string, std::string> stamps;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error)) {
    const std::string name = entry.path().filename().string();
    if (name.front() == '.' || !entry.is_directory(error) || !is_run_folder(entry.path())) continue;
    stamps.emplace(name, stamp_of(entry.path()));
  }
  const std::lock_guard lock(mutex_);
  bool changed = std::erase_if(entries_, [&](const auto& one) { return stamps.count(one.first) == 0; }) > 0;
  for (const auto& [name, stamp] : stamps) {
    Entry& entry = entries_[name];
    if (entry.stamp == stamp) continue;
    changed = true;
    entry = {stamp, nullptr, ""};
    try {
      entry.run = std::make_shared<const CatalogueRun>(read_stored_run(folder_ / name),
                                                       run_tags(folder_ / name), plugins_);
    } catch (const Error& fault) {
      entry.fault = fault.what();
    }
  }
  if (changed) generation_.fetch_add(1);
}

std::vector<std::shared_ptr<const CatalogueRun>> RunCatalogue::runs() {
  look_again();
  std::vector<std::shared_ptr<const CatalogueRun>> all;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, entry] : entries_) {
      if (entry.run) all.push_back(entry.run);
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& left, const auto& right) {
    return left->stored().finished > right->stored().finished;
  });
  return all;
}

std::shared_ptr<const CatalogueRun> RunCatalogue::preferred() {
  const auto all = runs();
  for (const auto& run : all) {
    if (std::find(run->tags().begin(), run->tags().end(), "live") != run->tags().end()) return run;
  }
  return all.empty() ? nullptr : all.front();
}

std::shared_ptr<const CatalogueRun> RunCatalogue::find(const std::string& name) {
  if (name.empty()) {
    if (auto run = preferred()) return run;
    throw user_error(ErrorCode::kNotFound, "there is no run yet; 'orrery run STUDY.yaml' makes one");
  }
  look_again();
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(name);
  if (found != entries_.end() && found->second.run) return found->second.run;
  std::string names;
  for (const auto& [other, entry] : entries_) {
    if (entry.run) names += (names.empty() ? "" : ", ") + other;
  }
  throw user_error(ErrorCode::kNotFound,
                   fmt::format("there is no run '{}'; there are: {}", name, names.empty() ? "none" : names));
}

std::vector<std::string> RunCatalogue::unreadable() {
  look_again();
  const std::lock_guard lock(mutex_);
  std::vector<std::string> lines;
  for (const auto& [name, entry] : entries_) {
    if (!entry.fault.empty()) lines.push_back(name + ": " + entry.fault);
  }
  return lines;
}

std::uint64_t RunCatalogue::generation() {
  look_again();
  return generation_.load();
}

}  // namespace orrery::server
