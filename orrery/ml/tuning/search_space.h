#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "orrery/base/parameters.h"
#include "orrery/base/random.h"

namespace orrery {

/// A setting that is searched for, and where.
struct TunedParameter {
  enum class Kind { kReal, kInteger, kChoice };

  std::string name;
  Kind kind = Kind::kReal;
  double low = 0.0;   ///< inclusive, for numbers
  double high = 1.0;  ///< inclusive
  bool logarithmic = false;
  std::vector<ParameterValue> choices = {};  ///< of kChoice

  bool numeric() const { return kind != Kind::kChoice; }
  /// Bounds on the scale that is searched: logarithms where it is logarithmic, and half a step beyond the
  /// bounds of whole numbers, which are rounded.
  double inner_low() const;
  double inner_high() const;
  /// From a value to that scale and back; back rounds whole numbers and keeps to the bounds.
  double to_inner(double value) const;
  double from_inner(double inner) const;
};

using SearchSpace = std::vector<TunedParameter>;

/// One value a parameter, in the space's order: the number itself, or the position of the choice.
using TuningPoint = std::vector<double>;

/// Checks bounds and choices. Errors: kInvalidArgument, naming the parameter.
void check_space(const SearchSpace& space);

/// The value as a model's setting.
ParameterValue setting_of(const TunedParameter& parameter, double value);

/// Draws uniformly on the scale that is searched.
double draw_value(const TunedParameter& parameter, Random& random);
TuningPoint draw_point(const SearchSpace& space, Random& random);

}  // namespace orrery
