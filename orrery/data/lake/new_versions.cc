#include "orrery/data/lake/new_versions.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/table_rows.h"

namespace orrery {
namespace {

using Moments = std::vector<std::int64_t>;

constexpr const char* kIsNew = "\x01is_new";  ///< no column of a table has this name

std::vector<std::string> joined(std::vector<std::string> names, const std::vector<std::string>& more) {
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

/// By which time versions follow each other; notes have only that of their retrieval.
const char* order_time(const Table& rows) {
  return has_column(rows, kKnownTime) ? kKnownTime : kRetrievedTime;
}

/// Both tables as one, in the order of accounts; in each the versions that are there before delivered ones.
Table in_order(const Table& there, const Table& delivered, const std::vector<std::string>& account) {
  Table rows = concatenate({there, delivered});
  Moments is_new(there.rows(), 0);
  is_new.resize(rows.rows(), 1);
  rows.columns.push_back({kIsNew, std::move(is_new)});
  const auto* time = order_time(rows);
  return sort_table(std::move(rows), joined(account, {kIsNew, time, kRetrievedTime}));
}

/// The columns by which versions differ.
std::vector<std::string> said_in(const Table& rows, const std::vector<std::string>& account) {
  std::vector<std::string> names;
  for (const auto& column : rows.columns) {
    const auto& name = column.name;
    const bool is_time = name == kEventTime || name == kKnownTime || name == kRetrievedTime || name == kIsNew;
    if (!is_time && std::find(account.begin(), account.end(), name) == account.end()) names.push_back(name);
  }
  return names;
}

/// For each row the first known time of the latest account of the same key and source.
Moments latest_accounts(const Table& rows, const std::vector<bool>& same_fact,
                        const std::vector<bool>& same_account) {
  const auto& known = std::get<Moments>(rows.column(order_time(rows)).values);
  Moments latest(known.size());
  for (std::size_t begin = 0; begin < known.size();) {
    std::size_t end = begin;
    std::int64_t first_known = known[begin];
    while (same_fact[end]) {
      if (!same_account[end]) first_known = std::max(first_known, known[end + 1]);
      ++end;
    }
    for (; begin <= end; ++begin) latest[begin] = first_known;
  }
  return latest;
}

class Sorter {
 public:
  Sorter(const Table& rows, const AccountColumns& columns)
      : rows_(rows),
        account_(joined(columns.key, columns.account)),
        same_account_(next_is_equal(rows, account_)),
        known_(std::get<Moments>(rows.column(order_time(rows)).values)) {
    const auto said = said_in(rows, account_);
    same_words_ = said.empty() ? std::vector<bool>(rows.rows(), true) : next_is_equal(rows, said);
    auto fact = columns.key;
    if (!columns.account.empty()) fact.push_back(columns.account.front());
    latest_ = latest_accounts(rows, next_is_equal(rows, fact), same_account_);
  }

  NewVersions sort() {
    const auto& is_new = std::get<Moments>(rows_.column(kIsNew).values);
    std::int64_t account_known = 0;  // of the account's first version
    for (std::uint32_t row = 0; row < is_new.size(); ++row) {
      const bool is_first = row == 0 || !same_account_[row - 1];
      if (is_first) account_known = known_[row];
      if (is_new[row] != 0) place(row, is_first, account_known);
    }
    return finish();
  }

 private:
  void place(std::uint32_t row, bool is_first, std::int64_t account_known) {
    if (is_first) {
      taken_.push_back(row);
      ++result_.added;
    } else if (same_words_[row - 1]) {
      ++result_.same;
    } else if (account_known < latest_[row]) {
      contradicting_.push_back(row);
    } else {
      taken_.push_back(row);
      restated_.push_back(taken_.size() - 1);
    }
  }

  NewVersions finish() {
    result_.rows = take_rows(rows_, taken_);
    result_.contradictions = take_rows(rows_, contradicting_);
    result_.restated = restated_.size();
    const auto retrieved = std::get<Moments>(result_.rows.column(kRetrievedTime).values);
    for (auto& column : result_.rows.columns) {
      if (column.name != kKnownTime) continue;
      auto& known = std::get<Moments>(column.values);
      for (const auto row : restated_) known[row] = std::max(known[row], retrieved[row]);
    }
    result_.rows.columns.pop_back();
    result_.contradictions.columns.pop_back();
    return std::move(result_);
  }

  const Table& rows_;
  std::vector<std::string> account_;
  std::vector<bool> same_account_, same_words_;
  const Moments& known_;
  Moments latest_;
  std::vector<std::uint32_t> taken_, contradicting_;
  std::vector<std::size_t> restated_;
  NewVersions result_;
};

}  // namespace

NewVersions new_versions(const Table& there, const Table& delivered, const AccountColumns& columns) {
  const Table rows = in_order(there, delivered, joined(columns.key, columns.account));
  return Sorter(rows, columns).sort();
}

}  // namespace orrery
