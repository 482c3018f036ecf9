#pragma once

#include <memory>

#include "orrery/base/timestamp.h"
#include "orrery/data/lake/lake_table.h"

namespace orrery {

/// The columns of the three times that a fact has, and of where it came from.
inline constexpr const char* kEventTime = "event_time";          ///< when it happened
inline constexpr const char* kKnownTime = "known_time";          ///< from when on it could be known
inline constexpr const char* kRetrievedTime = "retrieved_time";  ///< when we got it
inline constexpr const char* kSource = "source";

/// Whether a table can be read as of a time: it has a key and a known time, and is sorted by its key and then
/// by its times.
bool has_versions(const TableDefinition& definition);

/// Reads a table as it could be known at a moment: of the rows known by then, the latest of each key; of
/// equally late ones the one retrieved last. Rows without a known time are never known. In the table's order,
/// block by block; conditions of the request apply to the rows before the latest is chosen, so they should be
/// on the key. Look-ahead: none, given that the table's known times are true. Errors: kInvalidArgument when
/// the table has no key, no known time, or is not sorted by its key and then by these times.
std::unique_ptr<LakeScan> scan_as_of(LakeTable& table, Timestamp known_by, ScanRequest request = {});

}  // namespace orrery
