#include "orrery/data/funding_rates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/data/bar_files.h"
#include "orrery/data/moment_table.h"

namespace orrery {
namespace {

constexpr std::int64_t kHour = 3'600 * kNanosecondsPerSecond;
constexpr std::int64_t kMostBesideTheHour = 60 * kNanosecondsPerSecond;

const std::vector<std::string> kStampNames = {"date",         "timestamp",   "datetime", "time",
                                              "funding_time", "fundingtime", "calc_time"};
const std::vector<std::string> kRateNames = {"funding_rate", "last_funding_rate", "fundingrate", "rate",
                                             "open"};
const std::vector<std::string> kMarkNames = {"mark_price", "markprice", "mark"};

Error at_line(const TextTable& table, std::size_t row, const std::string& message) {
  return user_error(ErrorCode::kInvalidArgument,
                    fmt::format("{}, line {}: {}", table.path.string(), table.lines[row], message));
}

/// The full hour that a stamp belongs to: exchanges stamp funding some milliseconds late.
Timestamp full_hour(const MomentTable& table, std::size_t row) {
  const std::int64_t stamp = table.moments[row].nanoseconds;
  const std::int64_t hour = (stamp + kHour / 2) / kHour * kHour;
  if (std::abs(stamp - hour) <= kMostBesideTheHour) return {hour};
  throw at_line(
      table.text, row,
      fmt::format("funding is paid at a full hour, and stamped at most a minute beside it; found {}",
                  to_string(table.moments[row])));
}

/// One row of a table of rates.
struct RateRow {
  std::size_t row = 0;  ///< of the table
  Timestamp moment, known;
  double rate = 0.0;
};

std::vector<RateRow> read_rates(const MomentTable& table) {
  const std::size_t rate = find_text_column(table.text, kRateNames);
  const auto known = find_column(table.text, {"known"});
  std::vector<RateRow> rates;
  for (std::size_t row = 0; row < table.moments.size(); ++row) {
    const Timestamp moment = full_hour(table, row);
    rates.push_back({row, moment,
                     known ? moment_at(table.text, row, *known) : std::max(moment, table.moments[row]),
                     number_at(table.text, row, rate)});
  }
  std::sort(rates.begin(), rates.end(),
            [](const RateRow& a, const RateRow& b) { return a.moment < b.moment; });
  const auto twice = std::adjacent_find(
      rates.begin(), rates.end(), [](const RateRow& a, const RateRow& b) { return a.moment == b.moment; });
  if (twice == rates.end()) return rates;
  throw at_line(table.text, std::next(twice)->row,
                fmt::format("{} has a rate already, in line {}", to_string(twice->moment),
                            table.text.lines[twice->row]));
}

/// Mark prices, of the table of rates or of bars.
class Marks {
 public:
  Marks(const FundingFile& file, const TextTable& rates)
      : rates_(rates), column_(find_column(rates, kMarkNames)) {
    if (file.marks.empty() && !column_) {
      throw user_error(
          ErrorCode::kInvalidArgument,
          fmt::format("{} has no column of mark prices (mark_price), and no file of marks is given for {}",
                      file.rates.string(), file.symbol));
    }
    path_ = file.marks;
    if (!column_) bars_ = read_timed_bars(file.marks);
  }

  /// Whether the mark is of a bar that ended before the moment.
  bool is_stale(const RateRow& rate) const {
    return !column_ && end_of(last_bar(rate.moment)) < rate.moment.nanoseconds;
  }

  double at(const RateRow& rate) const {
    if (!column_) return of_bars(rate.moment);
    const double mark = number_at(rates_, rate.row, *column_);
    if (mark > 0.0) return mark;
    throw at_line(rates_, rate.row, fmt::format("a mark price must be above 0; found {}", mark));
  }

 private:
  std::int64_t end_of(const TimedBar& bar) const { return bar.moment.nanoseconds + bars_.length; }

  /// Returns the last bar that began at the moment or before.
  const TimedBar& last_bar(Timestamp moment) const {
    const auto after =
        std::upper_bound(bars_.bars.begin(), bars_.bars.end(), moment,
                         [](Timestamp wanted, const TimedBar& bar) { return wanted < bar.moment; });
    if (after == bars_.bars.begin()) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("{} has no mark price at {} or before, when funding was paid",
                                   path_.string(), to_string(moment)));
    }
    return *std::prev(after);
  }

  double of_bars(Timestamp moment) const {
    const TimedBar& bar = last_bar(moment);
    return end_of(bar) <= moment.nanoseconds ? bar.close : bar.open;
  }

  const TextTable& rates_;
  std::optional<std::size_t> column_;
  std::filesystem::path path_;
  TimedBars bars_;
};

/// The session that a moment lies in, or the next one after it.
std::optional<std::size_t> session_of(const MarketData& market, Timestamp moment) {
  const Date day = day_of(moment);
  const std::size_t row = market.lower_row(day);
  if (row >= market.rows() || day < market.dates.front()) return std::nullopt;
  return row;
}

std::size_t instrument_of(const FundingFile& file, const MarketData& market) {
  if (const auto instrument = market.find_symbol(file.symbol)) return *instrument;
  throw user_error(ErrorCode::kNotFound, fmt::format("funding of {}: the prices have no such symbol{}",
                                                     file.symbol, did_you_mean(file.symbol, market.symbols)));
}

Panel& funding_field(MarketData& market) {
  const auto [place, is_new] = market.fields.try_emplace(kFundingField);
  if (is_new) place->second = Panel(market.rows(), market.instruments());
  return place->second;
}

void sort_funding(MarketData& market) {
  std::sort(market.funding.begin(), market.funding.end(),
            [](const FundingPayment& a, const FundingPayment& b) {
              return a.moment != b.moment ? a.moment < b.moment : a.instrument < b.instrument;
            });
}

}  // namespace

FundingCounts add_funding(const FundingFile& file, MarketData& market) {
  const std::size_t instrument = instrument_of(file, market);
  const MomentTable table = read_moment_table(file.rates, kStampNames);
  const auto rates = read_rates(table);
  const Marks marks(file, table.text);
  Panel& field = funding_field(market);
  FundingCounts counts;
  for (const RateRow& rate : rates) {
    if (const auto row = session_of(market, rate.known)) {
      double& sum = field(*row, instrument);
      sum = std::isnan(sum) ? rate.rate : sum + rate.rate;
    }
    if (const auto row = session_of(market, rate.moment)) {
      market.funding.push_back({instrument, *row, rate.moment, rate.rate, marks.at(rate)});
      ++counts.payments;
      if (marks.is_stale(rate)) ++counts.stale;
    } else {
      ++counts.outside;
    }
  }
  sort_funding(market);
  return counts;
}

}  // namespace orrery
