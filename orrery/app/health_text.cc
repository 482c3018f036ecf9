#include "orrery/app/health_text.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kUnknown = "–";

std::string share(double value) {
  return std::isnan(value) ? std::string(kUnknown) : fmt::format("{:.1f} %", 100.0 * value);
}

std::string decimal(double value, int digits) {
  return std::isnan(value) ? std::string(kUnknown) : fmt::format("{:.{}f}", value, digits);
}

std::size_t count_at_act(const ModelHealth& health, DriftVerdict JudgedFeature::*verdict) {
  std::size_t count = 0;
  for (const auto& feature : health.judgement.features)
    count += feature.*verdict == DriftVerdict::kAct ? 1 : 0;
  return count;
}

HealthLine feature_line(const ModelHealth& health, const DriftCheck& check, const std::string& name,
                        DriftVerdict JudgedFeature::*verdict, const std::string& meaning) {
  HealthLine line;
  line.check = name;
  line.value = fmt::format("{} of {}, {} of weight", count_at_act(health, verdict),
                           health.judgement.features.size(), share(check.value));
  line.threshold = fmt::format("{:g} %, {:g} % of weight", 100.0 * check.watch, 100.0 * check.act);
  line.meaning = meaning;
  return line;
}

HealthLine names_line(const ModelHealth& health, const DriftCheck& check) {
  const auto& names = health.evidence.names;
  HealthLine line;
  line.check = "names";
  line.value = fmt::format("{} → {} a session", decimal(names.reference, 1), decimal(names.recent, 1));
  line.threshold = fmt::format("{:g} %, {:g} % fewer", 100.0 * check.watch, 100.0 * check.act);
  line.meaning = "Names in the universe, on average of the training span and of the recent sessions.";
  return line;
}

HealthLine fall_line(const ModelHealth& health, const DriftCheck& check) {
  const auto& ic = health.evidence.ic;
  HealthLine line;
  line.check = "rank IC, fall";
  line.value = fmt::format("{} → {}, t {}", decimal(ic.reference_mean, 4), decimal(ic.recent_mean, 4),
                           decimal(ic.change_t, 2));
  line.threshold = fmt::format("t -{:g}, -{:g}", check.watch, check.act);
  line.meaning = fmt::format("Mean rank IC of the walk forward's {} sessions before, and of the last {}.",
                             ic.reference_days, ic.recent_days);
  return line;
}

HealthLine negative_line(const ModelHealth& health, const DriftCheck& check) {
  HealthLine line;
  line.check = "rank IC, below 0";
  line.value = fmt::format("{}, t {}", decimal(health.evidence.ic.recent_mean, 4),
                           decimal(health.evidence.ic.recent_t, 2));
  line.threshold = fmt::format("t -{:g}, -{:g}", check.watch, check.act);
  line.meaning = "Whether the scores now rank returns the wrong way round.";
  return line;
}

std::string bounds_text(const CoverageCheck& coverage, double confidence) {
  const auto bounds = binomial_bounds(coverage.promised, coverage.sessions, confidence);
  return fmt::format("{:.0f} to {:.0f} %", 100.0 * bounds.lower, 100.0 * bounds.upper);
}

HealthLine calibration_line(const ModelHealth& health, const DriftCheck& check) {
  const auto& coverage = health.evidence.coverage;
  HealthLine line;
  line.check = "intervals";
  line.value = fmt::format("{} held, {} promised", share(coverage.seen), share(coverage.promised));
  line.threshold = coverage.sessions == 0 ? std::string(kUnknown)
                                          : "outside " + bounds_text(coverage, check.watch) + ", " +
                                                bounds_text(coverage, check.act);
  line.meaning = fmt::format(
      "Share of the intervals that held what came, over {} sessions with known outcomes.", coverage.sessions);
  return line;
}

