#pragma once

#include <cstddef>
#include <string_view>

namespace orrery {

/// Whether a name is of letters, digits, '-', '_' and '.' alone, not empty and of at most so many characters.
bool is_plain_name(std::string_view name, std::size_t longest);

/// The same of a name that a file or folder is to have: it does not begin with a '.' either, so that it is
/// neither hidden nor "..".
bool is_plain_file_name(std::string_view name, std::size_t longest);

}  // namespace orrery
