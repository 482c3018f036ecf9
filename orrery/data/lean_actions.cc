#include "orrery/data/lean_actions.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>

#include "orrery/base/files.h"
#include "orrery/base/letter_case.h"
#include "orrery/base/not_a_number.h"
#include "orrery/data/action_steps.h"
#include "orrery/data/csv.h"
#include "orrery/data/number_text.h"
#include "orrery/data/price_rows.h"
#include "orrery/data/quarantine.h"
#include "orrery/data/text_file.h"
#include "orrery/market/calendar.h"

namespace orrery {
namespace {

using Path = std::filesystem::path;

constexpr double kFactorRounding = 1e-7;  ///< half a unit of the seventh decimal, of two factors chained
constexpr double kSplitRounding = 1e-5;   ///< 0.0178571 for 1/56
constexpr double kSmallestDividend = 1e-4;
constexpr int kStillTraded = 2050;  ///< the year of the last day of what has not ended

struct Ticker {
  Date last;  ///< its last day
  std::string symbol;
};

struct Factors {
  Date last;  ///< the last day on which they hold
  double price = 1.0;
  double split = 1.0;
  double close = 0.0;  ///< of that day, as traded
};

/// An instrument's own files, by the name that both have.
struct Instrument {
  std::vector<Ticker> tickers;
  std::vector<Factors> factors;
};

/// Hands the fields of each line, the first of which is a day, to `take`; it says what is wrong with them.
template <class Take>
void read_lines(const Path& path, const TakeLeanFault& take_fault, const Take& take) {
  const auto text = read_file(path);
  std::string_view rest = text;
  std::vector<std::string> fields;
  for (std::int64_t line = 1; !rest.empty(); ++line) {
    const auto content = take_line(rest);
    if (trim(content).empty()) continue;
    const bool is_whole = split_csv_line(content, fields);
    const auto day = is_whole ? parse_price_date(fields[0]) : std::nullopt;
    if (!day || !take(*day, fields)) take_fault(path, {line, day, "unreadable line", "", printable(content)});
  }
}

std::vector<Ticker> read_map_file(const Path& path, const TakeLeanFault& take_fault) {
  std::vector<Ticker> tickers;
  read_lines(path, take_fault, [&](Date day, const std::vector<std::string>& fields) {
    if (fields.size() < 2 || fields[1].empty() || !is_clean_text(fields[1])) return false;
    tickers.push_back({day, upper_case(fields[1])});
    return true;
  });
  std::stable_sort(tickers.begin(), tickers.end(),
                   [](const Ticker& a, const Ticker& b) { return a.last < b.last; });
  return tickers;
}

std::vector<Factors> read_factor_file(const Path& path, const TakeLeanFault& take_fault) {
  std::vector<Factors> factors;
  read_lines(path, take_fault, [&](Date day, const std::vector<std::string>& fields) {
    Factors row{day};
    if (fields.size() < 3 || parse_number(fields[1], row.price) != NumberText::kNumber ||
        parse_number(fields[2], row.split) != NumberText::kNumber || !(row.price > 0.0) ||
        !(row.split > 0.0)) {
      return false;
    }
    if (fields.size() > 3 && parse_number(fields[3], row.close) == NumberText::kNoNumber) return false;
    factors.push_back(row);
    return true;
  });
  std::stable_sort(factors.begin(), factors.end(),
                   [](const Factors& a, const Factors& b) { return a.last < b.last; });
  return factors;
}

bool has_ended(const std::vector<Ticker>& tickers) {
  return !tickers.empty() && year_month_day(tickers.back().last).year < kStillTraded;
}

/// What came of one instrument's files.
class ActionsOf {
 public:
  ActionsOf(const std::string& name, const Instrument& instrument, const Calendar& calendar,
            std::vector<LeanAction>& actions)
      : name_(name), instrument_(instrument), calendar_(calendar), actions_(actions) {}

  void find() {
    const auto& tickers = instrument_.tickers;
    for (std::size_t i = 1; i < tickers.size(); ++i) {
      if (tickers[i].symbol != tickers[i - 1].symbol)
        add(tickers[i - 1].symbol, "rename", kNaN, tickers[i].symbol, tickers[i - 1].last);
    }
    if (has_ended(tickers)) add(tickers.back().symbol, "delisting", kNaN, "unknown", tickers.back().last);
    const auto& factors = instrument_.factors;
    for (std::size_t i = 1; i < factors.size(); ++i) compare(factors[i - 1], factors[i]);
  }

 private:
  void compare(const Factors& before, const Factors& after) {
    const Date day = calendar_.next_session(before.last);
    const double kept = before.price / after.price;
    const double rounding = before.close * kept * kFactorRounding * (1.0 / before.price + 1.0 / after.price);
    const double dividend = before.close * (1.0 - kept);
    if (dividend > std::max(kSmallestDividend, rounding))
      actions_.push_back({symbol_on(day), "dividend", shortest_decimal(dividend, rounding), "", day});
    const double step = after.split / before.split;
    if (std::abs(step - 1.0) <= kSplitRounding) return;
    actions_.push_back(
        {symbol_on(day), "split", find_split_ratio(step, kSplitRounding).value_or(step), "", day});
  }

  void add(const std::string& symbol, const char* kind, double value, const std::string& note, Date last) {
    actions_.push_back({symbol, kind, value, note, calendar_.next_session(last)});
  }

  /// Without a map file: the name of the file, without the number that tells users of a symbol apart.
  std::string symbol_on(Date day) const {
    for (const auto& ticker : instrument_.tickers) {
      if (day <= ticker.last) return ticker.symbol;
    }
    if (!instrument_.tickers.empty()) return instrument_.tickers.back().symbol;
    const auto dot = name_.rfind('.');
    const bool is_numbered = dot != std::string::npos && dot + 1 < name_.size() &&
                             std::isdigit(static_cast<unsigned char>(name_[dot + 1])) != 0;
    return upper_case(is_numbered ? name_.substr(0, dot) : name_);
  }

  const std::string& name_;
  const Instrument& instrument_;
  const Calendar& calendar_;
  std::vector<LeanAction>& actions_;
};

std::vector<Path> csv_files(const Path& folder) {
  std::vector<Path> files;
  if (!std::filesystem::is_directory(folder)) return files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".csv") files.push_back(entry.path());
  }
  return files;
}

bool is_wanted(const std::string& name, const Instrument& instrument,
               const std::vector<std::string>& symbols) {
  const auto named = [&](const std::string& symbol) {
    return std::find(symbols.begin(), symbols.end(), symbol) != symbols.end();
  };
  return symbols.empty() || named(upper_case(name)) ||
         std::any_of(instrument.tickers.begin(), instrument.tickers.end(),
                     [&](const Ticker& ticker) { return named(ticker.symbol); });
}

}  // namespace

std::vector<LeanAction> read_lean_actions(const Path& folder, const std::vector<std::string>& symbols,
                                          const TakeLeanFault& take_fault) {
  std::map<std::string, Instrument> instruments;
  for (const auto& path : csv_files(folder / "map_files"))
    instruments[path.stem().string()].tickers = read_map_file(path, take_fault);
  for (const auto& path : csv_files(folder / "factor_files"))
    instruments[path.stem().string()].factors = read_factor_file(path, take_fault);
  const auto calendar = find_calendar("XNYS");
  std::vector<LeanAction> actions;
  for (const auto& [name, instrument] : instruments) {
    if (is_wanted(name, instrument, symbols)) ActionsOf(name, instrument, calendar, actions).find();
  }
  return actions;
}

}  // namespace orrery
