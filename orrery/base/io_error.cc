#include "orrery/base/io_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace orrery {

Error io_error(std::string_view action, const std::filesystem::path& path) {
  return external_error(ErrorCode::kIo,
                        fmt::format("can't {} {}: {}", action, path.string(), std::strerror(errno)));
}

}  // namespace orrery
