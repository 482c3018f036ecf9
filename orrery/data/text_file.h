#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace orrery {

/// What some programs put before UTF-8 text.
inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// Reads a text file whole; one whose name ends in `.gz` is unpacked, several gzip members one after another.
/// Errors: kNotFound, kIo, kDataCorrupt for gzip data that is damaged or cut off.
std::string read_text_file(const std::filesystem::path& path);

/// Whether the name ends in a suffix, in any case: has_suffix("A.CSV.GZ", ".csv.gz").
bool has_suffix(const std::filesystem::path& path, std::string_view suffix);

/// Takes the next line, without its end, off a text.
std::string_view take_line(std::string_view& text);

}  // namespace orrery
