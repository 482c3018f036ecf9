#include "orrery/data/lake/lake_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "orrery/base/error.h"
#include "orrery/base/fingerprint.h"
#include "orrery/base/spelling.h"
#include "orrery/base/timestamp.h"
#include "orrery/base/unique_id.h"
#include "orrery/data/lake/column_statistics.h"
#include "orrery/data/lake/data_file.h"
#include "orrery/data/lake/distinct_keys.h"
#include "orrery/data/lake/lake_parquet.h"
#include "orrery/data/lake/table_rows.h"

namespace orrery {
namespace {

constexpr const char* kKeyProperty = "orrery.key";
constexpr const char* kSortProperty = "orrery.sort";
constexpr int kMostChangeAttempts = 20;

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> names;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = std::min(text.find(',', start), text.size());
    names.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return names;
}

std::string property(const DeltaMetadata& metadata, const std::string& name) {
  const auto found = metadata.configuration.find(name);
  return found == metadata.configuration.end() ? "" : found->second;
}

void check_definition(const TableDefinition& definition) {
  std::set<std::string> names;
  for (const auto& field : definition.schema.fields) {
    if (!names.insert(field.name).second) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("table '{}': two columns are named '{}'", definition.name, field.name));
    }
  }
  for (const auto* columns : {&definition.key, &definition.sort_by, &definition.partition_by}) {
    for (const auto& name : *columns) definition.schema.at(name);
  }
}

DeltaMetadata metadata_of(const TableDefinition& definition, const LakeTableOptions& options) {
  DeltaMetadata metadata;
  metadata.id = unique_id();
  metadata.name = definition.name;
  metadata.description = definition.description;
  metadata.schema = definition.schema;
  metadata.partition_columns = definition.partition_by;
  metadata.configuration["delta.checkpointInterval"] = fmt::format("{}", options.log.checkpoint_interval);
  if (!definition.key.empty()) metadata.configuration[kKeyProperty] = sort_text(definition.key);
  if (!definition.sort_by.empty()) metadata.configuration[kSortProperty] = sort_text(definition.sort_by);
  metadata.created_ms = options.log.clock().nanoseconds / kNanosecondsPerMillisecond;
  return metadata;
}

/// Returns the rows with all columns of the table, in its order.
Table fit_columns(const Table& rows, const DeltaSchema& schema) {
  std::vector<std::string> names;
  for (const auto& field : schema.fields) names.push_back(field.name);
  for (const auto& column : rows.columns) {
    if (schema.find(column.name) != nullptr) continue;
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("the table has no column '{}'{}; it has: {}", column.name,
                                 did_you_mean(column.name, names), fmt::join(names, ", ")));
  }
  Table fitted;
  for (const auto& field : schema.fields) {
    const auto found = std::find_if(rows.columns.begin(), rows.columns.end(),
                                    [&field](const Column& column) { return column.name == field.name; });
    if (found != rows.columns.end()) {
      fitted.columns.push_back(*found);
    } else if (field.type != DeltaType::kOther) {
      fitted.columns.push_back({field.name, missing_values(field, rows.rows())});
    }
  }
  return fitted;
}

using PartitionValues = std::map<std::string, std::optional<std::string>>;

/// Splits rows by their values in the partition columns, whose order they must have, and takes those columns
/// out.
std::vector<std::pair<PartitionValues, Table>> split_partitions(Table rows,
                                                                const std::vector<std::string>& columns) {
  std::vector<std::pair<PartitionValues, Table>> parts;
  if (columns.empty()) {
    parts.emplace_back(PartitionValues{}, std::move(rows));
    return parts;
  }
  const auto continues = next_is_equal(rows, columns);
  std::vector<std::uint32_t> run;
  for (std::uint32_t row = 0; row < rows.rows(); ++row) {
    run.push_back(row);
    if (continues[row]) continue;
    Table part = take_rows(rows, run);
    PartitionValues values;
    for (const auto& name : columns) values[name] = partition_text(part.column(name));
    std::erase_if(part.columns, [&values](const Column& column) { return values.contains(column.name); });
    parts.emplace_back(std::move(values), std::move(part));
    run.clear();
  }
  return parts;
}

