#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "apps/server/api/json.h"

namespace orrery::server {

/// The server's log: a JSON object a line, in a file of bounded size with four older ones beside it. Lines
/// are gathered, and written together by flush(): a write for each would cost more than many an answer.
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
  void write_text(std::string_view line);
  /// Hands what was written to the system; called a few times a second.
  void flush();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace orrery::server
