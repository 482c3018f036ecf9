#include "orrery/data/lake/disagreements.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "orrery/base/statistics.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/event_day.h"
#include "orrery/data/text_codes.h"

namespace orrery {
namespace {

using Moments = std::vector<std::int64_t>;
using SourcePair = std::pair<std::string, std::string>;

/// A value of a key as text, for comparing.
std::string key_text(const ColumnValues& values, std::size_t row) {
  if (const auto* texts = std::get_if<DictionaryStrings>(&values)) return std::string(text_at(*texts, row));
  if (const auto* whole = std::get_if<Moments>(&values)) return std::to_string((*whole)[row]);
  if (const auto* days = std::get_if<std::vector<Date>>(&values)) return std::to_string((*days)[row].days);
  return "";
}

double difference_of(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b) ? 0.0 : 1.0;
  const double larger = std::max(std::abs(a), std::abs(b));
  return larger == 0.0 ? 0.0 : std::abs(a - b) / larger;
}

/// Compares the sources of one table, whose rows come in the order of its key.
class TableComparison {
 public:
  TableComparison(const TableDefinition& definition, const DisagreementRequest& request)
      : request_(request), table_(definition.name), is_daily_(definition.name.ends_with("bars_1d")) {
    for (const auto& name : definition.key) {
      if (name != kEventTime) key_.push_back(name);
    }
    for (const auto& field : definition.schema.fields) {
      if (field.type == DeltaType::kDouble) numbers_.push_back(field.name);
    }
  }

  /// Whether the table has anything to compare.
  bool applies() const { return !key_.empty() && !numbers_.empty(); }

  std::vector<std::string> columns() const {
    auto all = key_;
    all.insert(all.end(), {kEventTime, kSource});
    all.insert(all.end(), numbers_.begin(), numbers_.end());
    return all;
  }

  void add(const Table& rows) {
    const auto& events = std::get<Moments>(rows.column(kEventTime).values);
    const auto& sources = std::get<DictionaryStrings>(rows.column(kSource).values);
    std::vector<const std::vector<double>*> numbers;
    for (const auto& name : numbers_)
      numbers.push_back(&std::get<std::vector<double>>(rows.column(name).values));
    for (std::size_t row = 0; row < rows.rows(); ++row) {
      begin_fact(rows, row, events[row]);
      auto& values = accounts_[std::string(text_at(sources, row))];
      values.clear();
      for (const auto* column : numbers) values.push_back((*column)[row]);
    }
  }

  void finish(SourceDisagreements& result) {
    end_fact();
    end_symbol();
    for (auto& [place, comparison] : comparisons_) {
      auto& differences = differences_[place];
      if (!differences.empty()) comparison.median = quantile(differences, 0.5);
      result.columns.push_back(comparison);
    }
    for (const auto& [pair, facts] : facts_) {
      if (facts.facts > 0) result.facts.push_back(facts);
    }
    std::move(largest_.begin(), largest_.end(), std::back_inserter(result.largest));
  }

 private:
  using Place = std::pair<SourcePair, std::size_t>;  ///< sources and column

  /// Goes on to the fact of a row, ending the one before where it is another.
  void begin_fact(const Table& rows, std::size_t row, std::int64_t event) {
    std::string symbol = key_text(rows.column(key_.front()).values, row);
    std::string fact = std::to_string(is_daily_ ? event_day(table_, event).days : event);
    for (std::size_t i = 1; i < key_.size(); ++i) fact += '\n' + key_text(rows.column(key_[i]).values, row);
    if (fact == fact_ && symbol == symbol_) return;
    end_fact();
    if (symbol != symbol_) end_symbol();
    symbol_ = std::move(symbol);
    fact_ = std::move(fact);
    day_ = event_day(table_, event);
  }

  void end_fact() {
    for (auto first = accounts_.begin(); first != accounts_.end(); ++first) {
      days_[first->first].push_back({day_, fact_});
      for (auto second = std::next(first); second != accounts_.end(); ++second) compare(*first, *second);
    }
    accounts_.clear();
  }

  using Account = std::pair<const std::string, std::vector<double>>;

