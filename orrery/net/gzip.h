#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace orrery {

/// Unpacks gzip bytes, several members one after another. Nothing where they are damaged, cut off, or unpack
/// to more than `most_bytes`: a body is whole or not taken.
std::optional<std::string> unpack_gzip(std::string_view packed, std::size_t most_bytes);

}  // namespace orrery
