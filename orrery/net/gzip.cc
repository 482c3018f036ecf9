#include "orrery/net/gzip.h"

#include <zlib.h>

#include <array>

namespace orrery {
namespace {

/// 15 bits of window, and 16 for the gzip header.
constexpr int kGzipWindow = 15 + 16;

class Inflater {
 public:
  Inflater() { inflateInit2(&stream_, kGzipWindow); }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Unpacks one member from the front of `packed` and removes it there. False when it is not whole.
  bool unpack_member(std::string_view& packed, std::string& out, std::size_t most_bytes) {
    inflateReset(&stream_);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
    stream_.avail_in = static_cast<uInt>(packed.size());
    int state = Z_OK;
    while (state == Z_OK) {
      stream_.next_out = reinterpret_cast<Bytef*>(block_.data());
      stream_.avail_out = static_cast<uInt>(block_.size());
      state = inflate(&stream_, Z_NO_FLUSH);
      out.append(block_.data(), block_.size() - stream_.avail_out);
      if (out.size() > most_bytes) return false;
    }
    packed.remove_prefix(packed.size() - stream_.avail_in);
    return state == Z_STREAM_END;
  }

 private:
  z_stream stream_{};
  std::array<char, 65536> block_{};
};

}  // namespace

std::optional<std::string> unpack_gzip(std::string_view packed, std::size_t most_bytes) {
  std::string out;
  Inflater inflater;
  do {
    if (!inflater.unpack_member(packed, out, most_bytes)) return std::nullopt;
  } while (!packed.empty());
  return out;
}

}  // namespace orrery