  void compare(const Account& first, const Account& second) {
    for (std::size_t column = 0; column < numbers_.size(); ++column) {
      const double a = first.second[column];
      const double b = second.second[column];
      if (std::isnan(a) && std::isnan(b)) continue;
      const Place place{{first.first, second.first}, column};
      auto& comparison = comparisons_[place];
      comparison.table = table_;
      comparison.column = numbers_[column];
      comparison.first_source = first.first;
      comparison.second_source = second.first;
      ++comparison.compared;
      const double difference = difference_of(a, b);
      if (difference <= request_.tolerance) continue;
      note(place, comparison,
           {table_, symbol_, numbers_[column], day_, first.first, second.first, a, b, difference});
    }
  }

  void note(const Place& place, SourceComparison& comparison, Disagreement found) {
    ++comparison.differing;
    differences_[place].push_back(found.difference);
    if (found.difference > comparison.largest.difference) comparison.largest = found;
    largest_.push_back(std::move(found));
    if (largest_.size() > 2 * request_.largest + 100) keep_largest();
  }

  void keep_largest() {
    std::stable_sort(largest_.begin(), largest_.end(), [](const Disagreement& a, const Disagreement& b) {
      return a.difference > b.difference;
    });
    if (largest_.size() > request_.largest) largest_.resize(request_.largest);
  }

  /// Counts, of the days that two sources both cover, what only one of them has.
  void end_symbol() {
    for (auto first = days_.begin(); first != days_.end(); ++first) {
      for (auto second = std::next(first); second != days_.end(); ++second) {
        count_facts({first->first, second->first}, first->second, second->second);
      }
    }
    days_.clear();
  }

  struct Fact {
    Date day;
    std::string key;
  };

  void count_facts(const SourcePair& pair, const std::vector<Fact>& first, const std::vector<Fact>& second) {
    const Date begin = std::max(first.front().day, second.front().day);
    const Date end = std::min(first.back().day, second.back().day);
    const auto within = [&](const std::vector<Fact>& all) {
      std::set<std::string> keys;
      for (const auto& fact : all) {
        if (fact.day >= begin && fact.day <= end) keys.insert(fact.key);
      }
      return keys;
    };
    const auto a = within(first);
    const auto b = within(second);
    auto& counted = facts_[pair];
    counted.table = table_;
    counted.first_source = pair.first;
    counted.second_source = pair.second;
    for (const auto& key : a) ++(b.contains(key) ? counted.facts : counted.only_first);
    for (const auto& key : b) counted.only_second += a.contains(key) ? 0 : 1;
  }

  const DisagreementRequest& request_;
  std::string table_;
  bool is_daily_;
  std::vector<std::string> key_, numbers_;
  std::string symbol_, fact_;
  Date day_;
  std::map<std::string, std::vector<double>> accounts_;  ///< of the fact, by source
  std::map<std::string, std::vector<Fact>> days_;        ///< of the symbol, by source
  std::map<Place, SourceComparison> comparisons_;
  std::map<Place, std::vector<double>> differences_;
  std::map<SourcePair, OneSided> facts_;
  std::vector<Disagreement> largest_;
};

}  // namespace

SourceDisagreements find_disagreements(Lake& lake, const DisagreementRequest& request) {
  SourceDisagreements result;
  for (const auto& name : request.tables.empty() ? lake.tables() : request.tables) {
    auto table = lake.open(name);
    const auto definition = table.definition();
    TableComparison comparison(definition, request);
    if (!comparison.applies() || definition.schema.find(kSource) == nullptr) continue;
    ScanRequest scan{.columns = comparison.columns()};
    if (!request.symbols.empty()) scan.where.push_back(one_of(definition.key.front(), request.symbols));
    const auto rows = table.scan_sorted(scan);
    while (const auto block = rows->next()) comparison.add(*block);
    comparison.finish(result);
  }
  std::stable_sort(result.largest.begin(), result.largest.end(),
                   [](const Disagreement& a, const Disagreement& b) { return a.difference > b.difference; });
  if (result.largest.size() > request.largest) result.largest.resize(request.largest);
  return result;
}

}  // namespace orrery
