#include "orrery/data/delimited_text.h"

#include <fmt/format.h>

#include "orrery/base/error.h"
#include "orrery/data/csv.h"
#include "orrery/data/number_text.h"
#include "orrery/data/text_file.h"

namespace orrery {
namespace {

std::string from_latin1(const std::string& bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (const unsigned char byte : bytes) {
    if (byte < 0x80) {
      text += static_cast<char>(byte);
    } else {
      text += static_cast<char>(0xC0 | (byte >> 6));
      text += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return text;
}

/// The lines that matter, one after another.
class Lines {
 public:
  Lines(std::string_view text, const DelimitedForm& form) : rest_(text), form_(form) {
    if (rest_.starts_with(kByteOrderMark)) rest_.remove_prefix(kByteOrderMark.size());
  }

  bool next(std::string_view& line) {
    while (!rest_.empty()) {
      line = take();
      if (trim(line).empty() || (!form_.comment.empty() && line.starts_with(form_.comment))) continue;
      return form_.until_line.empty() || trim(line) != form_.until_line;
    }
    return false;
  }

  /// Passes over what stands before the header. Returns whether it was there.
  bool skip() {
    for (std::int64_t i = 0; i < form_.skip_lines; ++i) {
      if (rest_.empty()) return false;
      take();
    }
    if (form_.after_line.empty()) return true;
    while (!rest_.empty()) {
      if (trim(take()) == form_.after_line) return true;
    }
    return false;
  }

  std::int64_t number() const { return number_; }

 private:
  std::string_view take() {
    ++number_;
    return take_line(rest_);
  }

  std::string_view rest_;
  const DelimitedForm& form_;
  std::int64_t number_ = 0;
};

std::vector<std::string> find_header(Lines& lines, const std::filesystem::path& path,
                                     const DelimitedForm& form) {
  if (!lines.skip()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     form.after_line.empty()
                         ? fmt::format("{} has no more than {} lines, which the mapping skips", path.string(),
                                       lines.number())
                         : fmt::format("{} has no line '{}', after which the header is expected",
                                       path.string(), form.after_line));
  }
  if (!form.columns.empty()) return form.columns;
  std::string_view line;
  std::vector<std::string> header;
  if (!lines.next(line) || !split_csv_line(line, header, form.delimiter))
    throw user_error(ErrorCode::kInvalidArgument, fmt::format("{} has no header line", path.string()));
  return header;
}

}  // namespace

void read_delimited(const std::filesystem::path& path, const DelimitedForm& form,
                    const TakeHeader& take_header, const TakeFields& take) {
  auto text = read_text_file(path);
  if (form.is_latin1) text = from_latin1(text);
  Lines lines(text, form);
  take_header(find_header(lines, path, form));
  std::string_view line;
  std::vector<std::string> fields;
  while (lines.next(line)) {
    if (!split_csv_line(line, fields, form.delimiter)) fields.clear();
    take(lines.number(), fields);
  }
}

}  // namespace orrery
