#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace orrery {

/// Reads a ZIP archive: hands every file in it, whole, to `take` with its name, in the archive's order;
/// folders are passed over. Checksums are checked. Errors: kNotFound, kDataCorrupt (damaged, cut off, packed
/// in a way that is not known, or with a password), naming the archive and the file in it.
void read_zip(const std::filesystem::path& path,
              const std::function<void(std::string_view name, std::string text)>& take);

}  // namespace orrery
