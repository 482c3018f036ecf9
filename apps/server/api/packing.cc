#include "apps/server/api/packing.h"

#include <zlib.h>

#include "orrery/base/error.h"

namespace orrery::server {

std::string gzip(std::string_view bytes) {
  constexpr int kGzipWindow = 15 + 16, kMemory = 8, kLevel = 5;
  z_stream stream{};
  if (deflateInit2(&stream, kLevel, Z_DEFLATED, kGzipWindow, kMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw internal_error("gzip can't be begun");
  }
  std::string packed(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  const int status = deflate(&stream, Z_FINISH);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  if (status != Z_STREAM_END) throw internal_error("gzip did not end");
  return packed;
}

bool takes_gzip(std::string_view accept_encoding) {
  const std::size_t place = accept_encoding.find("gzip");
  if (place == std::string_view::npos) return false;
  return !accept_encoding.substr(place + 4).starts_with(";q=0") ||
         accept_encoding.substr(place + 4).starts_with(";q=0.");
}

}  // namespace orrery::server
