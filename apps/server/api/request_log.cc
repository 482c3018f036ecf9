#include "apps/server/api/request_log.h"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/rotating_file_sink.h>

#include "orrery/base/error.h"

namespace orrery::server {
namespace {

constexpr std::size_t kLargestFile = 50 * 1024 * 1024;
constexpr std::size_t kOlderFiles = 4;
constexpr std::size_t kWaitingLines = 8192;

}  // namespace

struct RequestLog::State {
  std::shared_ptr<spdlog::details::thread_pool> pool =
      std::make_shared<spdlog::details::thread_pool>(kWaitingLines, 1);
  std::shared_ptr<spdlog::async_logger> logger;
};

RequestLog::RequestLog(const std::filesystem::path& file) : state_(std::make_unique<State>()) {
  try {
    auto sink =
        std::make_shared<spdlog::sinks::rotating_file_sink_mt>(file.string(), kLargestFile, kOlderFiles);
    sink->set_pattern("%v");
    state_->logger = std::make_shared<spdlog::async_logger>("orrery", std::move(sink), state_->pool,
                                                            spdlog::async_overflow_policy::overrun_oldest);
  } catch (const spdlog::spdlog_ex& error) {
    throw external_error(ErrorCode::kIo, error.what());
  }
}

RequestLog::~RequestLog() { state_->logger->flush(); }

void RequestLog::write(const Json& line) { write(line.dump(-1, ' ', false, Json::error_handler_t::replace)); }

void RequestLog::write(const std::string& line) { state_->logger->info(line); }

void RequestLog::flush() { state_->logger->flush(); }

}  // namespace orrery::server
