#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orrery/factor/operator.h"

namespace orrery::plugins::operators {

// Arguments that many operators take, described in one place.

/// A series of data.
ArgumentInfo series_argument(std::string name = "value", std::string summary = "the series");

/// A series or a number.
ArgumentInfo value_argument(std::string name = "value");

ArgumentInfo condition_argument(std::string name);

/// `group`: what instruments are told apart by.
ArgumentInfo group_argument();

/// `window`: rows of at least `minimum`.
ArgumentInfo window_argument(double minimum);

/// How many observations a window of TA-Lib's has, where it is not given `fallback`.
ArgumentInfo period_argument(double fallback, double minimum = 2.0, std::string name = "timeperiod");

/// How many observations back a function of TA-Lib's compares with.
ArgumentInfo lag_period_argument(double fallback);

/// Any number, where it is not given `fallback`.
ArgumentInfo number_argument(std::string name, std::string summary, double fallback, double minimum = -1e9,
                             double maximum = 1e9);

/// `span` of an exponential mean, see exponential/span.h.
ArgumentInfo span_argument();

/// A bar's prices and volume by their letters ("hlc": high, low, close), and what follows them.
std::vector<ArgumentInfo> bar_arguments(std::string_view letters, std::vector<ArgumentInfo> others = {});

}  // namespace orrery::plugins::operators
