#include "orrery/ml/preprocess.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/base/threads.h"
#include "orrery/ml/cross_section.h"
#include "orrery/ml/median.h"

namespace orrery {
namespace {

using Kind = FeatureStep::Kind;

struct StepName {
  std::string_view name;
  Kind kind;
  bool has_value;
};
constexpr std::array<StepName, 6> kStepNames{{{"robust_zscore", Kind::kRobustZScore, false},
                                              {"zscore", Kind::kZScore, false},
                                              {"clip", Kind::kClip, true},
                                              {"fill_na", Kind::kFillMissing, true},
                                              {"cs_zscore", Kind::kCrossZScore, false},
                                              {"cs_rank", Kind::kCrossRank, false}}};

constexpr std::array<std::pair<std::string_view, LabelStep>, 3> kLabelStepNames{
    {{"none", LabelStep::kNone},
     {"cs_rank_norm", LabelStep::kCrossRankNorm},
     {"cs_zscore", LabelStep::kCrossZScore}}};

Error unknown_step(std::string_view kind, const std::string& name, const std::vector<std::string>& allowed) {
  return user_error(ErrorCode::kInvalidArgument,
                    fmt::format("unknown {} step '{}'{}; allowed: {}", kind, name,
                                did_you_mean(name, allowed), fmt::join(allowed, ", ")));
}

const StepName& find_step(const std::string& name) {
  const auto found = std::find_if(kStepNames.begin(), kStepNames.end(),
                                  [&](const StepName& step) { return step.name == name; });
  if (found != kStepNames.end()) return *found;
  std::vector<std::string> allowed;
  allowed.reserve(kStepNames.size());
  for (const auto& step : kStepNames) allowed.emplace_back(step.name);
  throw unknown_step("feature", name, allowed);
}

std::string_view step_name(Kind kind) {
  return std::find_if(kStepNames.begin(), kStepNames.end(), [&](const StepName& s) { return s.kind == kind; })
      ->name;
}

void scale_values(std::span<float> values, float center, float scale) {
  for (float& value : values) value = (value - center) / scale;
}

void clip_values(std::span<float> values, float bound) {
  for (float& value : values) value = std::min(std::max(value, -bound), bound);
}

void fill_missing(std::span<float> values, float filling) {
  for (float& value : values) value = std::isnan(value) ? filling : value;
}

/// Applies a step of cross-sections to the eligible values; the others become missing.
void apply_cross_section(std::span<const std::uint8_t> eligible, std::span<float> values,
                         void (*transform)(std::span<double>)) {
  std::vector<double> wide(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    wide[i] = eligible[i] != 0 ? static_cast<double>(values[i]) : std::numeric_limits<double>::quiet_NaN();
  }
  transform(wide);
  std::transform(wide.begin(), wide.end(), values.begin(), [](double x) { return static_cast<float>(x); });
}

void apply_step(const FittedFeatures::Step& step, std::size_t feature, std::span<const std::uint8_t> eligible,
                std::span<float> values) {
  switch (step.step.kind) {
    case Kind::kRobustZScore:
    case Kind::kZScore:
      return scale_values(values, step.scaling.center[feature], step.scaling.scale[feature]);
    case Kind::kClip:
      return clip_values(values, static_cast<float>(step.step.value));
    case Kind::kFillMissing:
      return fill_missing(values, static_cast<float>(step.step.value));
    case Kind::kCrossZScore:
      return apply_cross_section(eligible, values, cross_z_score);
    case Kind::kCrossRank:
      return apply_cross_section(eligible, values, cross_rank_norm);
  }
}

bool learns(Kind kind) { return kind == Kind::kRobustZScore || kind == Kind::kZScore; }

struct CenterScale {
  float center = std::numeric_limits<float>::quiet_NaN();
  float scale = 1.0F;
};

/// Buffers that one thread uses for one feature after another.
struct SessionScratch {
  MedianFinder finder;
  std::vector<float> values;
  std::vector<float> session;
};

/// All in float, in the order of qlib's operations: MAD, + 1e-12, * 1.4826.
CenterScale robust_scaling(std::span<float> values, MedianFinder& finder) {
  CenterScale result;
  result.center = finder.median(values);
  for (float& value : values) value = std::fabs(value - result.center);
  result.scale = (finder.median(values) + 1e-12F) * 1.4826F;
  return result;
}

/// Sums in double, in sample order; a feature without spread is left as it is.
CenterScale moment_scaling(std::span<const float> values) {
  if (values.empty()) return {};
  const auto count = static_cast<double>(values.size());
  double sum = 0.0;
  for (const float value : values) sum += static_cast<double>(value);
  const double mean = sum / count;
  double squares = 0.0;
  for (const float value : values) {
    squares += (static_cast<double>(value) - mean) * (static_cast<double>(value) - mean);
  }
  const auto deviation = static_cast<float>(std::sqrt(squares / count));
  if (deviation == 0.0F) return {0.0F, 1.0F};
  return {static_cast<float>(mean), deviation};
}

/// Gathers the training values of one feature as the steps before `count` leave them, without the missing
/// ones.
std::span<float> training_values(const FeatureView& features, std::size_t feature, const MaskPanel& eligible,
                                 const RowRanges& rows, const std::vector<FittedFeatures::Step>& steps,
                                 std::size_t count, SessionScratch& scratch) {
  const auto& panel = features.panel(feature);
  scratch.values.resize(rows.size() * panel.columns() + kCompactSlack);
  scratch.session.resize(panel.columns());
  std::size_t gathered = 0;
  for (const std::size_t row : rows.rows()) {
    std::span<const float> session = panel.row(row);
    if (count > 0) {
      std::copy(session.begin(), session.end(), scratch.session.begin());
      for (std::size_t s = 0; s < count; ++s)
        apply_step(steps[s], feature, eligible.row(row), scratch.session);
      session = scratch.session;
    }
    gathered += compact_present(session, eligible.row(row), scratch.values.data() + gathered);
  }
  return {scratch.values.data(), gathered};
}

void fit_feature(const FeatureView& features, std::size_t feature, const MaskPanel& eligible,
                 const RowRanges& rows, std::vector<FittedFeatures::Step>& steps, SessionScratch& scratch) {
  for (std::size_t s = 0; s < steps.size(); ++s) {
    if (!learns(steps[s].step.kind)) continue;
    const auto values = training_values(features, feature, eligible, rows, steps, s, scratch);
    const auto [center, scale] = steps[s].step.kind == Kind::kRobustZScore
                                     ? robust_scaling(values, scratch.finder)
                                     : moment_scaling(values);
    steps[s].scaling.center[feature] = center;
    steps[s].scaling.scale[feature] = scale;
  }
}

void require_same_shape(const FeatureView& features, const MaskPanel& eligible) {
  for (std::size_t i = 0; i < features.size(); ++i) {
    const auto& panel = features.panel(i);
    if (panel.rows() == eligible.rows() && panel.columns() == eligible.columns()) continue;
    throw internal_error(fmt::format("factor {} is {} × {}, the mask {} × {}", features.names()[i],
                                     panel.rows(), panel.columns(), eligible.rows(), eligible.columns()));
  }
}

Error unreadable_preprocessing(const std::string& reason) {
  return external_error(ErrorCode::kDataCorrupt,
                        fmt::format("the fitted preprocessing can't be read: {}", reason));
}

/// A float as its bits, since JSON has no NaN and no infinity.
std::vector<std::uint32_t> to_bits(const std::vector<float>& values) {
  std::vector<std::uint32_t> bits(values.size());
  std::transform(values.begin(), values.end(), bits.begin(),
                 [](float v) { return std::bit_cast<std::uint32_t>(v); });
  return bits;
}

std::vector<float> from_bits(const std::vector<std::uint32_t>& bits) {
  std::vector<float> values(bits.size());
  std::transform(bits.begin(), bits.end(), values.begin(),
                 [](std::uint32_t b) { return std::bit_cast<float>(b); });
  return values;
}

FittedFeatures::Step read_step(const nlohmann::json& json, std::size_t feature_count) {
  const auto& name = find_step(json.at("name").get<std::string>());
  FittedFeatures::Step step;
  step.step = {name.kind, json.at("value").get<double>()};
  step.scaling.center = from_bits(json.at("center_bits").get<std::vector<std::uint32_t>>());
  step.scaling.scale = from_bits(json.at("scale_bits").get<std::vector<std::uint32_t>>());
  const std::size_t expected = learns(name.kind) ? feature_count : 0;
  if (step.scaling.center.size() != expected || step.scaling.scale.size() != expected) {
    throw unreadable_preprocessing(fmt::format("step {} has {} values for {} features", name.name,
                                               step.scaling.center.size(), feature_count));
  }
  return step;
}

}  // namespace

FeatureStep parse_feature_step(const std::string& name) {
  const auto& step = find_step(name);
  if (step.has_value) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("the feature step '{0}' needs a value, as in {{{0}: 3}}", name));
  }
  return {step.kind, 0.0};
}

