#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "orrery/data/lake/data_file.h"
#include "orrery/data/lake/delta_state.h"
#include "orrery/data/lake/lake_table.h"

namespace orrery {

/// What a scan has to do: the files that may hold wanted rows, and the columns that it needs of them.
struct ScanPlan {
  /// `needed`: columns to read beside those that the request names. Errors: as LakeTable::scan.
  ScanPlan(LakeFiles& lake_files, std::string table_folder, std::shared_ptr<const DeltaState> table_state,
           const ScanRequest& request, const std::vector<std::string>& needed);

  DataFile open(std::size_t file) const;
  const DeltaField& field(const std::string& name) const { return state->metadata.schema.at(name); }
  /// Takes the rows that meet the conditions.
  Table matching(Table block) const;
  /// Takes the columns that were asked for.
  Table wanted_columns(Table block) const;
  /// Returns a table without rows.
  Table empty() const;

  LakeFiles& store;
  std::string folder;
  std::shared_ptr<const DeltaState> state;
  std::vector<const AddedFile*> files;
  std::vector<RowFilter> where;
  std::vector<DeltaField> wanted;
  std::vector<DeltaField> fields;  ///< wanted ones first, then those that conditions and order need
  std::int64_t rows_per_block;
  int threads;
};

}  // namespace orrery
