#include "apps/server/api/request_log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>

#include <mutex>
#include <string>
#include <utility>

#include "orrery/base/error.h"

namespace orrery::server {
namespace {

constexpr std::size_t kLargestFile = 50 * 1024 * 1024;
constexpr std::size_t kOlderFiles = 4;
constexpr std::size_t kMostGathered = 1024 * 1024;

}  // namespace

struct RequestLog::State {
  std::mutex mutex;      ///< of the lines
  std::string gathered;  ///< whole lines, the last without its end
  std::shared_ptr<spdlog::logger> logger;
};

RequestLog::RequestLog(const std::filesystem::path& file) : state_(std::make_unique<State>()) {
  try {
    auto sink =
        std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file.string(), kLargestFile, kOlderFiles);
    sink->set_pattern("%v");
    state_->logger = std::make_shared<spdlog::logger>("orrery", std::move(sink));
  } catch (const spdlog::spdlog_ex& error) {
    throw external_error(ErrorCode::kIo, error.what());
  }
}

RequestLog::~RequestLog() { flush(); }

void RequestLog::write(const Json& line) { write_text(json_text(line)); }

void RequestLog::write_text(std::string_view line) {
  bool full = false;
  {
    const std::lock_guard lock(state_->mutex);
    if (!state_->gathered.empty()) state_->gathered += '\n';
    state_->gathered += line;
    full = state_->gathered.size() > kMostGathered;
  }
  if (full) flush();
}

void RequestLog::flush() {
  std::string lines;
  {
    const std::lock_guard lock(state_->mutex);
    lines.swap(state_->gathered);
  }
  if (!lines.empty()) state_->logger->info(lines);
  state_->logger->flush();
}

}  // namespace orrery::server
