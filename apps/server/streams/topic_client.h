#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "apps/server/streams/stream_topic.h"
#include "apps/server/transport/http_handler.h"

namespace orrery::server {

/// What streams have sent, for metrics.
struct StreamTally {
  std::atomic<std::uint64_t> messages{0};
  std::atomic<std::uint64_t> skipped{0};  ///< updates that slow clients got as later values only
};

/// One who follows a topic: all of its rows or some, chosen at the start and changed by words:
/// {"subscribe": ["A"]}, {"subscribe": "all"}, {"unsubscribe": ["A"]}.
class TopicClient : public StreamClient {
 public:
  static constexpr std::size_t kMostNames = 20'000;
  static constexpr int kMostFaults = 10;  ///< words that can't be taken, before the connection ends

  /// `after`: where an earlier connection was, "EPOCH:SEQUENCE"; "": from now. `tally`: of all clients; may
  /// be null.
  TopicClient(std::shared_ptr<StreamTopic> topic, RowChoice choice, const std::string& after,
              std::shared_ptr<StreamTally> tally = nullptr);
  ~TopicClient() override;

  void start(std::function<void()> wake) override;
  void receive(std::string_view text) override;
  SharedText next() override;
  bool ended() const override;

  /// Ends the connection after telling why. From any thread.
  void end(const std::string& why);

 private:
  SharedText next_message();
  void choose(const Json& word);
  void add_problem(const std::string& detail);

  std::shared_ptr<StreamTopic> topic_;
  std::shared_ptr<StreamTally> tally_;
  std::uint64_t follower_ = 0;
  mutable std::mutex mutex_;
  std::function<void()> wake_;
  RowChoice choice_;
  StreamPosition position_;
  std::deque<SharedText> answers_;  ///< to the client's own words; they go first
  int faults_ = 0;
  bool ended_ = false;
};

}  // namespace orrery::server
