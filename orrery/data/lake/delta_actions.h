#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/data/lake/delta_schema.h"
#include "orrery/data/lake/shared_text.h"

namespace orrery {

/// What a reader and a writer of the table must know. Ours: reader 1, writer 2.
struct DeltaProtocol {
  int reader_version = 1;
  int writer_version = 2;
  std::vector<std::string> reader_features;
  std::vector<std::string> writer_features;
};

/// What a table is.
struct DeltaMetadata {
  std::string id;  ///< a UUID
  std::string name;
  std::string description;
  DeltaSchema schema;
  std::vector<std::string> partition_columns;
  std::map<std::string, std::string> configuration;
  std::int64_t created_ms = 0;  ///< milliseconds since 1970
};

/// A data file that belongs to the table. Partition values are texts; no value: null.
struct AddedFile {
  std::string path;  ///< below the table's folder, as a file name (not URL-coded)
  std::map<std::string, std::optional<std::string>> partition_values;
  std::int64_t size = 0;
  std::int64_t modified_ms = 0;
  bool data_change = true;  ///< false where rows only moved from file to file
  SharedText statistics;    ///< JSON; "" for none
  SharedTextMap tags;
};

/// A data file that belongs to the table no longer. It stays on the disk until a vacuum.
struct RemovedFile {
  std::string path;
  std::int64_t deleted_ms = 0;
  bool data_change = true;
};

/// The latest write of an application that numbers its writes.
struct DeltaTransaction {
  std::string application;
  std::int64_t version = 0;
};

/// Who committed what.
struct CommitInfo {
  std::int64_t timestamp_ms = 0;
  std::string operation;                          ///< such as "WRITE"
  std::map<std::string, std::string> parameters;  ///< of the operation
  std::string transaction = {};                   ///< a name that no other commit has; "": none
};

/// What one commit did.
struct DeltaActions {
  std::optional<CommitInfo> info;
  std::optional<DeltaProtocol> protocol;
  std::optional<DeltaMetadata> metadata;
  std::vector<RemovedFile> removed;
  std::vector<AddedFile> added;
  std::vector<DeltaTransaction> transactions;

  bool changes_data() const;
};

/// Writes a commit as lines of JSON.
std::string to_json_lines(const DeltaActions& actions);
/// Reads a commit; actions that we don't know are passed over, as the protocol asks.
/// Errors: kDataCorrupt, naming `place` and the line.
DeltaActions parse_delta_actions(std::string_view lines, const std::string& place);

/// Codes a path as the log has it (RFC 2396: all but letters, digits and -._~/!$&'()*+,;=:@ as %XX), and
/// back.
std::string url_encode(std::string_view path);
std::string url_decode(std::string_view text);

}  // namespace orrery
