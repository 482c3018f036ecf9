#include "orrery/ml/model_checks.h"

#include <fmt/format.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/ml/cross_section.h"

namespace orrery {
namespace {

void require_names(std::string_view model, const std::vector<std::string>& fitted, const Dataset& data) {
  if (data.feature_names() == fitted) return;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("the {} model was fitted on {} other features; found {}", model, fitted.size(),
                               data.feature_count()));
}

}  // namespace

void require_trainable(const Dataset& data, std::string_view purpose) {
  if (data.size() == 0) {
    throw user_error(ErrorCode::kInvalidArgument, fmt::format("there is no sample to {} on", purpose));
  }
  if (data.labels().size() != data.size()) {
    throw internal_error(fmt::format("a data set to {} on has {} labels for {} samples", purpose,
                                     data.labels().size(), data.size()));
  }
}

void require_fitted(std::string_view model, bool is_fitted) {
  if (is_fitted) return;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("the {} model is not fitted: fit or load it first", model));
}

void require_same_features(std::string_view model, const std::vector<std::string>& fitted,
                           const Dataset& data, std::span<const double> out) {
  require_names(model, fitted, data);
  if (out.size() != data.size()) {
    throw internal_error(fmt::format("room for {} scores, but {} samples", out.size(), data.size()));
  }
}

void require_explainable_features(std::string_view model, const std::vector<std::string>& fitted,
                                  const Dataset& data, std::span<const double> out) {
  require_names(model, fitted, data);
  if (out.size() != data.size() * (data.feature_count() + 1)) {
    throw internal_error(fmt::format("room for {} contributions, but {} samples of {} features and a base",
                                     out.size(), data.size(), data.feature_count()));
  }
}

void require_savable(std::string_view model, bool is_fitted) {
  if (is_fitted) return;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("a {} model that is not fitted can't be saved", model));
}

void require_binary(std::span<const double> labels) {
  for (const double label : labels) {
    if (label == 0.0 || label == 1.0) continue;
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("a binary objective needs labels of 0 and 1, found {}", label));
  }
}

std::vector<float> relevance_grades(const Dataset& data, std::int64_t grades) {
  std::vector<float> result(data.size());
  const auto& groups = data.groups();
  for (std::size_t g = 0; g + 1 < groups.size(); ++g) {
    const auto labels = data.labels().subspan(groups[g], groups[g + 1] - groups[g]);
    const auto ranks = average_ranks(labels);
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const double share = (ranks[i] - 0.5) / static_cast<double>(labels.size());
      result[groups[g] + i] = static_cast<float>(std::floor(share * static_cast<double>(grades)));
    }
  }
  return result;
}

}  // namespace orrery
