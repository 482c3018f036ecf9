#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace orrery {

/// A plain setting of a plug-in, as it stands in a study.
using ParameterValue = std::variant<bool, std::int64_t, double, std::string>;

/// Settings by name. Where they came from in a file is known to the caller, who adds it to errors.
using ParameterMap = std::map<std::string, ParameterValue, std::less<>>;

/// What a plug-in says about one of its settings. The default's type is the setting's type; an integer is
/// accepted where a double is expected.
struct ParameterInfo {
  std::string name;
  ParameterValue default_value;
  std::string summary;                           ///< one line, with the unit
  std::optional<double> minimum = std::nullopt;  ///< inclusive, for numbers
  std::optional<double> maximum = std::nullopt;  ///< inclusive, for numbers
  std::vector<std::string> choices = {};         ///< allowed values of a string setting; empty: any
};

/// A bad setting: `name` says which, `message` what was found and what is allowed.
struct ParameterProblem {
  std::string name;
  std::string message;
};

/// Checks settings against what a plug-in declares: unknown names (with the nearest spelling), types, ranges.
std::vector<ParameterProblem> check_parameters(const ParameterMap& given,
                                               const std::vector<ParameterInfo>& declared);

/// Returns the declared defaults overlaid by what was given.
/// Errors: kInvalidArgument with the first problem that check_parameters finds.
ParameterMap complete_parameters(const ParameterMap& given, const std::vector<ParameterInfo>& declared);

/// Reads one completed setting. Errors: kInternal when it was never declared with that type.
bool get_bool(const ParameterMap& parameters, std::string_view name);
std::int64_t get_integer(const ParameterMap& parameters, std::string_view name);
double get_double(const ParameterMap& parameters, std::string_view name);
const std::string& get_string(const ParameterMap& parameters, std::string_view name);

/// Writes a value as it would stand in a study.
std::string to_string(const ParameterValue& value);

}  // namespace orrery