/// Returns a folder per partition column, as Hive names them.
std::string partition_folder(const PartitionValues& values, const std::vector<std::string>& columns) {
  std::string folder;
  for (const auto& name : columns) {
    const auto& value = values.at(name);
    std::string text = value ? *value : "__HIVE_DEFAULT_PARTITION__";
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '/' || static_cast<unsigned char>(c) < ' '; },
        '_');
    folder += fmt::format("{}={}/", name, text);
  }
  return folder;
}

}  // namespace

TableDefinition definition_of(const DeltaMetadata& metadata) {
  return {metadata.name,
          metadata.description,
          metadata.schema,
          split(property(metadata, kKeyProperty)),
          split(property(metadata, kSortProperty)),
          metadata.partition_columns};
}

void LakeTable::create(LakeFiles& files, const std::string& folder, const TableDefinition& definition,
                       const LakeTableOptions& options) {
  check_definition(definition);
  DeltaLog log(files, folder, options.log);
  const auto exists = [&] {
    return user_error(ErrorCode::kAlreadyExists,
                      fmt::format("there is a table already: {}", files.location(folder)));
  };
  if (log.latest()) throw exists();
  DeltaActions actions;
  actions.info = CommitInfo{0, "CREATE TABLE", {}};
  actions.protocol.emplace();
  actions.metadata = metadata_of(definition, options);
  try {
    log.commit(std::move(actions), {});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnavailable) throw;
    throw exists();
  }
}

LakeTable::LakeTable(LakeFiles& files, std::string folder, LakeTableOptions options)
    : files_(files),
      folder_(std::move(folder)),
      options_(std::move(options)),
      log_(files, folder_, options_.log) {
  state();
}

std::shared_ptr<const DeltaState> LakeTable::state() {
  if (auto latest = log_.latest()) return latest;
  throw user_error(ErrorCode::kNotFound, fmt::format("there is no table: {}", files_.location(folder_)));
}

TableDefinition LakeTable::definition() { return definition_of(state()->metadata); }

std::int64_t LakeTable::version() { return state()->version; }

AddedFile LakeTable::write_file(const Table& rows, const DeltaMetadata& metadata, PartitionValues partition,
                                bool data_change) {
  const auto bytes = encode_parquet(rows, metadata.schema, options_.rows_per_group);
  Fingerprint fingerprint;
  fingerprint.update(bytes);
  AddedFile file;
  file.path =
      partition_folder(partition, metadata.partition_columns) + "part-" + unique_id() + ".zstd.parquet";
  file.partition_values = std::move(partition);
  file.size = static_cast<std::int64_t>(bytes.size());
  file.modified_ms = options_.log.clock().nanoseconds / kNanosecondsPerMillisecond;
  file.data_change = data_change;
  file.statistics = statistics_json(rows, metadata.schema);
  file.tags.set(kFingerprintTag, fingerprint.hex());
  const auto definition = definition_of(metadata);
  if (!definition.sort_by.empty()) file.tags.set(kSortedTag, sort_text(definition.sort_by));
  if (has_distinct_keys(rows, definition)) file.tags.set(kDistinctKeysTag, "true");
  files_.write(folder_.empty() ? file.path : folder_ + "/" + file.path, bytes);
  return file;
}

