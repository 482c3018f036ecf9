#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace orrery {

/// The link that stands before the first record: no digest at all.
inline constexpr std::string_view kFirstLink =
    "0000000000000000000000000000000000000000000000000000000000000000";

/// How far a chain of lines goes, for a later look at it to begin from.
struct ChainMark {
  std::uint64_t lines = 0;
  std::string link{kFirstLink};  ///< of the last of those lines

  bool operator==(const ChainMark&) const = default;
};

/// Writes a mark as "LINES LINK", and reads it. Errors: kDataCorrupt.
std::string to_string(const ChainMark& mark);
ChainMark parse_chain_mark(std::string_view text);

/// Links records so that none of them can be changed, removed or put in without changing every later link:
/// link = SHA-256(the 32 bytes of the link before, the bytes of the record), as 64 lower-case hexadecimal
/// digits. Who may rewrite the whole chain is found out only by a link that was kept elsewhere. Allocates
/// nothing after its construction. One thread.
class HashChain {
 public:
  /// Goes on after a link. Errors: kInvalidArgument when it isn't 64 lower-case hexadecimal digits.
  explicit HashChain(std::string_view link = kFirstLink);
  ~HashChain();
  HashChain(HashChain&&) noexcept;
  HashChain& operator=(HashChain&&) noexcept;

  /// Makes a record the chain's next and returns its link, which holds until the next call.
  std::string_view add(std::string_view record);
  /// Returns the link of the last record.
  std::string_view link() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Makes lines of JSON objects, each with its number (from 1) and its link as last members:
/// `{"a":1}` becomes `{"a":1,"n":7,"link":"…"}`. The record that is linked is all that stands before
/// `,"link":`.
class ChainedLines {
 public:
  ChainedLines() = default;
  /// Goes on after the mark. Errors: as HashChain.
  explicit ChainedLines(const ChainMark& mark) : number_(mark.lines), chain_(mark.link) {}

  /// Returns the object as the next line, with its end; holds until the next call.
  /// Errors: kInternal for what isn't an object on one line.
  std::string_view add(std::string_view object);
  std::uint64_t number() const { return number_; }  ///< of the last line; 0: none
  ChainMark mark() const { return {number_, std::string(chain_.link())}; }

 private:
  std::uint64_t number_ = 0;
  HashChain chain_;
  std::string line_;
};

/// Returns the object that a good line was made of: without its number and its link.
std::string record_of(std::string_view line);

/// Where a file of chained lines stops being what was written.
struct ChainFault {
  std::uint64_t line = 0;  ///< from 1
  bool torn = false;       ///< the file ends within the line, as when its writer was killed
  bool changed = false;    ///< a whole line, with a number and a link, that was not written so
  std::string problem;     ///< in words, with the line
};

/// Reads chained lines, and stops at the first that is not what was written.
class ChainedLineReader {
 public:
  /// `text` must outlive the reader.
  explicit ChainedLineReader(std::string_view text) : text_(text) {}

  /// Returns the next good line without its end: an object with its own members, `n` and `link`. Nothing at
  /// the end of the text or at the fault.
  std::optional<std::string_view> next();
  const std::optional<ChainFault>& fault() const { return fault_; }
  std::uint64_t lines() const { return lines_; }         ///< good ones so far
  std::size_t valid_bytes() const { return position_; }  ///< where the good lines end, their ends included
  std::string_view link() const { return chain_.link(); }
  ChainMark mark() const { return {lines_, std::string(link())}; }

 private:
  std::nullopt_t stop(std::string_view problem, bool torn = false, bool changed = false);

  std::string_view text_;
  std::size_t position_ = 0;
  std::uint64_t lines_ = 0;
  HashChain chain_;
  std::optional<ChainFault> fault_;
};

/// What a file of chained lines was found to be.
struct ChainCheck {
  ChainMark good;               ///< lines from the start
  std::size_t valid_bytes = 0;  ///< of those
  std::optional<ChainFault> fault;
};

/// Looks at every line. `last_link`, where it was kept elsewhere, also finds lines that are missing at the
/// end, and a chain that was written anew. Errors: kNotFound, kIo.
ChainCheck check_chained_file(const std::filesystem::path& file, std::string_view last_link = {});
/// Looks at every line of a text, whose first `sure.lines` have to be there, with `sure.link` after them:
/// where they are not, the fault is one that was `changed`. `take` gets every good line.
ChainCheck check_chained_text(std::string_view text, const ChainMark& sure,
                              const std::function<void(std::string_view)>& take = nullptr);
/// The same of a file. Errors: kNotFound, kIo.
ChainCheck check_chained_file(const std::filesystem::path& file, const ChainMark& sure);

}  // namespace orrery
