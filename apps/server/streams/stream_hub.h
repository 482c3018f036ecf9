#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "apps/server/access/access_control.h"
#include "apps/server/streams/feed.h"
#include "apps/server/streams/topic_client.h"

namespace orrery::server {

/// Opens the streams that there are, looks after their rows on a thread of its own, and ends those whose
/// credential is good no more.
class StreamHub {
 public:
  /// `fault` is told what went wrong while rows were made, once for as long as it is the same.
  StreamHub(AccessControl& access, WaitClock& clock, std::function<void(const std::string&)> fault);
  /// As stop().
  ~StreamHub();
  StreamHub(const StreamHub&) = delete;
  StreamHub& operator=(const StreamHub&) = delete;

  /// Before the first client.
  void add(Feed feed);
  const std::vector<Feed>& feeds() const { return feeds_; }

  /// A client for a request of /stream/NAME?run=…&symbols=A,B&after=EPOCH:SEQUENCE; null where there is no
  /// such stream. Errors: ApiProblem 400 for other parameters; kNotFound for a run that there is not.
  std::shared_ptr<StreamClient> open(const HttpRequest& request);

  const StreamTally& tally() const { return *tally_; }
  /// Makes no more updates. Before the listener goes.
  void stop();

 private:
  struct Followed {
    const Feed* feed = nullptr;
    std::string run;
    std::shared_ptr<StreamTopic> topic;
    std::string stamp;
    std::string fault;    ///< why it could not be looked at, as it was told; "": it could
    double needed = 0.0;  ///< when somebody last followed it
  };
  struct Client {
    std::weak_ptr<TopicClient> client;
    HttpRequest request;  ///< its credential, asked again from time to time
    double checked = 0.0;
  };

  const Feed* find(std::string_view path) const;
  std::shared_ptr<StreamTopic> topic_of(const Feed& feed, const std::string& run);
  void work();
  void look();
  void refresh(Followed& followed);
  void check_clients();

  AccessControl& access_;
  WaitClock& clock_;
  std::function<void(const std::string&)> fault_;
  std::vector<Feed> feeds_;
  mutable std::mutex mutex_;
  std::condition_variable wanted_;
  bool stopped_ = false;
  bool new_topic_ = false;
  std::map<std::string, std::shared_ptr<Followed>> topics_;  ///< by feed and run
  std::vector<Client> clients_;
  std::shared_ptr<StreamTally> tally_ = std::make_shared<StreamTally>();
  std::thread thread_;
};

}  // namespace orrery::server
