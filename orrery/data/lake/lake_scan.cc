#include <algorithm>
#include <map>
#include <set>

#include "orrery/base/error.h"
#include "orrery/data/lake/data_file.h"
#include "orrery/data/lake/distinct_keys.h"
#include "orrery/data/lake/lake_table.h"
#include "orrery/data/lake/scan_plan.h"
#include "orrery/data/lake/table_rows.h"

namespace orrery {
namespace {

/// Reads file after file, and joins small pieces to blocks of the wanted size.
class FileScan : public LakeScan {
 public:
  explicit FileScan(ScanPlan plan) : plan_(std::move(plan)) {}

  Table empty() const override { return plan_.empty(); }

  std::optional<Table> next() override {
    std::vector<Table> pieces;
    std::size_t rows = 0;
    while (rows < static_cast<std::size_t>(plan_.rows_per_block)) {
      auto piece = next_piece();
      if (!piece) break;
      rows += piece->rows();
      if (piece->rows() > 0) pieces.push_back(std::move(*piece));
    }
    if (rows == 0) return std::nullopt;
    return plan_.wanted_columns(concatenate(std::move(pieces)));
  }

 private:
  /// Reads some row groups of the file that is at work, about a block's worth.
  std::optional<Table> next_piece() {
    while (groups_.empty()) {
      if (next_file_ == plan_.files.size()) return std::nullopt;
      file_.emplace(plan_.open(next_file_++));
      groups_ = file_->matching_groups(plan_.where);
    }
    std::vector<int> taken;
    std::int64_t rows = 0;
    while (!groups_.empty() && rows < plan_.rows_per_block) {
      rows += file_->rows(groups_.front());
      taken.push_back(groups_.front());
      groups_.erase(groups_.begin());
    }
    return plan_.matching(file_->read(taken, plan_.fields, plan_.threads));
  }

  ScanPlan plan_;
  std::size_t next_file_ = 0;
  std::optional<DataFile> file_;
  std::vector<int> groups_;  ///< of the file, still to be read
};

/// A row group, and the values that the leading column of the order has in it.
struct LeadGroup {
  std::size_t file = 0;
  int group = 0;
  std::int64_t rows = 0;
  std::optional<ValueRange> range;  ///< nothing: unknown, or nothing but missing values
  bool may_have_missing = true;
  bool matches_whole = false;  ///< all its rows meet the scan's conditions
};

/// Rows of the leading column from one value up to, but without, another; the first range also holds the rows
/// without a value.
struct LeadRange {
  std::optional<FilterValue> from;
  std::optional<FilterValue> below;

  std::vector<RowFilter> condition(const std::string& column) const {
    return {{.column = column, .at_least = from, .below = below}};
  }
  bool meets(const LeadGroup& group, const std::string& column) const {
    return !group.range || (!from && group.may_have_missing) ||
           may_match(condition(column).front(), group.range);
  }
  /// Takes the rows of a block that belong to the range.
  Table select(Table block, const std::string& column) const {
    if (!from && !below) return block;
    const auto rows =
        from ? matching_rows(block, condition(column))
             : other_rows_than(matching_rows(block, {{.column = column, .at_least = below}}), block.rows());
    return rows.size() == block.rows() ? std::move(block) : take_rows(block, rows);
  }
};

/// Leaves the last row of each key, of rows sorted by it.
Table last_of_each_key(Table block, const std::vector<std::string>& key) {
  const auto is_replaced = next_is_equal(block, key);
  std::vector<std::uint32_t> last;
  for (std::uint32_t row = 0; row < is_replaced.size(); ++row) {
    if (!is_replaced[row]) last.push_back(row);
  }
  return last.size() == block.rows() ? std::move(block) : take_rows(block, last);
}

/// Reads all files together, a range of the leading column at a time, and sorts each range: the blocks follow
/// each other in the table's order, and memory holds one of them.
class SortedScan : public LakeScan {
 public:
  /// `key`: only the last row of each of its values is wanted; empty: every row.
  SortedScan(ScanPlan plan, std::vector<std::string> order, std::vector<std::string> key)
      : plan_(std::move(plan)),
        order_(std::move(order)),
        key_(std::move(key)),
        lead_(plan_.field(order_.front())) {
    find_groups();
    in_file_order_ = is_in_order();
    if (!in_file_order_) find_ranges();
  }

  Table empty() const override { return plan_.empty(); }

