#include "orrery/ml/feature_selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <span>

#include "orrery/base/error.h"
#include "orrery/base/float_dot.h"
#include "orrery/base/session_ranks.h"
#include "orrery/base/threads.h"

namespace orrery {
namespace {

using By = SelectionSpec::By;

constexpr std::size_t kMinimumNames = 5;
/// Chosen features that a candidate is held against at a time; all of them, whatever the threads.
constexpr std::size_t kTogether = 16;

/// The samples of one session, and where its values lie in a packed feature.
struct Session {
  std::size_t row = 0;
  std::size_t offset = 0;
  std::size_t padded = 0;
  std::vector<std::uint32_t> columns;
  std::vector<float> labels;  ///< for rank IC: numbers of the same order
  std::vector<double> wide_labels;
  std::vector<double> unit_labels;  ///< of all samples; empty without spread
};

/// The samples of a span by session.
struct Samples {
  std::vector<Session> sessions;
  std::size_t packed_size = 0;
};

/// Every session's values centred and scaled to length 1; zero where missing, padded, or without spread. The
/// product of two such sessions is their correlation.
struct UnitFeature {
  std::vector<float> values;
  std::vector<std::uint8_t> has_spread;  ///< by session
};

struct Scratch {
  SessionRanker ranker;
  std::vector<std::size_t> places;  ///< in the session, of the values found
  std::vector<float> values;
  std::vector<float> ranks;
  std::vector<double> centred;
  std::vector<double> centred_label;
};

/// Centres the values and scales them to length 1. Returns false when they are too few or all the same.
template <class T>
bool to_unit(std::span<const T> values, std::vector<double>& unit) {
  if (values.size() < kMinimumNames) return false;
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  if (*low == *high) return false;
  double sum = 0.0;
  for (const T value : values) sum += static_cast<double>(value);
  const double mean = sum / static_cast<double>(values.size());
  unit.resize(values.size());
  double squares = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    unit[i] = static_cast<double>(values[i]) - mean;
    squares += unit[i] * unit[i];
  }
  const double scale = 1.0 / std::sqrt(squares);
  for (double& value : unit) value *= scale;
  return std::isfinite(scale);
}

Samples gather_samples(const Panel& label, const MaskPanel& eligible, const RowRanges& rows) {
  Samples samples;
  for (const std::size_t row : rows.rows()) {
    Session session;
    for (std::size_t i = 0; i < eligible.columns(); ++i) {
      if (eligible(row, i) == 0 || !std::isfinite(label(row, i))) continue;
      session.columns.push_back(static_cast<std::uint32_t>(i));
      session.wide_labels.push_back(label(row, i));
    }
    if (session.columns.size() < kMinimumNames) continue;
    session.row = row;
    session.offset = samples.packed_size;
    session.padded = (session.columns.size() + kDotLanes - 1) / kDotLanes * kDotLanes;
    samples.packed_size += session.padded;
    samples.sessions.push_back(std::move(session));
  }
  return samples;
}

/// Ranks keep the order of the labels and their ties in a float, so that parts of them can be ranked again.
void rank_labels(Samples& samples) {
  for (auto& session : samples.sessions) {
    const auto& labels = session.wide_labels;
    std::vector<std::size_t> order(labels.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return labels[a] < labels[b]; });
    session.labels.resize(labels.size());
    float level = 0.0F;
    for (std::size_t k = 0; k < order.size(); ++k) {
      if (k > 0 && labels[order[k]] > labels[order[k - 1]]) level += 1.0F;
      session.labels[order[k]] = level;
    }
  }
}

/// Collects the session's finite values of a feature, as ranks where ranks count.
std::span<const float> session_values(const FloatPanel& panel, const Session& session, By by,
                                      Scratch& scratch) {
  scratch.places.clear();
  scratch.values.clear();
  const float* row = panel.row_data(session.row);
  for (std::size_t i = 0; i < session.columns.size(); ++i) {
    const float value = row[session.columns[i]];
    if (!std::isfinite(value)) continue;
    scratch.places.push_back(i);
    scratch.values.push_back(value);
  }
  if (by == By::kIc) return scratch.values;
  scratch.ranks.resize(scratch.values.size());
  scratch.ranker.rank(scratch.values, scratch.ranks);
  return scratch.ranks;
}

