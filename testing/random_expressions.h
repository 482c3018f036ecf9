#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "orrery/base/random.h"
#include "orrery/factor/operator.h"

namespace orrery::testing {

/// Writes expressions at random out of the operators that there are, over the fields of make_factor_market.
/// Not every one is legal: some operators want more than their descriptions say.
class RandomExpressions {
 public:
  /// `talib`: with the operators of TA-Lib, too.
  RandomExpressions(std::uint64_t seed, bool talib) : random_(seed) {
    for (const auto& info : operator_infos()) {
      if (talib || info.name.find(':') == std::string::npos) operators_.push_back(info);
    }
  }

  /// Returns an expression of at most `depth` calls within calls.
  std::string next(int depth) {
    if (depth == 0 || random_.uniform() < 0.1) return field();
    return call(operators_[random_.below(operators_.size())], depth);
  }

 private:
  std::string field() { return pick({"$a", "$b", "$c"}); }

  std::string pick(const std::vector<std::string>& options) { return options[random_.below(options.size())]; }

  std::string call(const OperatorInfo& info, int depth) {
    std::string text = info.name + "(";
    for (std::size_t i = 0; i < info.arguments.size(); ++i) {
      if (i > 0) text += ", ";
      // A power of an exponent at random leaves the numbers that can be compared.
      const bool exponent = info.name == "Power" && i == 1;
      text += exponent ? pick({"0.5", "2", "-1", "$c"}) : argument(info.arguments[i], depth - 1);
    }
    text += ")";
    if (!info.outputs.empty()) text += "." + info.outputs[random_.below(info.outputs.size())];
    return text;
  }

  std::string argument(const ArgumentInfo& info, int depth) {
    switch (info.kind) {
      case ArgumentKind::kValue:
        return random_.uniform() < 0.15 ? pick({"0.5", "2", "-1"}) : next(depth);
      case ArgumentKind::kSeries:
        return next(depth);
      case ArgumentKind::kCondition:
        return fmt::format("({} {} {})", next(depth), pick({">", "<=", "=="}), next(depth));
      case ArgumentKind::kGroup:
        return pick({"$sector", "$c"});
      case ArgumentKind::kExposure:
        return pick({"$sector", "$c", next(depth)});
      case ArgumentKind::kLag:
        return pick({"1", "4"});
      case ArgumentKind::kWindow:
        return number_within(info, {1, 2, 3, 5, 8, 13, 21});
      case ArgumentKind::kNumber:
        return number_within(info, {0.25, 0.5, 1, 2, 3});
    }
    return field();
  }

  std::string number_within(const ArgumentInfo& info, const std::vector<double>& numbers) {
    std::vector<std::string> options;
    for (const double number : numbers) {
      if (number >= info.minimum && number <= info.maximum) options.push_back(fmt::format("{}", number));
    }
    return options.empty() ? fmt::format("{}", info.fallback.value_or(info.minimum)) : pick(options);
  }

  Random random_;
  std::vector<OperatorInfo> operators_;
};

/// The seed of a test with random input: `usual`, or what ORRERY_FUZZ_SEED says.
inline std::uint64_t fuzz_seed(std::uint64_t usual) {
  const char* text = std::getenv("ORRERY_FUZZ_SEED");
  return text == nullptr ? usual : std::strtoull(text, nullptr, 10);
}

}  // namespace orrery::testing