  std::optional<Table> next() override {
    while (in_file_order_ ? next_group_ < groups_.size() : next_range_ < ranges_.size()) {
      Table block = in_file_order_ ? read_on() : read_range(ranges_[next_range_++]);
      if (block.rows() > 0) return plan_.wanted_columns(std::move(block));
    }
    return std::nullopt;
  }

 private:
  /// More files than these are opened again for every range.
  static constexpr std::size_t kOpenFiles = 200;

  DataFile& file(std::size_t index) {
    const auto found = open_.find(index);
    if (found != open_.end()) return found->second;
    if (open_.size() >= kOpenFiles) open_.erase(open_.begin());
    return open_.emplace(index, plan_.open(index)).first->second;
  }

  void find_groups() {
    for (std::size_t i = 0; i < plan_.files.size(); ++i) {
      auto& data = file(i);
      for (const int group : data.matching_groups(plan_.where)) {
        groups_.push_back({i, group, data.rows(group), data.range(group, lead_),
                           data.may_have_missing(group, lead_), data.all_match(group, plan_.where)});
      }
    }
  }

  std::int64_t total_rows() const {
    std::int64_t rows = 0;
    for (const auto& group : groups_) rows += group.rows;
    return rows;
  }

  /// Cuts the leading column's values so that a range has about a block's rows: by the row groups' ranges
  /// where these lie beside each other, else by counting the values themselves.
  void find_ranges() {
    if (groups_.empty()) return;
    std::map<FilterValue, std::int64_t> rows_by_value;
    if (total_rows() > plan_.rows_per_block) {
      for (const auto& group : groups_) {
        if (group.range) rows_by_value[group.range->smallest] += group.rows;
      }
      cut(rows_by_value);
      if (largest_range() <= 2 * plan_.rows_per_block) return;
      rows_by_value = count_values();
    }
    cut(rows_by_value);
  }

  void cut(const std::map<FilterValue, std::int64_t>& rows_by_value) {
    ranges_.assign(1, {});
    std::int64_t rows = 0;
    for (const auto& [value, count] : rows_by_value) {
      if (rows > 0 && rows + count > plan_.rows_per_block) {
        ranges_.back().below = value;
        ranges_.push_back({value, std::nullopt});
        rows = 0;
      }
      rows += count;
    }
  }

  std::int64_t largest_range() const {
    std::int64_t largest = 0;
    for (const auto& range : ranges_) {
      std::int64_t rows = 0;
      for (const auto& group : groups_) rows += range.meets(group, lead_.name) ? group.rows : 0;
      largest = std::max(largest, rows);
    }
    return largest;
  }

  std::map<FilterValue, std::int64_t> count_values() {
    std::map<FilterValue, std::int64_t> counts;
    for (const auto& group : groups_) {
      const Table block = file(group.file).read({group.group}, {lead_}, plan_.threads);
      count_rows(block.columns.front().values, counts);
    }
    return counts;
  }

  static void count_rows(const ColumnValues& values, std::map<FilterValue, std::int64_t>& counts) {
    if (const auto* texts = std::get_if<DictionaryStrings>(&values)) {
      std::vector<std::int64_t> by_code(texts->dictionary.size(), 0);
      for (const auto code : texts->codes) {
        if (code >= 0) ++by_code[static_cast<std::size_t>(code)];
      }
      for (std::size_t i = 0; i < by_code.size(); ++i) counts[texts->dictionary[i]] += by_code[i];
    } else if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&values)) {
      for (const auto value : *whole) ++counts[value];
    } else if (const auto* days = std::get_if<std::vector<Date>>(&values)) {
      for (const auto day : *days) ++counts[std::int64_t{day.days}];
    }
  }

  bool has_tag(std::size_t file, const char* name, const std::string& value) const {
    return plan_.files[file]->tags.find(name) == value;
  }
  bool is_sorted(std::size_t file) const { return has_tag(file, kSortedTag, sort_text(order_)); }
  bool has_one_row_a_key(std::size_t file) const {
    return key_.empty() || has_tag(file, kDistinctKeysTag, "true");
  }

  /// Whether all row groups are of one file that has its rows in order, and each key once: they are read as
  /// they come.
  bool is_in_order() const {
    return std::all_of(groups_.begin(), groups_.end(), [&](const LeadGroup& group) {
      return group.file == groups_.front().file && is_sorted(group.file) && has_one_row_a_key(group.file);
    });
  }