/// Puts the labels of the found places into `centred_label`. False when they have no spread.
bool label_to_unit(const Session& session, By by, Scratch& scratch) {
  if (scratch.places.size() == session.columns.size() && !session.unit_labels.empty()) {
    scratch.centred_label = session.unit_labels;
    return true;
  }
  if (by == By::kIc) {
    std::vector<double> labels;
    for (const std::size_t place : scratch.places) labels.push_back(session.wide_labels[place]);
    return to_unit(std::span<const double>(labels), scratch.centred_label);
  }
  scratch.values.clear();
  for (const std::size_t place : scratch.places) scratch.values.push_back(session.labels[place]);
  scratch.ranks.resize(scratch.values.size());
  scratch.ranker.rank(scratch.values, scratch.ranks);
  return to_unit(std::span<const float>(scratch.ranks), scratch.centred_label);
}

double session_ic(const FloatPanel& panel, const Session& session, By by, Scratch& scratch) {
  if (!to_unit(session_values(panel, session, by, scratch), scratch.centred) ||
      !label_to_unit(session, by, scratch)) {
    return SelectionCandidate::kMissing;
  }
  return std::inner_product(scratch.centred.begin(), scratch.centred.end(), scratch.centred_label.begin(),
                            0.0);
}

/// NaN when fewer than half of the sessions have an IC.
double mean_ic(const FloatPanel& panel, const Samples& samples, By by) {
  Scratch scratch;
  double sum = 0.0;
  std::size_t days = 0;
  for (const auto& session : samples.sessions) {
    const double ic = session_ic(panel, session, by, scratch);
    if (std::isnan(ic)) continue;
    sum += ic;
    ++days;
  }
  if (days == 0 || 2 * days < samples.sessions.size()) return SelectionCandidate::kMissing;
  return sum / static_cast<double>(days);
}

/// Most features have a value wherever there is a label; that case is prepared.
void prepare_whole_sessions(Samples& samples, By by) {
  Scratch scratch;
  for (auto& session : samples.sessions) {
    scratch.places.resize(session.columns.size());
    std::iota(scratch.places.begin(), scratch.places.end(), std::size_t{0});
    if (label_to_unit(session, by, scratch)) session.unit_labels = scratch.centred_label;
  }
}

UnitFeature unit_feature(const FloatPanel& panel, const Samples& samples, By by, int threads) {
  UnitFeature unit{std::vector<float>(samples.packed_size),
                   std::vector<std::uint8_t>(samples.sessions.size())};
  constexpr std::size_t kTasks = 8;
  parallel_for(kTasks, threads, [&](std::size_t task) {
    Scratch scratch;
    for (std::size_t s = task; s < samples.sessions.size(); s += kTasks) {
      const Session& session = samples.sessions[s];
      if (!to_unit(session_values(panel, session, by, scratch), scratch.centred)) continue;
      unit.has_spread[s] = 1;
      float* out = unit.values.data() + session.offset;
      for (std::size_t i = 0; i < scratch.places.size(); ++i) {
        out[scratch.places[i]] = static_cast<float>(scratch.centred[i]);
      }
    }
  });
  return unit;
}

double mean_correlation(const UnitFeature& a, const UnitFeature& b, const Samples& samples) {
  double sum = 0.0;
  std::size_t days = 0;
  for (std::size_t s = 0; s < samples.sessions.size(); ++s) {
    if (a.has_spread[s] == 0 || b.has_spread[s] == 0) continue;
    const auto& session = samples.sessions[s];
    sum += dot(a.values.data() + session.offset, b.values.data() + session.offset, session.padded);
    ++days;
  }
  return days == 0 ? 0.0 : sum / static_cast<double>(days);
}

