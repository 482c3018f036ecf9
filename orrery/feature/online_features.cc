#include "orrery/feature/online_features.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>

#include "orrery/feature/historical_features.h"

namespace orrery {
namespace {

/// Tells of sessions whether they are expired; most rows ask for the one before's.
class Expiry {
 public:
  Expiry(const FeatureTime& time, Timestamp now) : time_(time), now_(now) {}

  bool operator()(Date session) {
    if (!has_asked_ || asked_ != session) {
      const auto end = time_.expires(session);
      has_asked_ = true;
      asked_ = session;
      is_expired_ = end && now_ >= *end;
    }
    return is_expired_;
  }

 private:
  const FeatureTime& time_;
  Timestamp now_;
  bool has_asked_ = false;
  Date asked_;
  bool is_expired_ = false;
};

}  // namespace

std::filesystem::path serving_log_file(const FeatureDefinitions& definitions) {
  return definitions.state / "served.sqlite";
}

std::unique_ptr<OnlineStore> open_online_store(const FeatureDefinitions& definitions,
                                               const OnlineStoreRegistry& stores) {
  const auto& entry = stores.get(definitions.store);
  return entry.open(
      {definitions.state, complete_parameters(definitions.store_parameters, entry.info.parameters)});
}

OnlineFeatures::OnlineFeatures(FeatureDefinitions definitions, const OnlineStoreRegistry& stores)
    : definitions_(std::move(definitions)),
      store_(open_online_store(definitions_, stores)),
      log_(serving_log_file(definitions_), definitions_.log.sample, definitions_.log.megabytes) {
  for (std::size_t view = 0; view < definitions_.views.size(); ++view) {
    times_.emplace_back(definitions_.views[view]);
    for (std::size_t feature = 0; feature < definitions_.views[view].features.size(); ++feature) {
      const FeatureReference reference{view, feature};
      by_name_.emplace(feature_name(definitions_, reference), reference);
    }
  }
}

std::vector<FeatureReference> OnlineFeatures::find(const std::vector<std::string>& features,
                                                   const std::vector<std::string>& views) const {
  if (!views.empty() || features.empty()) return find_features(definitions_, features, views);
  std::vector<FeatureReference> found;
  std::unordered_set<std::string_view> seen;
  for (const auto& name : features) {
    const auto place = by_name_.find(name);
    if (place == by_name_.end() || !seen.insert(name).second)
      return find_features(definitions_, features, views);  // which says what is wrong
    found.push_back(place->second);
  }
  return found;
}

void OnlineFeatures::answer_view(const std::vector<std::string>& symbols, Timestamp now,
                                 AnsweredView& answer) {
  const auto& view = definitions_.views[answer.view];
  const std::size_t width = answer.features.size();
  answer.sessions.resize(symbols.size());
  answer.values.assign(symbols.size() * width, PanelT<float>::missing());
  answer.statuses.assign(symbols.size() * width, FeatureStatus::kNeverKnown);
  OnlineRows rows = store_->read(view.name, symbols);
  if (!rows.about || rows.about->definition != view.fingerprint) return;
  answer.about = std::move(rows.about);
  Expiry is_expired(times_[answer.view], now);
  for (std::size_t i = 0; i < symbols.size(); ++i) {
    if (rows.found[i] == 0) continue;
    answer.sessions[i] = rows.sessions[i];
    const bool expired = is_expired(rows.sessions[i]);
    const float* row = rows.values.data() + i * answer.about->features.size();
    for (std::size_t j = 0; j < width; ++j) {
      const float value = row[answer.features[j]];
      auto& status = answer.statuses[i * width + j];
      status = expired             ? FeatureStatus::kExpired
               : std::isnan(value) ? FeatureStatus::kMissing
                                   : FeatureStatus::kPresent;
      if (status == FeatureStatus::kPresent) answer.values[i * width + j] = value;
    }
  }
}

void OnlineFeatures::write_down(const std::vector<std::string>& symbols, Timestamp now,
                                const AnsweredView& answer) {
  const auto& view = definitions_.views[answer.view];
  ServedValues served;
  served.time = now;
  served.view = view.name;
  if (answer.about) served.definition = answer.about->definition;
  for (const auto feature : answer.features) served.features.push_back(view.features[feature].name);
  served.symbols = symbols;
  for (const auto& session : answer.sessions)
    served.sessions.push_back(session ? session->days : ServedValues::kNoSession);
  served.statuses = answer.statuses;
  served.values = answer.values;
  log_.add(std::move(served));
}

std::vector<AnsweredView> OnlineFeatures::get(const std::vector<std::string>& symbols,
                                              const std::vector<FeatureReference>& wanted, Timestamp now) {
  auto answers = answers_by_view(wanted);
  const bool keeps = log_.takes_next();
  for (auto& answer : answers) {
    answer_view(symbols, now, answer);
    if (keeps) write_down(symbols, now, answer);
  }
  return answers;
}

std::vector<ViewFreshness> OnlineFeatures::freshness(Timestamp now) {
  std::vector<ViewFreshness> found;
  for (std::size_t i = 0; i < definitions_.views.size(); ++i) {
    const auto& view = definitions_.views[i];
    ViewFreshness fresh;
    fresh.view = view.name;
    fresh.latest = store_->latest(view.name);
    if (fresh.latest) {
      fresh.other_definition = fresh.latest->definition != view.fingerprint;
      fresh.age_seconds = static_cast<double>(now.nanoseconds - fresh.latest->known.nanoseconds) / 1e9;
      fresh.sessions_behind = times_[i].sessions_behind(fresh.latest->session, now);
      const auto end = times_[i].expires(fresh.latest->session);
      fresh.expired = end && now >= *end;
    }
    found.push_back(std::move(fresh));
  }
  return found;
}

void OnlineFeatures::refresh() {
  store_->refresh();
  log_.flush();
}

}  // namespace orrery