std::vector<AddedFile> LakeTable::write_files(Table rows, const DeltaMetadata& metadata, bool data_change) {
  const auto definition = definition_of(metadata);
  auto order = definition.partition_by;
  order.insert(order.end(), definition.sort_by.begin(), definition.sort_by.end());
  std::vector<AddedFile> added;
  if (rows.rows() == 0) return added;
  rows = sort_table(fit_columns(rows, metadata.schema), order);
  for (auto& [partition, part] : split_partitions(std::move(rows), definition.partition_by)) {
    const auto total = static_cast<std::int64_t>(part.rows());
    if (total <= options_.rows_per_file) {
      added.push_back(write_file(part, metadata, partition, data_change));
      continue;
    }
    for (std::int64_t start = 0; start < total; start += options_.rows_per_file) {
      std::vector<std::uint32_t> piece(
          static_cast<std::size_t>(std::min(options_.rows_per_file, total - start)));
      std::iota(piece.begin(), piece.end(), static_cast<std::uint32_t>(start));
      added.push_back(write_file(take_rows(part, piece), metadata, partition, data_change));
    }
  }
  return added;
}

std::int64_t LakeTable::append(const Table& rows) {
  DeltaActions actions;
  CommitBasis basis;
  {
    const auto now = state();
    basis = {now->version, now->metadata};
  }
  if (rows.rows() == 0) return basis.version;
  actions.info = CommitInfo{0, "WRITE", {{"mode", "Append"}}};
  actions.added = write_files(rows, basis.metadata, true);
  return log_.commit(std::move(actions), basis);
}

/// Returns the rows of a file that meet not all conditions.
Table LakeTable::other_rows(const AddedFile& file, const DeltaMetadata& metadata,
                            const std::vector<RowFilter>& where) {
  DataFile data(files_, folder_, file, metadata);
  std::vector<Table> kept;
  for (int group = 0; group < data.groups(); ++group) {
    const Table block = data.read({group}, metadata.schema.fields);
    const auto others = other_rows_than(matching_rows(block, where), block.rows());
    if (!others.empty()) kept.push_back(take_rows(block, others));
  }
  return concatenate(std::move(kept));
}

std::int64_t LakeTable::overwrite(const Table& rows, const std::vector<RowFilter>& where) {
  const auto now = state();
  const auto& metadata = now->metadata;
  const auto filters = fit_filters(where, metadata.schema);
  DeltaActions actions;
  actions.info = CommitInfo{0, "WRITE", {{"mode", "Overwrite"}}};
  const std::int64_t time_ms = options_.log.clock().nanoseconds / kNanosecondsPerMillisecond;
  const auto add = [&](const Table& content) {
    for (auto& file : write_files(content, metadata, true)) actions.added.push_back(std::move(file));
  };
  for (const auto& file : now->files) {
    if (!may_match(file, metadata, filters)) continue;
    actions.removed.push_back({file.path, time_ms, true});
    if (!filters.empty()) add(other_rows(file, metadata, filters));
  }
  add(rows);
  if (actions.added.empty() && actions.removed.empty()) return now->version;
  const CommitBasis basis{now->version, metadata,
                          [&](const AddedFile& file) { return may_match(file, metadata, filters); }};
  return log_.commit(std::move(actions), basis);
}

void LakeTable::add_columns(const std::vector<DeltaField>& fields) {
  for (int attempt = 1;; ++attempt) {
    const auto now = state();
    DeltaActions actions;
    actions.info = CommitInfo{0, "ADD COLUMN", {}};
    auto metadata = now->metadata;
    for (const auto& field : fields) {
      const auto* there = metadata.schema.find(field.name);
      if (there == nullptr) {
        metadata.schema.fields.push_back(field);
        metadata.schema.fields.back().nullable = true;
      } else if (there->type != field.type) {
        throw user_error(ErrorCode::kInvalidArgument,
                         fmt::format("column '{}' is there with the type {}; it can't become {}", field.name,
                                     to_string(there->type), to_string(field.type)));
      }
    }
    if (metadata.schema == now->metadata.schema) return;
    actions.metadata = std::move(metadata);
    try {
      log_.commit(std::move(actions), {now->version, now->metadata});
      return;
    } catch (const Error& error) {  // another writer changed the definition at the same time
      if (error.code() != ErrorCode::kUnavailable || attempt == kMostChangeAttempts) throw;
    }
  }
}

}  // namespace orrery
