#pragma once

#include <filesystem>

namespace orrery {

/// Makes an empty file that only its owner may read and write, for secrets; takes others' rights to one that
/// is there. Its folder has to be there. Errors: kIo.
void make_private_file(const std::filesystem::path& file);

}  // namespace orrery
