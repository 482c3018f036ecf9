#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/disk.h"
#include "orrery/execution/hash_chain.h"

namespace orrery {

/// A file of JSON objects, one a line and chained to the one before, that is written before what it tells of
/// is done. Opening it reads what is there, and cuts off what a power failure or a killed writer left at its
/// end. One writer, one thread.
class AccountJournal {
 public:
  /// The lines up to `sure` are known to be on the disk: they have to be what was written. After them, what
  /// can't be read was not flushed, and is cut off; where that is more than an unfinished line, it is kept
  /// beside the file as FILE.cut-LINE. A line that can be read, and was changed, is an error anywhere.
  /// Errors: kIo; kDataCorrupt, with the line.
  AccountJournal(Disk& disk, const std::filesystem::path& file, const ChainMark& sure = {});

  /// Appends an object without line breaks and returns its number. Whoever kills the program afterwards
  /// leaves the line whole; sync() also makes it outlive a power failure. Errors: kIo.
  std::uint64_t append(std::string_view object);
  void sync();

  std::uint64_t lines() const { return chain_.number(); }
  ChainMark mark() const { return chain_.mark(); }
  /// Returns the lines after number `after` that were there when the file was opened.
  std::vector<std::string_view> lines_found(std::uint64_t after) const;
  /// Frees what lines_found() returns.
  void forget_lines_found();
  /// Bytes that were cut off at the opening.
  std::uint64_t cut_bytes() const { return cut_bytes_; }

 private:
  std::string text_;
  std::vector<std::string_view> found_;
  std::uint64_t cut_bytes_ = 0;
  ChainedLines chain_;
  std::unique_ptr<AppendFile> file_;
};

/// Reads a whole file; nothing where there is none. Errors: kIo.
std::optional<std::string> read_from(Disk& disk, const std::filesystem::path& file);

}  // namespace orrery
