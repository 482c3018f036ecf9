#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/date.h"

namespace orrery::html {

/// Escapes text for HTML content and double-quoted attributes. Control characters are dropped.
std::string escape(std::string_view text);

/// Numbers as a person reads them: fixed decimals, a true minus sign, never "-0", a dash for NaN.
std::string number(double value, int decimals);
/// 0.0712 → "7.1%".
std::string percent(double value, int decimals = 1);
/// The same with a plus sign before positive values, for differences.
std::string signed_percent(double value, int decimals = 1);
/// 1234567 → "1,234,567".
std::string count(std::size_t value);
/// `2017-01-03 to 2018-12-28`.
std::string date_range(Date first, Date last);

/// A column of a table: its heading and whether it holds text (left) or numbers (right).
struct TableColumn {
  std::string heading;
  bool is_text = false;
};

/// A cell: what is shown (escaped already) and, for sortable tables, what is sorted by.
struct TableCell {
  std::string content;
  std::string sort_value = {};
};

/// Writes a table in a box that scrolls sideways on a narrow screen. The first cell of each row is its
/// heading.
std::string table(std::string_view caption, const std::vector<TableColumn>& columns,
                  const std::vector<std::vector<TableCell>>& rows, bool sortable = false);

/// Folds content away under a line that opens it.
std::string details(std::string_view summary, std::string_view content);

/// A chart drawn by the script from `report-data`: `name` is its key there. `label` says in words what it
/// shows, `caption` how to read it, `numbers` is the same as a table (may be empty).
struct Figure {
  std::string_view name;
  std::string title;
  std::string label;
  std::string caption;
  std::string numbers = {};
  bool tall = false;
};
std::string figure(const Figure& figure);

/// A headline number with what belongs beside it.
struct Card {
  std::string name;
  double value;        ///< below 0: shown in the colour of losses
  std::string shown;   ///< the number, escaped
  std::string beside;  ///< uncertainty, counterpart or meaning, escaped
};
std::string card(const Card& card);

/// A section with its anchor, heading and one explaining line.
std::string section(std::string_view id, std::string_view heading, std::string_view lead,
                    std::string_view content);

}  // namespace orrery::html
