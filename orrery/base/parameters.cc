#include "orrery/base/parameters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"

namespace orrery {
namespace {

std::string_view type_name(const ParameterValue& value) {
  constexpr std::string_view kNames[] = {"true or false", "a whole number", "a number", "a text"};
  return kNames[value.index()];
}

bool type_fits(const ParameterValue& value, const ParameterValue& like) {
  if (value.index() == like.index()) return true;
  return std::holds_alternative<double>(like) && std::holds_alternative<std::int64_t>(value);
}

std::optional<double> as_number(const ParameterValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return std::nullopt;
}

std::optional<std::string> range_problem(const ParameterInfo& info, const ParameterValue& value) {
  const auto number = as_number(value);
  if (!number) return std::nullopt;
  if (info.minimum && !(*number >= *info.minimum)) {
    return fmt::format("must be at least {}, found {}", *info.minimum, to_string(value));
  }
  if (info.maximum && !(*number <= *info.maximum)) {
    return fmt::format("must be at most {}, found {}", *info.maximum, to_string(value));
  }
  return std::nullopt;
}

std::optional<std::string> choice_problem(const ParameterInfo& info, const ParameterValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (!text || info.choices.empty()) return std::nullopt;
  if (std::find(info.choices.begin(), info.choices.end(), *text) != info.choices.end()) return std::nullopt;
  return fmt::format("must be one of {}, found '{}'{}", fmt::join(info.choices, ", "), *text,
                     did_you_mean(*text, info.choices));
}

std::optional<std::string> value_problem(const ParameterInfo& info, const ParameterValue& value) {
  if (!type_fits(value, info.default_value)) {
    return fmt::format("must be {}, found {}", type_name(info.default_value), to_string(value));
  }
  if (auto problem = range_problem(info, value)) return problem;
  return choice_problem(info, value);
}

std::vector<std::string> names_of(const std::vector<ParameterInfo>& declared) {
  std::vector<std::string> names;
  names.reserve(declared.size());
  for (const auto& info : declared) names.push_back(info.name);
  return names;
}

template <class T>
const T& get_as(const ParameterMap& parameters, std::string_view name) {
  const auto found = parameters.find(name);
  if (found == parameters.end() || !std::holds_alternative<T>(found->second)) {
    throw internal_error(fmt::format("setting '{}' was never declared with the type it is read as", name));
  }
  return std::get<T>(found->second);
}

}  // namespace

std::vector<ParameterProblem> check_parameters(const ParameterMap& given,
                                               const std::vector<ParameterInfo>& declared) {
  std::vector<ParameterProblem> problems;
  for (const auto& [name, value] : given) {
    const auto info = std::find_if(declared.begin(), declared.end(),
                                   [&wanted = name](const auto& i) { return i.name == wanted; });
    if (info == declared.end()) {
      const auto names = names_of(declared);
      problems.push_back({name, fmt::format("unknown setting '{}'{}; allowed: {}", name,
                                            did_you_mean(name, names), fmt::join(names, ", "))});
    } else if (const auto problem = value_problem(*info, value)) {
      problems.push_back({name, fmt::format("'{}' {}", name, *problem)});
    }
  }
  return problems;
}

ParameterMap complete_parameters(const ParameterMap& given, const std::vector<ParameterInfo>& declared) {
  const auto problems = check_parameters(given, declared);
  if (!problems.empty()) throw user_error(ErrorCode::kInvalidArgument, problems.front().message);
  ParameterMap complete;
  for (const auto& info : declared) {
    const auto found = given.find(info.name);
    ParameterValue value = found == given.end() ? info.default_value : found->second;
    if (std::holds_alternative<double>(info.default_value)) value = *as_number(value);
    complete.emplace(info.name, std::move(value));
  }
  return complete;
}

bool get_bool(const ParameterMap& parameters, std::string_view name) {
  return get_as<bool>(parameters, name);
}

std::int64_t get_integer(const ParameterMap& parameters, std::string_view name) {
  return get_as<std::int64_t>(parameters, name);
}

double get_double(const ParameterMap& parameters, std::string_view name) {
  return get_as<double>(parameters, name);
}

const std::string& get_string(const ParameterMap& parameters, std::string_view name) {
  return get_as<std::string>(parameters, name);
}

std::string to_string(const ParameterValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return std::visit([](const auto& number) { return fmt::format("{}", number); }, value);
}

}  // namespace orrery
