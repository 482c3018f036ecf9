#include "plugins/operators/arguments/arguments.h"

#include <utility>

#include "orrery/base/error.h"

namespace orrery::plugins::operators {
namespace {

ArgumentInfo bar_argument(char letter) {
  switch (letter) {
    case 'o':
      return series_argument("open", "opening prices");
    case 'h':
      return series_argument("high", "highest prices");
    case 'l':
      return series_argument("low", "lowest prices");
    case 'c':
      return series_argument("close", "closing prices");
    case 'v':
      return series_argument("volume", "volumes");
    default:
      throw internal_error(std::string("a bar has no field of the letter ") + letter);
  }
}

}  // namespace

ArgumentInfo series_argument(std::string name, std::string summary) {
  return {.name = std::move(name), .kind = ArgumentKind::kSeries, .summary = std::move(summary)};
}

ArgumentInfo value_argument(std::string name) {
  return {.name = std::move(name), .kind = ArgumentKind::kValue, .summary = "a series or a number"};
}

ArgumentInfo group_argument() {
  return {.name = "group", .kind = ArgumentKind::kGroup, .summary = "the group, such as $sector"};
}

ArgumentInfo condition_argument(std::string name) {
  return {.name = std::move(name), .kind = ArgumentKind::kCondition, .summary = "a condition"};
}

ArgumentInfo window_argument(double minimum) {
  return {.name = "window",
          .kind = ArgumentKind::kWindow,
          .summary = "rows of the window",
          .minimum = minimum,
          .maximum = kLongestWindow};
}

ArgumentInfo period_argument(double fallback, double minimum, std::string name) {
  return {.name = std::move(name),
          .kind = ArgumentKind::kWindow,
          .summary = "observations of the window",
          .minimum = minimum,
          .maximum = kLongestWindow,
          .fallback = fallback};
}

ArgumentInfo lag_period_argument(double fallback) {
  return {.name = "timeperiod",
          .kind = ArgumentKind::kLag,
          .summary = "observations back",
          .minimum = 1,
          .maximum = kLongestWindow,
          .fallback = fallback};
}

ArgumentInfo number_argument(std::string name, std::string summary, double fallback, double minimum,
                             double maximum) {
  return {.name = std::move(name),
          .kind = ArgumentKind::kNumber,
          .summary = std::move(summary),
          .minimum = minimum,
          .maximum = maximum,
          .fallback = fallback};
}

ArgumentInfo span_argument() {
  return {.name = "span",
          .kind = ArgumentKind::kNumber,
          .summary = "span of at least 1 row, alpha = 2 / (span + 1); a number below 1 is alpha itself",
          .minimum = 1e-9,
          .maximum = 1e9};
}

std::vector<ArgumentInfo> bar_arguments(std::string_view letters, std::vector<ArgumentInfo> others) {
  std::vector<ArgumentInfo> result;
  for (const char letter : letters) result.push_back(bar_argument(letter));
  for (ArgumentInfo& other : others) result.push_back(std::move(other));
  return result;
}

}  // namespace orrery::plugins::operators
