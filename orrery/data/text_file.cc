#include "orrery/data/text_file.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>

#include "orrery/base/error.h"
#include "orrery/base/files.h"

namespace orrery {
namespace {

constexpr std::size_t kSmallestOutput = 1 << 16;
constexpr std::size_t kMostAtOnce = std::size_t{1} << 30;  // zlib's counters have 32 bits
constexpr int kGzipOnly = 15 + 16;                         // the widest window, gzip wrapping

/// Unpacks gzip bytes held in memory.
class Inflater {
 public:
  Inflater(std::string_view packed, const std::filesystem::path& path) : path_(path), unread_(packed) {
    if (inflateInit2(&stream_, kGzipOnly) != Z_OK) throw internal_error("zlib does not start");
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Fills `out` as far as the data goes and returns how many bytes were written; 0 at the end.
  std::size_t read(char* out, std::size_t size) {
    const std::size_t wanted = std::min(size, kMostAtOnce);
    stream_.next_out = reinterpret_cast<Bytef*>(out);
    stream_.avail_out = static_cast<uInt>(wanted);
    while (stream_.avail_out > 0 && !finished_) step();
    return wanted - stream_.avail_out;
  }

 private:
  /// Hands zlib the next piece.
  void feed() {
    const auto piece = unread_.substr(0, kMostAtOnce);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
    stream_.avail_in = static_cast<uInt>(piece.size());
    unread_.remove_prefix(piece.size());
  }

  void step() {
    if (stream_.avail_in == 0) feed();
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status == Z_STREAM_END) {
      finished_ = stream_.avail_in == 0 && unread_.empty();
      if (!finished_) inflateReset(&stream_);
    } else if (status != Z_OK) {
      throw external_error(ErrorCode::kDataCorrupt,
                           fmt::format("can't unpack {}: {} after {} bytes of packed data", path_.string(),
                                       describe(status), stream_.total_in));
    }
  }
  std::string describe(int status) const {
    if (status == Z_BUF_ERROR) return "the gzip data is cut off";
    return fmt::format("the gzip data is damaged ({})",
                       stream_.msg != nullptr ? stream_.msg : "no reason given");
  }

  const std::filesystem::path& path_;
  std::string_view unread_;
  z_stream stream_{};
  bool finished_ = false;
};

/// Reads the unpacked size that the last member's trailer promises; a hint for the first allocation only.
std::size_t promised_size(std::string_view packed) {
  if (packed.size() < 18) return kSmallestOutput;
  std::uint32_t size = 0;
  std::memcpy(&size, packed.data() + packed.size() - 4, 4);
  return std::clamp<std::size_t>(size, kSmallestOutput, packed.size() * 20 + kSmallestOutput);
}

std::string unpack(std::string_view packed, const std::filesystem::path& path) {
  Inflater inflater(packed, path);
  std::string text(promised_size(packed) + 1, '\0');
  std::size_t size = 0;
  for (;;) {
    const std::size_t read = inflater.read(text.data() + size, text.size() - size);
    size += read;
    if (read == 0) break;
    if (size == text.size()) text.resize(text.size() * 2);
  }
  text.resize(size);
  return text;
}

}  // namespace

bool has_suffix(const std::filesystem::path& path, std::string_view suffix) {
  const std::string name = path.filename().string();
  if (name.size() < suffix.size()) return false;
  return std::equal(suffix.begin(), suffix.end(), name.end() - static_cast<std::ptrdiff_t>(suffix.size()),
                    [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
}

std::string read_text_file(const std::filesystem::path& path) {
  auto bytes = read_file(path);
  if (has_suffix(path, ".gz")) return unpack(bytes, path);
  return bytes;
}

std::string_view take_line(std::string_view& text) {
  const auto end = text.find('\n');
  auto line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

}  // namespace orrery