FeatureStep parse_feature_step(const std::string& name, double value) {
  const auto& step = find_step(name);
  if (!step.has_value) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("the feature step '{}' takes no value, found {}", name, value));
  }
  if (!std::isfinite(value) || (step.kind == Kind::kClip && value <= 0.0)) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("the feature step '{}' needs a {}number, found {}", name,
                                 step.kind == Kind::kClip ? "positive " : "", value));
  }
  return {step.kind, value};
}

LabelStep parse_label_step(const std::string& name) {
  std::vector<std::string> allowed;
  for (const auto& [known, step] : kLabelStepNames) {
    if (known == name) return step;
    allowed.emplace_back(known);
  }
  throw unknown_step("label", name, allowed);
}

FittedFeatures::FittedFeatures(std::vector<std::string> names, std::vector<Step> steps)
    : names_(std::move(names)), steps_(std::move(steps)) {}

void FittedFeatures::apply(std::size_t feature, std::span<const std::uint8_t> eligible,
                           std::span<float> values) const {
  for (const auto& step : steps_) apply_step(step, feature, eligible, values);
}

std::string FittedFeatures::to_json() const {
  nlohmann::json steps = nlohmann::json::array();
  for (const auto& [step, scaling] : steps_) {
    steps.push_back({{"name", step_name(step.kind)},
                     {"value", step.value},
                     {"center_bits", to_bits(scaling.center)},
                     {"scale_bits", to_bits(scaling.scale)}});
  }
  return nlohmann::json{
      {"format", "orrery-preprocessing"}, {"version", 1}, {"features", names_}, {"steps", steps}}
      .dump();
}

