#include "orrery/data/gunzip.h"

#include <fmt/format.h>
#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>

#include "orrery/base/aligned_memory.h"
#include "orrery/base/error.h"

namespace orrery {
namespace {

constexpr std::size_t kSmallestOutput = 1 << 16;
constexpr std::size_t kMostAtOnce = std::size_t{1}
                                    << 30;      // zlib's counters have 32 bits, and so has a gzip trailer
constexpr std::size_t kMostPerPackedByte = 32;  // text packs to a tenth; a trailer that says more may lie
constexpr std::size_t kSmallestMember = 18;     // header and trailer
constexpr int kGzipOnly = 15 + 16;              // the widest window, gzip wrapping

/// Reads the unpacked size that the last member's trailer promises.
std::size_t promised_size(std::string_view packed) {
  if (packed.size() < kSmallestMember) return 0;
  std::uint32_t size = 0;
  std::memcpy(&size, packed.data() + packed.size() - sizeof size, sizeof size);
  return size;
}

/// Makes room for so many characters; large texts lie on large pages, which are sooner there.
void make_room(std::string& text, std::size_t size) {
  text.reserve(size);
  prefer_huge_pages(text.data(), text.capacity());
  text.resize(size);
}

/// Unpacks gzip bytes held in memory, a member at a time. More than twice as fast as zlib, but it must know
/// how much room a member needs, and does not say what is wrong with one.
class MemberUnpacker {
 public:
  explicit MemberUnpacker(std::string_view packed) : unread_(packed) {}

  /// Returns the text, or nothing where zlib has to look.
  std::optional<std::string> text() {
    const auto promised = promised_size(unread_);
    if (!decompressor_ || promised > kMostAtOnce || promised / kMostPerPackedByte > unread_.size())
      return std::nullopt;
    make_room(text_, std::max(promised, kSmallestOutput));
    do {
      if (!unpack_member()) return std::nullopt;
    } while (!unread_.empty());
    text_.resize(size_);
    return std::move(text_);
  }

 private:
  struct Free {
    void operator()(libdeflate_decompressor* decompressor) const {
      libdeflate_free_decompressor(decompressor);
    }
  };

  /// A checksum of the header itself, which hardly anyone writes, is not looked at by libdeflate.
  bool has_header_checksum() const {
    constexpr std::size_t kFlagsAt = 3;
    constexpr unsigned char kHeaderChecksum = 2;
    return unread_.size() > kFlagsAt &&
           (static_cast<unsigned char>(unread_[kFlagsAt]) & kHeaderChecksum) != 0;
  }

  bool unpack_member() {
    if (has_header_checksum()) return false;
    for (;;) {
      std::size_t taken = 0, written = 0;
      const auto result =
          libdeflate_gzip_decompress_ex(decompressor_.get(), unread_.data(), unread_.size(),
                                        text_.data() + size_, text_.size() - size_, &taken, &written);
      if (result == LIBDEFLATE_INSUFFICIENT_SPACE && text_.size() < kMostAtOnce) {
        make_room(text_, std::min(2 * text_.size(), kMostAtOnce));
        continue;
      }
      unread_.remove_prefix(taken);
      size_ += written;
      return result == LIBDEFLATE_SUCCESS;
    }
  }

  std::unique_ptr<libdeflate_decompressor, Free> decompressor_{libdeflate_alloc_decompressor()};
  std::string_view unread_;
  std::string text_;
  std::size_t size_ = 0;  ///< of the text so far
};

/// Unpacks gzip bytes held in memory, piece by piece, and says what is wrong with them.
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

std::string unpack_in_pieces(std::string_view packed, const std::filesystem::path& path) {
  Inflater inflater(packed, path);
  std::string text;
  make_room(text, std::clamp(promised_size(packed), kSmallestOutput,
                             packed.size() * kMostPerPackedByte + kSmallestOutput) +
                      1);
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

std::string gunzip(std::string_view packed, const std::filesystem::path& file) {
  if (auto text = MemberUnpacker(packed).text()) return std::move(*text);
  return unpack_in_pieces(packed, file);
}

}  // namespace orrery
