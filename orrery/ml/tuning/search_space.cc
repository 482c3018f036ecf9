#include "orrery/ml/tuning/search_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/error.h"

namespace orrery {
namespace {

double half_step(const TunedParameter& parameter) {
  return parameter.kind == TunedParameter::Kind::kInteger ? 0.5 : 0.0;
}

[[noreturn]] void refuse_parameter(const TunedParameter& parameter, std::string_view reason) {
  throw user_error(ErrorCode::kInvalidArgument, fmt::format("{}: {}", parameter.name, reason));
}

}  // namespace

double TunedParameter::inner_low() const { return to_inner(low - half_step(*this)); }
double TunedParameter::inner_high() const { return to_inner(high + half_step(*this)); }
double TunedParameter::to_inner(double value) const { return logarithmic ? std::log(value) : value; }

double TunedParameter::from_inner(double inner) const {
  const double value = logarithmic ? std::exp(inner) : inner;
  return std::clamp(kind == Kind::kInteger ? std::round(value) : value, low, high);
}

void check_space(const SearchSpace& space) {
  if (space.empty()) throw user_error(ErrorCode::kInvalidArgument, "there is no parameter to tune");
  for (const auto& parameter : space) {
    if (!parameter.numeric()) {
      if (parameter.choices.empty()) refuse_parameter(parameter, "there is nothing to choose from");
      continue;
    }
    if (!(parameter.low < parameter.high))
      refuse_parameter(parameter, fmt::format("the lower bound must be below the upper one, found {} and {}",
                                              parameter.low, parameter.high));
    if (parameter.logarithmic && !(parameter.low > 0.0))
      refuse_parameter(parameter, fmt::format("a logarithmic range begins above 0, found {}", parameter.low));
  }
}

ParameterValue setting_of(const TunedParameter& parameter, double value) {
  switch (parameter.kind) {
    case TunedParameter::Kind::kReal:
      return value;
    case TunedParameter::Kind::kInteger:
      return static_cast<std::int64_t>(value);
    case TunedParameter::Kind::kChoice:
      return parameter.choices[static_cast<std::size_t>(value)];
  }
  throw internal_error("a tuned parameter of an unknown kind");
}

double draw_value(const TunedParameter& parameter, Random& random) {
  if (!parameter.numeric()) return static_cast<double>(random.below(parameter.choices.size()));
  const double low = parameter.inner_low();
  return parameter.from_inner(low + random.uniform() * (parameter.inner_high() - low));
}

TuningPoint draw_point(const SearchSpace& space, Random& random) {
  TuningPoint point;
  for (const auto& parameter : space) point.push_back(draw_value(parameter, random));
  return point;
}

}  // namespace orrery
