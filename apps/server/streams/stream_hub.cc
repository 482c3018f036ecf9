#include "apps/server/streams/stream_hub.h"

#include <fmt/format.h>

#include <chrono>

#include "apps/server/api/problem.h"
#include "apps/server/api/row_page.h"
#include "orrery/base/error.h"

namespace orrery::server {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks{200};
constexpr double kIdleTopicSeconds = 60.0;  // a topic that nobody follows, for who comes back after a cut
constexpr double kCredentialSeconds = 5.0;

RowChoice choice_of(const std::string& names) {
  RowChoice choice;
  for (std::string& name : parts_of(names, ',')) choice.names.insert(std::move(name));
  choice.all = choice.names.empty();
  return choice;
}

}  // namespace

FeedRows feed_rows(const RowsAnswer& answer, const std::vector<ColumnInfo>& columns, const std::string& key) {
  FeedRows rows;
  rows.about = answer.about;
  std::vector<std::string> texts = row_texts(columns, answer.rows);
  const Column& names = answer.rows.column(key);
  for (std::size_t row = 0; row < texts.size(); ++row) {
    rows.rows.push_back({text_at(names, row), std::move(texts[row])});
  }
  return rows;
}

StreamHub::StreamHub(AccessControl& access, WaitClock& clock, std::function<void(const std::string&)> fault)
    : access_(access), clock_(clock), fault_(std::move(fault)), thread_([this] { work(); }) {}

StreamHub::~StreamHub() { stop(); }

void StreamHub::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  wanted_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void StreamHub::add(Feed feed) { feeds_.push_back(std::move(feed)); }

const Feed* StreamHub::find(std::string_view path) const {
  for (const Feed& feed : feeds_) {
    if (path == "/stream/" + feed.name) return &feed;
  }
  return nullptr;
}

std::shared_ptr<StreamClient> StreamHub::open(const HttpRequest& request) {
  const Feed* feed = find(request.path());
  if (feed == nullptr) return nullptr;
  const auto query = query_parameters(request.query());
  if (!query)
    throw ApiProblem(400, "the query is not encoded as one is: 'name=value', with %XX for what is special");
  std::string run, symbols, after;
  std::vector<FieldProblem> problems;
  for (const auto& [name, value] : *query) {
    if (name == "run" && feed->of_run) {
      run = value;
    } else if (name == "symbols") {
      symbols = value;
    } else if (name == "after") {
      after = value;
    } else {
      problems.push_back({"query." + name, fmt::format("is not known here; there are: {}symbols, after",
                                                       feed->of_run ? "run, " : "")});
    }
  }
  if (!problems.empty()) throw ApiProblem(400, "the query can't be taken", std::move(problems));
  if (feed->of_run && !run.empty()) feed->stamp(run);  // a run that there is not is an answer, no stream
  auto client = std::make_shared<TopicClient>(topic_of(*feed, run), choice_of(symbols), after, tally_);
  const std::lock_guard lock(mutex_);
  HttpRequest credential = request;
  credential.body.clear();
  clients_.push_back({client, std::move(credential), clock_.seconds()});
  return client;
}

std::shared_ptr<StreamTopic> StreamHub::topic_of(const Feed& feed, const std::string& run) {
  const std::string key = feed.name + "\n" + run;
  const std::lock_guard lock(mutex_);
  auto& followed = topics_[key];
  if (!followed) {
    followed = std::make_shared<Followed>();
    followed->feed = &feed;
    followed->run = run;
    followed->topic = std::make_shared<StreamTopic>(feed.name);
    new_topic_ = true;
    wanted_.notify_all();
  }
  followed->needed = clock_.seconds();
  return followed->topic;
}

void StreamHub::work() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wanted_.wait_for(lock, kBetweenLooks, [this] { return stopped_ || new_topic_; });
      if (stopped_) return;
      new_topic_ = false;
    }
    look();
    check_clients();
  }
}

void StreamHub::look() {
  std::vector<std::shared_ptr<Followed>> all;
  {
    const std::lock_guard lock(mutex_);
    const double now = clock_.seconds();
    for (auto& [key, followed] : topics_) {
      if (followed->topic->followers() > 0) followed->needed = now;
    }
    std::erase_if(topics_, [now](const auto& one) { return now - one.second->needed > kIdleTopicSeconds; });
    for (auto& [key, followed] : topics_) all.push_back(followed);
  }
  for (auto& followed : all) refresh(*followed);
}

void StreamHub::refresh(Followed& followed) {
  const std::string where =
      followed.run.empty() ? followed.feed->name : followed.feed->name + " of " + followed.run;
  try {
    // Taken before the rows are made: what changes meanwhile is looked at again.
    std::string stamp = followed.feed->stamp(followed.run);
    if (stamp == followed.stamp) {
      followed.fault.clear();
      return;
    }
    followed.stamp = std::move(stamp);
    FeedRows rows = followed.feed->rows(followed.run);
    followed.topic->replace(rows.about, std::move(rows.rows));
    followed.fault.clear();
  } catch (const std::exception& error) {
    // What was known stays; the next change is tried again.
    if (followed.fault != error.what()) fault_(fmt::format("stream {}: {}", where, error.what()));
    followed.fault = error.what();
    if (!followed.topic->ready()) followed.topic->replace(Json{{"fault", error.what()}}, {});
  }
}

void StreamHub::check_clients() {
  const double now = clock_.seconds();
  std::vector<std::pair<std::shared_ptr<TopicClient>, HttpRequest>> due;
  {
    const std::lock_guard lock(mutex_);
    for (Client& one : clients_) {
      const auto client = one.client.lock();
      if (!client || now - one.checked < kCredentialSeconds) continue;
      one.checked = now;
      due.emplace_back(client, one.request);
    }
    std::erase_if(clients_, [](const Client& one) { return one.client.expired(); });
  }
  for (const auto& [client, request] : due) {
    try {
      access_.identify(request);
    } catch (const ApiProblem& problem) {
      client->end(problem.detail());
    }
  }
}

}  // namespace orrery::server
