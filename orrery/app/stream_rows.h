#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "orrery/base/timestamp.h"

namespace orrery {

/// A line of a stream that was set aside, and why.
using LineRefusal = std::function<void(std::size_t line, std::string_view reason)>;

/// Puts lines of text, one an instrument and moment, together to rows of all instruments.
///
/// Lines are comma-separated with a header, or JSON objects; what the first line looks like decides. They
/// have the columns `date` (or `time`, `timestamp`) and `symbol`, and one for every field that is read;
/// others are ignored. A row is complete when a line of a later moment comes, at an empty line, or at the
/// end. Missing values: NaN; so is whatever an instrument has no line for. Errors: none after the header; a
/// line that can't be used is refused with its reason, the others are kept.
class StreamRows {
 public:
  /// `fields` and `symbols` give the shape of the rows; `source` names the input in messages. `in` must
  /// outlive this.
  StreamRows(std::istream& in, std::string source, std::vector<std::string> fields,
             std::span<const std::string> symbols, LineRefusal refuse);

  /// Lines that are not later than `moment` are refused from now on.
  void start_after(Timestamp moment);

  /// Reads up to the end of the next row; false at the end of the stream.
  /// Errors: kInvalidArgument for a header without the columns that are needed.
  bool next();

  Timestamp moment() const { return time_; }
  /// The row's moment as its first line wrote it.
  const std::string& time_text() const { return time_text_; }
  /// By field, a value an instrument.
  std::span<const std::span<const double>> fields() const { return views_; }
  /// The instruments that have a line in the row, ascending.
  const std::vector<std::size_t>& instruments() const { return present_; }
  /// By instrument, 1 for those.
  std::span<const std::uint8_t> present() const { return taken_; }

 private:
  /// A line, read but not yet in its place.
  struct Line {
    Timestamp time;
    std::string time_text;
    std::size_t instrument = 0;
    std::vector<double> values;
  };

  bool parse(std::string_view text);
  bool parse_csv(std::string_view text);
  bool parse_json(std::string_view text);
  bool take_time(std::string_view text);
  bool take_symbol(std::string_view text);
  bool take_number(std::size_t field, std::string_view text);
  void read_header(std::string_view text);
  void begin_row();
  bool place_line();
  bool refuse(const std::string& reason) const;

  std::istream& in_;
  std::string source_;
  std::vector<std::string> field_names_;
  std::unordered_map<std::string, std::size_t> instruments_;
  LineRefusal refuse_;

  std::size_t line_number_ = 0;
  bool started_ = false;
  bool json_ = false;
  std::size_t header_size_ = 0;
  std::size_t time_column_ = 0;
  std::size_t symbol_column_ = 0;
  std::vector<std::size_t> field_columns_;
  std::vector<std::string> cells_;

  Line line_;
  bool waiting_ = false;  ///< `line_` belongs to the next row
  bool any_taken_ = false;
  Timestamp latest_;

  Timestamp time_;
  std::string time_text_;
  std::vector<std::vector<double>> values_;
  std::vector<std::span<const double>> views_;
  std::vector<std::size_t> present_;
  std::vector<std::uint8_t> taken_;
};

}  // namespace orrery
