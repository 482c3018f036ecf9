#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace orrery {

/// A named expression of the factor language, such as {"reversal_5", "Ref($close,5)/$close-1"}.
struct FactorDefinition {
  std::string name;
  std::string expression;
  std::map<std::string, double> parameters = {};  ///< values that replace the defaults of its `param` names

  bool operator==(const FactorDefinition&) const = default;
};

/// Reads a factor set's text: one `name = expression` a line, `#` starts a comment, empty lines are ignored.
/// `source` names the text in errors.
/// Errors: kInvalidArgument with the line's number for a line without `=` or name, and for a repeated name.
std::vector<FactorDefinition> parse_factor_set(std::string_view source, std::string_view text);

/// Returns a set that comes with Orrery (the files in orrery/factor/sets), in the order of its file.
/// Errors: kNotFound, naming the sets there are.
std::vector<FactorDefinition> factor_set(std::string_view name);

/// Returns the names of the sets that come with Orrery, sorted.
std::vector<std::string> factor_set_names();

}  // namespace orrery
