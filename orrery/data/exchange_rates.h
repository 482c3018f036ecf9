#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orrery/base/date.h"

namespace orrery {

/// What currencies cost in one another, by day.
///
/// Two kinds of tables: one row a day and pair, with the columns `date`, `from`, `to` and `rate` (units of
/// `to` that one unit of `from` costs); or one row a day, with a column of each currency, and in it the units
/// of it that one unit of `base` costs, as the European Central Bank publishes its reference rates (base
/// EUR). Empty cells and `N/A` say nothing.
class ExchangeRates {
  using Days = std::map<Date, double>;
  using Pair = std::pair<std::string, std::string>;
  /// A pair of the table, maybe turned round.
  struct Step {
    const Days* days = nullptr;
    bool is_inverse = false;

    std::optional<double> at(Date day) const;
  };

 public:
  /// How one currency is exchanged for another; the rates must outlive it.
  class Way {
   public:
    /// Units of the second currency that one unit of the first costs by the last rate of the day or of the
    /// `kMostDays` before it; nothing where there is none. Look-ahead: none.
    std::optional<double> at(Date day) const;

   private:
    friend class ExchangeRates;
    explicit Way(std::vector<Step> steps) : steps_(std::move(steps)) {}

    std::vector<Step> steps_;  ///< one after the other; none: it is the same currency
  };

  /// `base` belongs to the second kind. Errors: as read_text_table; kInvalidArgument, with file, line and
  /// column, for a rate that is not above 0, a day or currency that can't be read, two rates of one pair and
  /// day, a missing or needless `base`.
  ExchangeRates(const std::filesystem::path& path, const std::string& base);

  /// Returns how `from` is exchanged for `to`; nothing where no day has a rate. Where the table has not the
  /// pair but the pair turned round, or both with a third currency, the rate is made from these; of several
  /// third currencies the first by name. The same currency: 1 on every day.
  std::optional<Way> way(const std::string& from, const std::string& to) const;

  const std::filesystem::path& path() const { return path_; }

  /// Markets are closed over holidays; a rate older than this is nobody's any more.
  static constexpr int kMostDays = 10;

 private:
  std::optional<Step> step(const std::string& from, const std::string& to) const;
  void read_pairs(const struct TextTable& table);
  void read_columns(const struct TextTable& table, const std::string& base);
  void add(const struct TextTable& table, std::size_t row, std::size_t column, Date day, const Pair& pair);

  std::filesystem::path path_;
  std::map<Pair, Days> days_;
  std::vector<std::string> currencies_;  ///< ascending
};

/// Whether a text is a currency as traders write it: three to five capital letters and digits, a letter first
/// (USD, USDT).
bool is_currency(std::string_view text);

}  // namespace orrery