  /// Reads about a block's worth of the file. Where all rows are wanted, so are no columns but those asked
  /// for.
  Table read_on() {
    std::vector<int> taken;
    std::int64_t rows = 0;
    const bool is_whole = groups_[next_group_].matches_whole;
    const std::size_t from = groups_[next_group_].file;
    for (; next_group_ < groups_.size() && rows < plan_.rows_per_block; ++next_group_) {
      if (groups_[next_group_].matches_whole != is_whole) break;
      taken.push_back(groups_[next_group_].group);
      rows += groups_[next_group_].rows;
    }
    if (is_whole) return file(from).read(taken, plan_.wanted, plan_.threads);
    return plan_.matching(file(from).read(taken, plan_.fields, plan_.threads));
  }

  /// Reads the groups that may have rows of a range, about a block's worth of one file at a time.
  Table read_range(const LeadRange& range) {
    std::vector<Table> pieces;
    std::set<std::size_t> sources;
    for (std::size_t i = 0; i < groups_.size();) {
      const auto& first = groups_[i];
      std::vector<int> together;
      std::int64_t rows = 0;
      for (; i < groups_.size() && groups_[i].file == first.file && rows < plan_.rows_per_block; ++i) {
        if (!range.meets(groups_[i], lead_.name)) continue;
        together.push_back(groups_[i].group);
        rows += groups_[i].rows;
      }
      if (together.empty()) continue;
      Table piece = plan_.matching(
          range.select(file(first.file).read(together, plan_.fields, plan_.threads), lead_.name));
      if (piece.rows() == 0) continue;
      pieces.push_back(std::move(piece));
      sources.insert(first.file);
    }
    if (pieces.empty()) return {};
    return in_order(concatenate(std::move(pieces)), sources);
  }

  /// Sorts the rows of some files, and leaves the last one of each key.
  Table in_order(Table block, const std::set<std::size_t>& files) const {
    const bool is_one_file = files.size() == 1;
    if (!is_one_file || !is_sorted(*files.begin())) block = sort_table(std::move(block), order_);
    if (key_.empty() || (is_one_file && has_one_row_a_key(*files.begin()))) return block;
    return last_of_each_key(std::move(block), key_);
  }

  ScanPlan plan_;
  std::vector<std::string> order_;
  std::vector<std::string> key_;
  DeltaField lead_;
  std::map<std::size_t, DataFile> open_;
  std::vector<LeadGroup> groups_;
  bool in_file_order_ = false;
  std::size_t next_group_ = 0;     ///< in the file's order
  std::vector<LeadRange> ranges_;  ///< otherwise
  std::size_t next_range_ = 0;
};

}  // namespace

Table LakeScan::rest() {
  std::vector<Table> blocks;
  while (auto block = next()) blocks.push_back(std::move(*block));
  return blocks.empty() ? empty() : concatenate(std::move(blocks));
}

std::shared_ptr<const DeltaState> LakeTable::state_for(const ScanRequest& request) {
  if (request.version) return log_.at_version(*request.version);
  if (request.at) return log_.at_time(*request.at);
  return state();
}

std::unique_ptr<LakeScan> LakeTable::scan(const ScanRequest& request) {
  return std::make_unique<FileScan>(ScanPlan(files_, folder_, state_for(request), request, {}));
}

std::unique_ptr<LakeScan> LakeTable::sorted_scan(std::shared_ptr<const DeltaState> state,
                                                 const ScanRequest& request) {
  auto order = definition_of(state->metadata).sort_by;
  ScanPlan plan(files_, folder_, std::move(state), request, order);
  if (order.empty()) return std::make_unique<FileScan>(std::move(plan));
  return std::make_unique<SortedScan>(std::move(plan), std::move(order), std::vector<std::string>());
}

std::unique_ptr<LakeScan> LakeTable::scan_sorted(const ScanRequest& request) {
  return sorted_scan(state_for(request), request);
}

std::unique_ptr<LakeScan> LakeTable::scan_last_of_each_key(const ScanRequest& request) {
  auto state = state_for(request);
  auto definition = definition_of(state->metadata);
  if (!is_sorted_by_key(definition)) throw internal_error("the table is not sorted by its key");
  ScanPlan plan(files_, folder_, std::move(state), request, definition.sort_by);
  return std::make_unique<SortedScan>(std::move(plan), std::move(definition.sort_by),
                                      std::move(definition.key));
}

}  // namespace orrery