/// A feature chosen so far.
struct Chosen {
  std::string name;
  UnitFeature unit;
};

struct Resemblance {
  std::size_t chosen = 0;
  double correlation = 0.0;
};

/// Finds the first chosen feature that the candidate resembles too much.
std::optional<Resemblance> find_resemblance(const UnitFeature& candidate, const std::vector<Chosen>& chosen,
                                            const Samples& samples, double limit, int threads) {
  for (std::size_t first = 0; first < chosen.size(); first += kTogether) {
    std::vector<double> correlations(std::min(kTogether, chosen.size() - first));
    parallel_for(correlations.size(), threads, [&](std::size_t i) {
      correlations[i] = mean_correlation(candidate, chosen[first + i].unit, samples);
    });
    for (std::size_t i = 0; i < correlations.size(); ++i) {
      if (std::fabs(correlations[i]) > limit) return Resemblance{first + i, correlations[i]};
    }
  }
  return std::nullopt;
}

/// The features that have an IC, largest first.
struct Ranked {
  std::size_t feature = 0;
  double ic = 0.0;
};

std::vector<Ranked> rank_features(const FactorFrame& features, const Samples& samples, By by, int threads) {
  std::vector<double> ics(features.panels.size());
  parallel_for(ics.size(), threads,
               [&](std::size_t f) { ics[f] = mean_ic(features.panels[f], samples, by); });
  std::vector<Ranked> ranked;
  for (std::size_t f = 0; f < ics.size(); ++f) {
    if (!std::isnan(ics[f])) ranked.push_back({f, ics[f]});
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const Ranked& a, const Ranked& b) { return std::fabs(a.ic) > std::fabs(b.ic); });
  return ranked;
}

void require_shapes(const FactorFrame& features, const Panel& label, const MaskPanel& eligible,
                    const RowRanges& rows) {
  const auto same = [&](const auto& panel) {
    return panel.rows() == eligible.rows() && panel.columns() == eligible.columns();
  };
  if (same(label) && std::all_of(features.panels.begin(), features.panels.end(), same) &&
      rows.end_row() <= eligible.rows()) {
    return;
  }
  throw internal_error("factors, label and mask to select features on differ in shape");
}

Error unreadable_selection(const std::string& reason) {
  return external_error(ErrorCode::kDataCorrupt,
                        fmt::format("the selection of features can't be read: {}", reason));
}

nlohmann::ordered_json candidate_json(const SelectionCandidate& candidate) {
  nlohmann::ordered_json json = {{"feature", candidate.feature}, {"ic", candidate.ic}};
  if (!candidate.chosen()) {
    json["resembles"] = candidate.resembles;
    json["correlation"] = candidate.correlation;
  }
  return json;
}

SelectionCandidate read_candidate(const nlohmann::json& json) {
  SelectionCandidate candidate;
  candidate.feature = json.at("feature").get<std::string>();
  candidate.ic = json.at("ic").get<double>();
  if (!json.contains("resembles")) return candidate;
  candidate.resembles = json.at("resembles").get<std::string>();
  candidate.correlation = json.at("correlation").get<double>();
  return candidate;
}

double jaccard(std::vector<std::string> a, std::vector<std::string> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  std::vector<std::string> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  const std::size_t either = a.size() + b.size() - both.size();
  return either == 0 ? 1.0 : static_cast<double>(both.size()) / static_cast<double>(either);
}

}  // namespace

const char* to_string(SelectionSpec::By by) { return by == By::kIc ? "ic" : "rank_ic"; }

std::vector<std::string> FeatureSelection::names() const {
  std::vector<std::string> names;
  for (const auto& candidate : candidates) {
    if (candidate.chosen()) names.push_back(candidate.feature);
  }
  return names;
}

std::string FeatureSelection::to_json() const {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& candidate : candidates) list.push_back(candidate_json(candidate));
  return nlohmann::ordered_json{{"format", "orrery-selection"},
                                {"version", 1},
                                {"by", to_string(spec.by)},
                                {"top", spec.top},
                                {"max_correlation", spec.max_correlation},
                                {"candidates", list}}
             .dump(1) +
         "\n";
}

