#include "apps/cli/health_tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/cli/decimals.h"
#include "apps/cli/plural.h"
#include "apps/cli/terminal.h"

namespace orrery::cli {
namespace {

std::string heading(const ModelHealth& health) {
  const auto stage = health.stage.empty() ? std::string() : fmt::format(" ({})", health.stage);
  return fmt::format("{}{}, {}: trained on {} to {}; looked at on {}, {} to {}\n\n", health.title, stage,
                     health.model, to_string(health.trained_first), to_string(health.trained_last),
                     plural(health.recent_sessions, "session"), to_string(health.recent_first),
                     to_string(health.recent_last));
}

TextTable checks_table(const ModelHealth& health) {
  TextTable table = {{"check", "value", "watch, act", "verdict", "to do"}};
  for (const auto& line : health.lines) {
    table.push_back({line.check, line.value, line.threshold, std::string(to_string(line.verdict)),
                     line.action == DriftAction::kNone ? "" : std::string(to_string(line.action))});
  }
  return table;
}

std::vector<std::string> feature_row(const JudgedFeature& feature) {
  const auto& drift = feature.drift;
  return {drift.feature,
          percent(feature.weight, 1),
          decimals(drift.psi, 3),
          decimals(drift.psi_before, 3),
          decimals(drift.ks, 3),
          decimals(drift.ks_before, 3),
          percent(drift.reference_share, 1),
          percent(drift.recent_share, 1),
          std::string(to_string(feature.worst()))};
}

std::string features_text(const ModelHealth& health, std::size_t shown, std::size_t width) {
  const auto& features = health.judgement.features;
  const std::size_t fine = count_features(health, DriftVerdict::kOk);
  const std::size_t moved = features.size() - fine;
  const std::size_t rows = shown == 0 ? features.size() : std::min(shown, moved);
  std::string text;
  if (rows > 0) {
    TextTable table = {
        {"feature", "weight", "PSI", "before", "KS", "before", "had values", "now", "verdict"}};
    for (std::size_t i = 0; i < rows; ++i) table.push_back(feature_row(features[i]));
    text += "\n" + format_table(table, width);
  }
  text += fmt::format("\n{} of {} fine", fine, plural(features.size(), "feature"));
  if (moved > rows) return text + fmt::format("; the {} worst are shown, --all shows every one.\n", rows);
  return text + ".\n";
}

}  // namespace

std::string health_text(const ModelHealth& health, std::size_t shown, std::size_t width) {
  std::string text = health.banner.empty() ? "" : health.banner + "\n\n";
  text += heading(health) + format_table(checks_table(health), width) + features_text(health, shown, width);
  for (const auto& note : health.notes) text += fmt::format("{}\n", note);
  if (health.next.empty()) return text + "\nNothing is to be done.\n";
  text += fmt::format("\nTo do: {}.\n", to_string(health.judgement.action));
  for (const auto& command : health.next) text += fmt::format("  {}\n", command);
  return text;
}

}  // namespace orrery::cli
