#include "orrery/ml/named_features.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "orrery/base/error.h"

namespace orrery {
namespace {

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

/// A score may fall in a factor; what is a category, is one or is not.
bool takes_negative(std::string_view setting) { return setting == "monotone"; }

NamedFeature parse_one(std::string_view setting, std::string_view text) {
  const auto colon = text.rfind(':');
  NamedFeature feature{std::string(trimmed(text.substr(0, colon))), 1};
  if (feature.name.empty()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{} needs names of factors, found '{}'", setting, text));
  }
  if (colon == std::string_view::npos) return feature;
  const std::string_view value = trimmed(text.substr(colon + 1));
  const auto [end, failed] = std::from_chars(value.data(), value.data() + value.size(), feature.value);
  const int lowest = takes_negative(setting) ? -1 : 0;
  if (failed == std::errc{} && end == value.data() + value.size() && feature.value >= lowest &&
      feature.value <= 1)
    return feature;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("{}: {} must be {}, found '{}'", setting, feature.name,
                               takes_negative(setting) ? "1, -1 or 0" : "1 or 0", value));
}

}  // namespace

std::vector<NamedFeature> parse_named_features(std::string_view setting, std::string_view text) {
  std::vector<NamedFeature> features;
  while (!trimmed(text).empty()) {
    const auto comma = text.find(',');
    NamedFeature feature = parse_one(setting, text.substr(0, comma));
    const auto same = [&](const NamedFeature& other) { return other.name == feature.name; };
    if (std::any_of(features.begin(), features.end(), same)) {
      throw user_error(ErrorCode::kInvalidArgument, fmt::format("{} names {} twice", setting, feature.name));
    }
    features.push_back(std::move(feature));
    text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
  }
  return features;
}

std::vector<int> values_by_feature(const std::vector<NamedFeature>& named,
                                   const std::vector<std::string>& features) {
  std::vector<int> values(features.size(), 0);
  for (const auto& feature : named) {
    const auto found = std::find(features.begin(), features.end(), feature.name);
    if (found != features.end()) values[static_cast<std::size_t>(found - features.begin())] = feature.value;
  }
  return values;
}

std::vector<int> values_by_feature(const ParameterMap& parameters, const std::string& setting,
                                   const std::vector<std::string>& features) {
  return values_by_feature(parse_named_features(setting, get_string(parameters, setting)), features);
}

void require_categories(const Dataset& data, const std::vector<int>& marked, double largest) {
  std::vector<float> values(data.size());
  for (std::size_t f = 0; f < marked.size(); ++f) {
    if (marked[f] == 0) continue;
    data.read_feature(f, values);
    for (const float value : values) {
      if (std::isnan(value) ||
          (value >= 0.0F && static_cast<double>(value) <= largest && std::floor(value) == value))
        continue;
      throw user_error(
          ErrorCode::kInvalidArgument,
          fmt::format("the categorical factor {} must have whole numbers from 0 to {:.0f}, found {}; "
                      "categories take no preprocess.features",
                      data.feature_names()[f], largest, value));
    }
  }
}

}  // namespace orrery
