#include "apps/cli/result_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "apps/cli/plural.h"
#include "apps/cli/text_width.h"

namespace orrery::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kWidestText = 48;
constexpr std::size_t kNarrowestText = 16;

/// One column of the picture.
struct ShownColumn {
  std::size_t index = 0;
  std::size_t width = 0;
  bool is_number = false;
  bool is_text = false;      ///< may be cut
  bool is_left_out = false;  ///< stands for the columns of the middle
};

/// Line breaks and other control characters would tear the table.
std::string on_one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return text;
}

/// Texts and lists may be cut; of numbers and moments a part would be wrong.
bool is_text(const ResultColumn& column) {
  return !column.is_number && !column.type.starts_with("timestamp") && column.type != "date";
}

std::size_t natural_width(const ResultExcerpt& result, std::size_t column) {
  const auto& head = result.columns[column];
  std::size_t width = std::max(display_width(head.name), display_width(head.type));
  for (const auto* rows : {&result.first, &result.last}) {
    for (const auto& row : *rows) width = std::max(width, display_width(row[column]));
  }
  return is_text(head) ? std::min(width, std::max(kWidestText, display_width(head.name))) : width;
}

std::size_t total_width(const std::vector<ShownColumn>& columns) {
  std::size_t total = columns.empty() ? 0 : kGap * (columns.size() - 1);
  for (const auto& column : columns) total += column.width;
  return total;
}

/// Cuts the widest texts while the table is too wide.
void cut_texts(std::vector<ShownColumn>& columns, std::size_t width) {
  while (total_width(columns) > width) {
    auto widest = columns.end();
    for (auto column = columns.begin(); column != columns.end(); ++column) {
      const bool may_be_cut = column->is_text && column->width > kNarrowestText;
      if (may_be_cut && (widest == columns.end() || column->width > widest->width)) widest = column;
    }
    if (widest == columns.end()) return;
    --widest->width;
  }
}

/// Puts "…" in the place of columns of the middle while the table is too wide.
void leave_out_columns(std::vector<ShownColumn>& columns, std::size_t width) {
  if (total_width(columns) <= width || columns.size() < 3) return;
  auto middle = columns.begin() + static_cast<std::ptrdiff_t>(columns.size() / 2);
  *middle = {.index = 0, .width = 1, .is_number = false, .is_text = false, .is_left_out = true};
  while (total_width(columns) > width && columns.size() > 3) {
    const bool left = middle - columns.begin() > columns.end() - middle - 1;
    middle = left ? columns.erase(middle - 1) : columns.erase(middle + 1) - 1;
  }
}

std::vector<ShownColumn> fit_columns(const ResultExcerpt& result, std::size_t width) {
  std::vector<ShownColumn> columns;
  for (std::size_t i = 0; i < result.columns.size(); ++i) {
    const auto& column = result.columns[i];
    columns.push_back({i, natural_width(result, i), column.is_number, is_text(column), false});
  }
  cut_texts(columns, width);
  leave_out_columns(columns, width);
  return columns;
}

template <class CellOf>
std::string format_line(const std::vector<ShownColumn>& columns, const CellOf& cell_of) {
  std::string line;
  for (const auto& column : columns) {
    if (&column != &columns.front()) line += std::string(kGap, ' ');
    line += column.is_left_out ? "…" : pad(on_one_line(cell_of(column)), column.width, column.is_number);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string count_text(std::size_t count, std::size_t shown, std::string_view noun) {
  const auto text = plural(count, noun);
  return shown == count ? text : fmt::format("{} ({} shown)", text, shown);
}

/// A plan is a picture of many lines.
bool is_plan(const ResultExcerpt& result) {
  return result.columns.size() == 2 && result.columns.back().name == "explain_value";
}

std::string plan_text(const ResultExcerpt& result) {
  std::string text;
  for (const auto& row : result.first) text += row.back() + "\n";
  return text;
}

std::string rule(const std::vector<ShownColumn>& columns) {
  return format_line(columns, [](const ShownColumn& column) {
    std::string dashes;
    for (std::size_t i = 0; i < column.width; ++i) dashes += "─";
    return dashes;
  });
}

}  // namespace

std::string format_result(const ResultExcerpt& result, std::size_t width) {
  if (is_plan(result)) return plan_text(result);
  const auto columns = fit_columns(result, width);
  std::string text =
      format_line(columns, [&](const ShownColumn& column) { return result.columns[column.index].name; });
  text += format_line(columns, [&](const ShownColumn& column) { return result.columns[column.index].type; });
  text += rule(columns);
  const auto add_rows = [&](const std::vector<std::vector<std::string>>& rows) {
    for (const auto& row : rows) {
      text += format_line(columns, [&row](const ShownColumn& column) { return row[column.index]; });
    }
  };
  add_rows(result.first);
  if (!result.last.empty()) text += format_line(columns, [](const ShownColumn&) { return "·"; });
  add_rows(result.last);
  const auto left_out = std::any_of(columns.begin(), columns.end(),
                                    [](const ShownColumn& column) { return column.is_left_out; });
  const auto shown = columns.size() - (left_out ? 1 : 0);
  text += fmt::format("{}, {}\n", count_text(result.rows, result.first.size() + result.last.size(), "row"),
                      count_text(result.columns.size(), shown, "column"));
  return text;
}

}  // namespace orrery::cli
