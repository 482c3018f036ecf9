#pragma once

#include <string>
#include <string_view>

namespace orrery {

/// What a text turned out to be when read as a number.
enum class NumberText {
  kNumber,
  kEmpty,     ///< "" or a customary mark of a missing value (nan, null, none, na, n/a, .)
  kNoNumber,  ///< anything else, infinities among them
};

/// Reads a decimal number, correctly rounded (the double nearest to the text). Spaces around it are ignored.
/// `value` is NaN unless a number was found.
NumberText parse_number(std::string_view text, double& value);

/// Removes spaces and tabs at both ends.
std::string_view trim(std::string_view text);

/// Returns the shortest text that reads back to the same number; "" for NaN.
std::string number_text(double value);

}  // namespace orrery