FittedFeatures FittedFeatures::from_json(const std::string& text) {
  try {
    const auto json = nlohmann::json::parse(text);
    if (json.at("format") != "orrery-preprocessing" || json.at("version") != 1) {
      throw unreadable_preprocessing("it is of another format or version");
    }
    auto names = json.at("features").get<std::vector<std::string>>();
    std::vector<Step> steps;
    for (const auto& step : json.at("steps")) steps.push_back(read_step(step, names.size()));
    return {std::move(names), std::move(steps)};
  } catch (const nlohmann::json::exception& error) {
    throw unreadable_preprocessing(error.what());
  }
}

FittedFeatures fit_features(const FeatureView& features, const MaskPanel& eligible, const RowRanges& rows,
                            const std::vector<FeatureStep>& steps, int threads) {
  require_same_shape(features, eligible);
  const std::size_t count = features.size();
  std::vector<FittedFeatures::Step> fitted;
  for (const auto& step : steps) {
    FittedFeatures::Scaling scaling;
    if (learns(step.kind)) scaling = {std::vector<float>(count), std::vector<float>(count)};
    fitted.push_back({step, std::move(scaling)});
  }
  // One task takes many features, so that its buffers are made once.
  constexpr std::size_t kTasks = 16;
  parallel_for(kTasks, threads, [&](std::size_t task) {
    SessionScratch scratch;
    for (std::size_t feature = task; feature < count; feature += kTasks) {
      fit_feature(features, feature, eligible, rows, fitted, scratch);
    }
  });
  return {features.names(), std::move(fitted)};
}

Panel preprocess_label(const Panel& label, const MaskPanel& eligible, LabelStep step) {
  if (label.rows() != eligible.rows() || label.columns() != eligible.columns()) {
    throw internal_error(fmt::format("the label is {} × {}, the mask {} × {}", label.rows(), label.columns(),
                                     eligible.rows(), eligible.columns()));
  }
  Panel result(label.rows(), label.columns());
  for (std::size_t row = 0; row < label.rows(); ++row) {
    for (std::size_t i = 0; i < label.columns(); ++i) {
      if (eligible(row, i) != 0 && std::isfinite(label(row, i))) result(row, i) = label(row, i);
    }
    if (step == LabelStep::kCrossRankNorm) cross_rank_norm(result.row(row));
    if (step == LabelStep::kCrossZScore) cross_z_score(result.row(row));
  }
  return result;
}

}  // namespace orrery