HealthLine line_of(const ModelHealth& health, const DriftCheck& check) {
  const auto& thresholds = health.thresholds;
  if (check.key == "psi") {
    return feature_line(
        health, check, "features, PSI", &JudgedFeature::psi,
        fmt::format("Features whose population stability index is at least {:g} and beyond what the "
                    "training span itself went through.",
                    thresholds.psi.act));
  }
  if (check.key == "ks") {
    return feature_line(
        health, check, "features, KS", &JudgedFeature::ks,
        fmt::format("Features whose Kolmogorov–Smirnov distance is beyond chance (false discovery rate "
                    "{:g}, a session counted once) and beyond the training span's own.",
                    thresholds.ks.act));
  }
  if (check.key == "missing") {
    return feature_line(
        health, check, "features, coverage", &JudgedFeature::missing,
        fmt::format(
            "Features that have values in at least {:g} points fewer of a hundred cells, and in fewer "
            "than in any part of the training span.",
            100.0 * thresholds.missing.act));
  }
  if (check.key == "names") return names_line(health, check);
  if (check.key == "ic_fall") return fall_line(health, check);
  if (check.key == "ic_negative") return negative_line(health, check);
  return calibration_line(health, check);
}

Json feature_json(const JudgedFeature& feature) {
  const auto& drift = feature.drift;
  return {{"feature", drift.feature},
          {"weight", feature.weight},
          {"verdict", to_string(feature.worst())},
          {"psi", drift.psi},
          {"psi_before", drift.psi_before},
          {"ks", drift.ks},
          {"ks_before", drift.ks_before},
          {"ks_p", drift.ks_p},
          {"ks_q", drift.ks_q},
          {"reference_share", drift.reference_share},
          {"recent_share", drift.recent_share},
          {"share_before", drift.share_before}};
}

Json checks_json(const ModelHealth& health) {
  Json checks = Json::array();
  for (std::size_t i = 0; i < health.judgement.checks.size(); ++i) {
    const auto& check = health.judgement.checks[i];
    checks.push_back({{"check", check.key},
                      {"value", check.value},
                      {"watch", check.watch},
                      {"act", check.act},
                      {"verdict", to_string(check.verdict)},
                      {"action", to_string(check.action)},
                      {"text", health.lines[i].value}});
  }
  return checks;
}

}  // namespace

std::vector<HealthLine> health_lines(const ModelHealth& health) {
  std::vector<HealthLine> lines;
  for (const auto& check : health.judgement.checks) {
    lines.push_back(line_of(health, check));
    lines.back().verdict = check.verdict;
    lines.back().action = check.action;
  }
  return lines;
}

std::string model_health_json(const ModelHealth& health) {
  const auto& ic = health.evidence.ic;
  const auto& coverage = health.evidence.coverage;
  Json features = Json::array();
  for (const auto& feature : health.judgement.features) features.push_back(feature_json(feature));
  const Json json = {
      {"model", health.title},
      {"stage", health.stage.empty() ? Json() : Json(health.stage)},
      {"action", to_string(health.judgement.action)},
      {"trained", {to_string(health.trained_first), to_string(health.trained_last)}},
      {"recent", {to_string(health.recent_first), to_string(health.recent_last)}},
      {"sessions", health.recent_sessions},
      {"checks", checks_json(health)},
      {"names",
       {{"reference", health.evidence.names.reference},
        {"recent", health.evidence.names.recent},
        {"smallest_before", health.evidence.names.smallest_before}}},
      {"rank_ic",
       {{"reference", ic.reference_mean},
        {"recent", ic.recent_mean},
        {"change_t", ic.change_t},
        {"recent_t", ic.recent_t}}},
      {"intervals",
       {{"promised", coverage.promised}, {"seen", coverage.seen}, {"sessions", coverage.sessions}}},
      {"features", features},
      {"notes", health.notes},
      {"next", health.next}};
  return json.dump(1) + "\n";
}

}  // namespace orrery
