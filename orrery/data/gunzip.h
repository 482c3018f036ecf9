#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace orrery {

/// Unpacks gzip bytes, several members one after another. What says that it unpacks to at most 1 GiB, and to
/// at most 32 times its own size, is unpacked a member at once, by libdeflate; the rest, and whatever
/// libdeflate does not take, piece by piece by zlib, which has the last word on what is damaged. Memory: the
/// text as it grows; on the word of a trailer alone never more than 32 times the packed bytes. `file` stands
/// in messages. Errors: kDataCorrupt for bytes that are damaged or cut off.
std::string gunzip(std::string_view packed, const std::filesystem::path& file);

}  // namespace orrery
