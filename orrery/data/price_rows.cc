#include "orrery/data/price_rows.h"

#include <fmt/format.h>

#include "orrery/base/error.h"
#include "orrery/data/number_text.h"
#include "orrery/data/table_file.h"
#include "orrery/data/text_file.h"

namespace orrery {

void PriceRows::set_aside(std::size_t row, QuarantineReason reason, std::string_view column,
                          std::string found) {
  quarantine.add({line_of(row), reason, to_string(date[row]), symbols[static_cast<std::size_t>(symbol[row])],
                  column, std::move(found)});
  if (reason != QuarantineReason::kOutOfOrder) symbol[row] = kUnusable;
}

PriceRows read_price_rows(const std::filesystem::path& path, int threads) {
  if (is_table_file(path)) return price_rows_of(read_table_file(path, threads), path);
  if (has_suffix(path, ".csv") || has_suffix(path, ".csv.gz")) return read_price_rows_csv(path, threads);
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("can't tell the format of {}: the name must end in .csv, .csv.gz, {}",
                               path.string(), table_file_names()));
}

bool is_plausible(Date date) {
  static const Date kFirst = make_date(1800, 1, 1);
  static const Date kLast = make_date(2200, 12, 31);
  return date >= kFirst && date <= kLast;
}

std::optional<Date> parse_price_date(std::string_view text) {
  text = trim(text);
  std::array<char, 10> usual{};
  if (text.size() == 8) {
    fmt::format_to(usual.data(), "{}-{}-{}", text.substr(0, 4), text.substr(4, 2), text.substr(6, 2));
    text = {usual.data(), usual.size()};
  } else if (text.size() == 10 && text[4] == '/' && text[7] == '/') {
    fmt::format_to(usual.data(), "{}-{}-{}", text.substr(0, 4), text.substr(5, 2), text.substr(8, 2));
    text = {usual.data(), usual.size()};
  }
  const auto date = parse_date(text);
  return date && is_plausible(*date) ? date : std::nullopt;
}

}  // namespace orrery