FeatureSelection FeatureSelection::from_json(const std::string& text) {
  try {
    const auto json = nlohmann::json::parse(text);
    if (json.at("format") != "orrery-selection" || json.at("version") != 1) {
      throw unreadable_selection("it is of another format or version");
    }
    FeatureSelection selection;
    selection.spec = {json.at("by") == "ic" ? By::kIc : By::kRankIc, json.at("top").get<int>(),
                      json.at("max_correlation").get<double>()};
    for (const auto& candidate : json.at("candidates")) {
      selection.candidates.push_back(read_candidate(candidate));
    }
    return selection;
  } catch (const nlohmann::json::exception& error) {
    throw unreadable_selection(error.what());
  }
}

FeatureSelection select_features(const FactorFrame& features, const Panel& label, const MaskPanel& eligible,
                                 const RowRanges& rows, const SelectionSpec& spec, int threads) {
  require_shapes(features, label, eligible, rows);
  Samples samples = gather_samples(label, eligible, rows);
  if (spec.by == By::kRankIc) rank_labels(samples);
  prepare_whole_sessions(samples, spec.by);
  const auto ranked = rank_features(features, samples, spec.by, threads);
  if (ranked.empty()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("select: no feature has an IC on half of the {} training sessions that have "
                                 "{} samples or more",
                                 samples.sessions.size(), kMinimumNames));
  }
  FeatureSelection selection{spec, {}};
  std::vector<Chosen> chosen;
  for (const auto& [feature, ic] : ranked) {
    if (chosen.size() == static_cast<std::size_t>(spec.top)) break;
    UnitFeature unit = unit_feature(features.panels[feature], samples, spec.by, threads);
    SelectionCandidate candidate{features.names[feature], ic, "", SelectionCandidate::kMissing};
    const auto found = find_resemblance(unit, chosen, samples, spec.max_correlation, threads);
    if (found) {
      candidate.resembles = chosen[found->chosen].name;
      candidate.correlation = found->correlation;
    } else {
      chosen.push_back({candidate.feature, std::move(unit)});
    }
    selection.candidates.push_back(std::move(candidate));
  }
  return selection;
}

std::vector<std::size_t> chosen_positions(const FeatureSelection& selection, const FactorFrame& features) {
  std::vector<std::size_t> positions;
  for (const auto& name : selection.names()) {
    const auto found = std::find(features.names.begin(), features.names.end(), name);
    if (found == features.names.end())
      throw unreadable_selection(fmt::format("no factor is called '{}'", name));
    positions.push_back(static_cast<std::size_t>(found - features.names.begin()));
  }
  std::sort(positions.begin(), positions.end());
  return positions;
}

FeatureView selected_features(const std::optional<FeatureSelection>& selection, const FactorFrame& features) {
  return selection ? FeatureView(features, chosen_positions(*selection, features)) : FeatureView(features);
}

double SelectionStability::mean_jaccard() const {
  if (jaccard.empty()) return SelectionCandidate::kMissing;
  return std::accumulate(jaccard.begin(), jaccard.end(), 0.0) / static_cast<double>(jaccard.size());
}

SelectionStability selection_stability(const std::vector<std::vector<std::string>>& chosen_by_fold) {
  SelectionStability stability;
  std::map<std::string, std::size_t> counts;
  for (std::size_t i = 0; i < chosen_by_fold.size(); ++i) {
    for (const auto& feature : chosen_by_fold[i]) ++counts[feature];
    if (i > 0) stability.jaccard.push_back(jaccard(chosen_by_fold[i - 1], chosen_by_fold[i]));
  }
  for (const auto& [feature, folds] : counts) stability.counts.push_back({feature, folds});
  std::stable_sort(stability.counts.begin(), stability.counts.end(),
                   [](const auto& a, const auto& b) { return a.folds > b.folds; });
  return stability;
}

}  // namespace orrery
