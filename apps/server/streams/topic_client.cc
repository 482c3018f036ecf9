#include "apps/server/streams/topic_client.h"

#include <fmt/format.h>

#include <stdexcept>

namespace orrery::server {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kMostAnswers = 16;

/// A word of the client that can't be taken.
class WordFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

std::vector<std::string> names_of(const Json& list) {
  if (!list.is_array()) throw WordFault("names have to be a list of texts");
  std::vector<std::string> names;
  for (const Json& name : list) {
    if (!name.is_string() || name.get_ref<const std::string&>().empty() ||
        name.get_ref<const std::string&>().size() > kLongestName) {
      throw WordFault(fmt::format("a name has to be a text of 1 to {} characters", kLongestName));
    }
    names.push_back(name.get<std::string>());
  }
  return names;
}

}  // namespace

TopicClient::TopicClient(std::shared_ptr<StreamTopic> topic, RowChoice choice, const std::string& after,
                         std::shared_ptr<StreamTally> tally)
    : topic_(std::move(topic)), tally_(std::move(tally)), choice_(std::move(choice)) {
  if (!after.empty()) topic_->resume(position_, after);  // else from a snapshot, which says so
}

TopicClient::~TopicClient() {
  if (follower_ != 0) topic_->forget(follower_);
}

void TopicClient::start(std::function<void()> wake) {
  follower_ = topic_->follow(wake);
  {
    const std::lock_guard lock(mutex_);
    wake_ = wake;
  }
  wake();
}

void TopicClient::receive(std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (ended_) return;
  try {
    choose(Json::parse(text));
  } catch (const Json::exception&) {
    add_problem("this is no JSON");
  } catch (const WordFault& fault) {
    add_problem(fault.what());
  }
}

void TopicClient::choose(const Json& word) {
  if (!word.is_object() || word.size() != 1 ||
      (!word.contains("subscribe") && !word.contains("unsubscribe"))) {
    throw WordFault(
        R"(there are {"subscribe": ["NAME", …]}, {"subscribe": "all"} and {"unsubscribe": ["NAME", …]})");
  }
  if (word.contains("unsubscribe")) {
    if (choice_.all) throw WordFault("everything is followed; subscribe to names first");
    for (const std::string& name : names_of(word["unsubscribe"])) choice_.names.erase(name);
    return;
  }
  if (word["subscribe"] == "all") {
    choice_ = {};
    position_.begun = false;  // a snapshot of everything tells what was not followed until now
    return;
  }
  const auto names = names_of(word["subscribe"]);
  // Who names what it wants does not want everything any more.
  const std::size_t before = choice_.all ? 0 : choice_.names.size();
  if (before + names.size() > kMostNames) {
    throw WordFault(fmt::format("more than {} names; subscribe to \"all\"", kMostNames));
  }
  choice_.all = false;
  choice_.names.insert(names.begin(), names.end());
  // The snapshot that a new client waits for has the names too.
  if (position_.begun && answers_.size() < kMostAnswers) answers_.push_back(topic_->snapshot_of(names));
}

void TopicClient::add_problem(const std::string& detail) {
  if (++faults_ > kMostFaults) {
    ended_ = true;
    return;
  }
  answers_.push_back(
      std::make_shared<const std::string>(json_text(Json{{"type", "problem"}, {"detail", detail}})));
}

SharedText TopicClient::next() {
  const std::lock_guard lock(mutex_);
  const std::uint64_t skipped = position_.skipped;
  SharedText message = next_message();
  if (tally_ && message) {
    tally_->messages.fetch_add(1);
    tally_->skipped.fetch_add(position_.skipped - skipped);
  }
  return message;
}

SharedText TopicClient::next_message() {
  if (!answers_.empty()) {
    SharedText answer = std::move(answers_.front());
    answers_.pop_front();
    return answer;
  }
  return ended_ ? nullptr : topic_->next(position_, choice_);
}

bool TopicClient::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

void TopicClient::end(const std::string& why) {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    add_problem(why);
    ended_ = true;
    wake = wake_;
  }
  if (wake) wake();
}

}  // namespace orrery::server
