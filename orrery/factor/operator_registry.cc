#include <fmt/format.h>

#include <functional>
#include <map>

#include "orrery/base/error.h"
#include "orrery/factor/operator.h"

namespace orrery::plugins::operators {

/// Generated from the files in plugins/operators.
void register_all(OperatorRegistry& registry);

}  // namespace orrery::plugins::operators

namespace orrery {

const OperatorRegistry& operator_registry() {
  static const OperatorRegistry registry = [] {
    OperatorRegistry result("operator");
    plugins::operators::register_all(result);
    return result;
  }();
  return registry;
}

namespace {

std::map<std::string, const Operator*, std::less<>> names_and_aliases() {
  std::map<std::string, const Operator*, std::less<>> result;
  const OperatorRegistry& registry = operator_registry();
  const auto add = [&](const std::string& name, const Operator* found) {
    if (!result.emplace(name, found).second)
      throw internal_error(fmt::format("two operators are named '{}'", name));
  };
  for (const auto& name : registry.names()) {
    const Operator* found = registry.find(name);
    add(name, found);
    for (const auto& alias : found->info.aliases) add(alias, found);
  }
  return result;
}

}  // namespace

const Operator* find_operator(std::string_view name) {
  static const auto known = names_and_aliases();
  const auto found = known.find(name);
  return found == known.end() ? nullptr : found->second;
}

std::string_view reason_for_absence(std::string_view name) {
  constexpr std::string_view kPointInTime =
      "is not needed: data is joined as of the day it was known before factors see it; name the field itself";
  constexpr std::string_view kOtherInstrument =
      "reads one other instrument; write the market with CSMean(...) or give the series as a field";
  static const std::map<std::string_view, std::string_view> kReasons = {
      {"P", kPointInTime},
      {"PRef", kPointInTime},
      {"PFeature", kPointInTime},
      {"Mask", kOtherInstrument},
      {"ChangeInstrument", kOtherInstrument},
      {"TResample", "changes the row clock; write a window in time, such as Mean($close, 7d)"},
      {"Rolling", "is a base class of qlib; write the statistic itself, such as Mean($close, 5)"},
      {"Feature", "is written $name"}};
  const auto found = kReasons.find(name);
  return found == kReasons.end() ? std::string_view() : found->second;
}

std::vector<OperatorInfo> operator_infos() {
  std::vector<OperatorInfo> result;
  for (const auto& name : operator_registry().names()) result.push_back(operator_registry().get(name).info);
  return result;
}

}  // namespace orrery
