#pragma once

#include <functional>
#include <string>
#include <vector>

#include "apps/server/api/operation.h"
#include "apps/server/streams/stream_topic.h"

namespace orrery::server {

/// All rows of a stream as they stand now.
struct FeedRows {
  Json about = Json::object();  ///< what all rows share
  std::vector<StreamRow> rows;
};

/// A stream that clients may follow at /stream/NAME, and where its rows come from.
struct Feed {
  std::string name;
  std::string summary;  ///< one line
  std::string key;      ///< the member of a row that names it
  std::string members;  ///< what a row holds, for people
  bool of_run = false;  ///< takes ?run=NAME; without it, it follows the run that is recommended from
  /// Something that is another one when the rows may be other ones. Asked a few times a second while somebody
  /// follows; cheap.
  std::function<std::string(const std::string& run)> stamp;
  /// Makes the rows; may take long. Errors: kNotFound for a run that there is not; as what it reads.
  std::function<FeedRows(const std::string& run)> rows;
};

/// Rows of a table as a feed's, the column `key` naming them.
FeedRows feed_rows(const RowsAnswer& answer, const std::vector<ColumnInfo>& columns, const std::string& key);

}  // namespace orrery::server
