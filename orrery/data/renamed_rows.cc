#include "orrery/data/renamed_rows.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "orrery/data/csv.h"

namespace orrery {
namespace {

/// Reads the rows of a table of renames one by one.
class RenameReader {
 public:
  explicit RenameReader(const TextTable& table)
      : table_(table),
        date_(find_text_column(table, {"date", "day"})),
        from_(find_text_column(table, {"from", "old"})),
        to_(find_text_column(table, {"to", "new"})) {}

  std::vector<Rename> read() {
    std::vector<Rename> renames;
    for (row_ = 0; row_ < table_.rows.size(); ++row_) {
      const auto& fields = table_.rows[row_];
      const Date day = day_at(table_, row_, date_);
      if (fields[from_].empty()) refuse(from_, "a symbol is expected");
      if (fields[to_].empty()) refuse(to_, "a symbol is expected");
      if (fields[from_] == fields[to_]) refuse(to_, "another symbol than in 'from' is expected");
      note(given_up_, from_, day, "is given up on one day only once");
      note(taken_, to_, day, "is taken on one day by one only");
      renames.push_back({fields[from_], fields[to_], day});
    }
    return renames;
  }

 private:
  using Seen = std::map<std::pair<std::string, Date>, std::size_t>;

  [[noreturn]] void refuse(std::size_t column, std::string_view problem) const {
    throw cell_fault(table_, row_, column, problem);
  }

  void note(Seen& seen, std::size_t column, Date day, std::string_view rule) {
    const std::string& symbol = table_.rows[row_][column];
    const auto [first, fresh] = seen.try_emplace({symbol, day}, row_);
    if (fresh) return;
    refuse(column, fmt::format("a symbol {}, and line {} has it already", rule, table_.lines[first->second]));
  }

  const TextTable& table_;
  const std::size_t date_, from_, to_;
  std::size_t row_ = 0;
  Seen given_up_, taken_;
};

/// Gives symbols the codes that they have in rows, new ones as they come.
class RowCodes {
 public:
  explicit RowCodes(std::vector<std::string>& symbols) : symbols_(symbols) {
    for (std::size_t i = 0; i < symbols.size(); ++i) codes_.emplace(symbols[i], static_cast<std::int32_t>(i));
  }

  std::int32_t of(const std::string& symbol) {
    const auto [place, fresh] = codes_.try_emplace(symbol, static_cast<std::int32_t>(symbols_.size()));
    if (fresh) symbols_.push_back(symbol);
    return place->second;
  }

 private:
  std::vector<std::string>& symbols_;
  std::unordered_map<std::string, std::int32_t> codes_;
};

}  // namespace

std::vector<Rename> read_renames(const std::filesystem::path& path) {
  return RenameReader(read_text_table(path)).read();
}

void join_renamed_rows(const Identities& names, PriceRows& rows) {
  if (names.empty()) return;
  rows.former = rows.symbol;
  RowCodes codes(rows.symbols);
  std::set<std::pair<std::int32_t, Date>> moved;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows.symbol[row] == PriceRows::kUnusable) continue;
    const std::string symbol = rows.symbols[static_cast<std::size_t>(rows.symbol[row])];
    const std::string& name = names.name_of(symbol, rows.date[row]);
    if (name == symbol) continue;
    rows.symbol[row] = codes.of(name);
    moved.emplace(rows.symbol[row], rows.date[row]);
  }
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const bool stayed = rows.symbol[row] != PriceRows::kUnusable && rows.symbol[row] == rows.former[row];
    if (stayed && moved.contains({rows.symbol[row], rows.date[row]})) {
      rows.set_aside(row, QuarantineReason::kDuplicateKey, "", "the former symbol has a bar on this day");
    }
  }
}

}  // namespace orrery
