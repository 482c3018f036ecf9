#include "apps/cli/events.h"

#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "orrery/base/stopwatch.h"

namespace orrery::cli {
namespace {

constexpr double kSecondsBetween = 0.05;

std::optional<int> listener() {
  const char* text = std::getenv("ORRERY_EVENTS_FD");
  if (text == nullptr) return std::nullopt;
  int descriptor = -1;
  const std::string_view digits = text;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), descriptor);
  if (failure != std::errc() || end != digits.data() + digits.size() || descriptor < 0) return std::nullopt;
  return descriptor;
}

/// One write a line, so that lines of several threads do not mix. A listener that went away ends the program
/// by the signal of a broken pipe: nobody waits for it any more.
void write_event(int descriptor, const nlohmann::ordered_json& event) {
  const std::string line = event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  [[maybe_unused]] const auto written = ::write(descriptor, line.data(), line.size());
}

class EventProgress final : public Progress {
 public:
  explicit EventProgress(int descriptor) : descriptor_(descriptor) {}

  void begin(std::string_view stage, std::size_t total) override {
    const std::lock_guard lock(mutex_);
    stage_ = stage;
    total_ = total;
    done_ = 0;
    tell();
  }
  void advance(std::size_t steps) override {
    const std::lock_guard lock(mutex_);
    done_ += steps;
    if (watch_.seconds() - last_told_ >= kSecondsBetween) tell();
  }

 private:
  void tell() {
    last_told_ = watch_.seconds();
    write_event(descriptor_, {{"event", "progress"}, {"stage", stage_}, {"done", done_}, {"total", total_}});
  }

  const int descriptor_;
  std::mutex mutex_;
  std::string stage_;
  std::size_t total_ = 0;
  std::size_t done_ = 0;
  double last_told_ = 0.0;
  Stopwatch watch_;
};

}  // namespace

std::unique_ptr<Progress> make_event_progress() {
  const auto descriptor = listener();
  return descriptor ? std::make_unique<EventProgress>(*descriptor) : nullptr;
}

void tell_error(const Error& error) {
  const auto descriptor = listener();
  if (!descriptor) return;
  write_event(*descriptor, {{"event", "error"},
                            {"code", to_string(error.code())},
                            {"origin", to_string(error.origin())},
                            {"message", error.what()}});
}

}  // namespace orrery::cli
