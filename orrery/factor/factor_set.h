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
  std::string place = {};                         ///< file and line, for messages; "" where it has none

  /// Whatever their places.
  bool operator==(const FactorDefinition& other) const {
    return name == other.name && expression == other.expression && parameters == other.parameters;
  }
};

/// What a set says about one of its factors; empty where it says nothing.
struct FactorNote {
  std::string summary;
  std::string units;
  std::string source;
  std::string direction;  ///< "+" when high values are held to promise high returns, "-" when low ones do
};

/// A file of factors.
struct FactorSet {
  std::string name;
  std::string title;
  std::vector<FactorDefinition> definitions;
  std::vector<FactorNote> notes;  ///< by definition
};

/// Reads a factor set's text. `source` names the text in errors. The format, line by line:
///
///     #! title: Literature             title, source, units and direction of the whole file
///     let r = $close/Ref($close,1)-1   a name that every factor of the file may use
///     size = Log($close)  # summary; units: log price; direction: -; source: Banz (1981)
///
/// An expression goes on in the next line where a parenthesis is open, where the line ends with `;`, `,` or
/// an infix sign, or where the next one begins with an infix sign. Other comments and empty lines are
/// ignored. Errors: kInvalidArgument with the line's number for a line without `=` or name, and for a
/// repeated name.
FactorSet parse_factor_file(std::string_view source, std::string_view text);

/// Returns the definitions of parse_factor_file.
std::vector<FactorDefinition> parse_factor_set(std::string_view source, std::string_view text);

/// Returns a set: one that comes with Orrery (the files in orrery/factor/sets) by its name, or a file of your
/// own by its path, which ends in `.factors` or `.txt`.
/// Errors: kNotFound, naming the sets there are.
FactorSet load_factor_set(std::string_view name_or_path);

/// Returns the definitions of load_factor_set, in the order of its file.
std::vector<FactorDefinition> factor_set(std::string_view name_or_path);

/// Returns the names of the sets that come with Orrery, sorted.
std::vector<std::string> factor_set_names();

}  // namespace orrery
