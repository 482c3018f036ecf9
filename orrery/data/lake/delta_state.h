#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "orrery/data/lake/delta_actions.h"

namespace orrery {

/// A table at one version: what all commits up to it add up to.
class DeltaState {
 public:
  DeltaState() = default;
  /// Puts commits, ascending, on top of an earlier state: of one path the latest action counts.
  DeltaState(DeltaState earlier, std::vector<DeltaActions> commits, std::int64_t version);

  /// Puts one more commit on top.
  void apply(DeltaActions commit);

  std::int64_t version = -1;
  DeltaProtocol protocol;
  DeltaMetadata metadata;
  std::vector<AddedFile> files;          ///< that belong to the table, in no certain order
  std::vector<RemovedFile> removed;      ///< that do so no longer
  std::vector<DeltaTransaction> latest;  ///< transactions, one an application

 private:
  void apply_table(DeltaActions& commit);
  void index_files();
  void drop_file(const std::string& path);

  std::unordered_map<std::string, std::size_t> positions_;  ///< by path, once apply() was called
};

/// Errors: kInvalidArgument when the table asks for more than reading as Orrery does.
void check_readable(const DeltaState& state, const std::string& place);
/// Errors: kInvalidArgument when the table asks for more than writing as Orrery does.
void check_writable(const DeltaState& state, const std::string& place);

}  // namespace orrery
