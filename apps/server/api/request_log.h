#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "apps/server/api/json.h"

namespace spdlog {
class logger;
}

namespace orrery::server {

/// The server's log: a JSON object a line, in a file of bounded size with four older ones beside it. Lines
/// are written by a thread of its own; when it can't keep up, the oldest lines that wait are dropped.
/// Thread-safe.
class RequestLog {
 public:
  /// Errors: kIo.
  explicit RequestLog(const std::filesystem::path& file);
  ~RequestLog();
  RequestLog(const RequestLog&) = delete;
  RequestLog& operator=(const RequestLog&) = delete;

  /// Writes an object; nothing secret may stand in it.
  void write(const Json& line);
  /// The same as text, for lines that are written often.
  void write(const std::string& line);
  /// Hands what was written to the system.
  void flush();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace orrery::server
