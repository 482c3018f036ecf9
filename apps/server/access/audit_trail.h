#pragma once

#include <filesystem>
#include <mutex>
#include <string>

#include "orrery/base/disk.h"
#include "orrery/execution/account_journal.h"

namespace orrery::server {

/// Who changed what through the server: a file of JSON lines that only grows, each chained to the one before,
/// written and flushed to the disk before the change is answered. `orrery journal chain` checks it.
/// Thread-safe.
class AuditTrail {
 public:
  /// Opens the file or goes on with it. Errors: kIo; kDataCorrupt, with the line.
  explicit AuditTrail(const std::filesystem::path& file);

  /// Errors: kIo.
  void write(const std::string& object);
  std::filesystem::path file() const { return file_; }

 private:
  std::filesystem::path file_;
  std::mutex mutex_;
  AccountJournal lines_;
};

}  // namespace orrery::server
