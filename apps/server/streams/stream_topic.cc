#include "apps/server/streams/stream_topic.h"

#include <fmt/format.h>

#include <charconv>

#include "orrery/base/clock.h"
#include "orrery/base/timestamp.h"
#include "orrery/base/unique_id.h"

namespace orrery::server {
namespace {

/// Joins texts as the items of a JSON array.
class JsonList {
 public:
  void add(std::string_view item) {
    if (text_.size() > 1) text_ += ',';
    text_ += item;
  }
  bool empty() const { return text_.size() == 1; }
  std::string take() { return std::move(text_) + ']'; }

 private:
  std::string text_ = "[";
};

std::string quoted(const std::string& text) { return json_text(Json(text)); }

}  // namespace

StreamTopic::StreamTopic(std::string name) : name_(std::move(name)), epoch_(unique_id().substr(0, 8)) {}

bool StreamTopic::ready() const {
  const std::lock_guard lock(mutex_);
  return ready_;
}

std::uint64_t StreamTopic::sequence() const {
  const std::lock_guard lock(mutex_);
  return sequence_;
}

std::uint64_t StreamTopic::follow(std::function<void()> told) {
  const std::lock_guard lock(followers_mutex_);
  followers_.emplace(next_follower_, std::move(told));
  return next_follower_++;
}

void StreamTopic::forget(std::uint64_t follower) {
  const std::lock_guard lock(followers_mutex_);
  followers_.erase(follower);
}

std::size_t StreamTopic::followers() const {
  const std::lock_guard lock(followers_mutex_);
  return followers_.size();
}

void StreamTopic::replace(const Json& about, std::vector<StreamRow> rows) {
  std::vector<Change> changes;
  std::string about_text = about.is_null() || about.empty() ? std::string() : json_text(about);
  {
    const std::lock_guard lock(mutex_);
    std::unordered_set<std::string> there;
    for (StreamRow& row : rows) {
      const auto known = rows_.find(row.key);
      there.insert(row.key);
      if (known != rows_.end() && known->second.json && *known->second.json == row.json) continue;
      changes.push_back({std::move(row.key), std::make_shared<const std::string>(std::move(row.json))});
    }
    for (const auto& [key, row] : rows_) {
      if (row.json && there.count(key) == 0) changes.push_back({key, nullptr});
    }
    if (about_text == about_) about_text.clear();
    if (ready_ && changes.empty() && about_text.empty()) return;
  }
  commit(std::move(about_text), std::move(changes));
}

void StreamTopic::update(std::vector<StreamRow> rows) {
  std::vector<Change> changes;
  changes.reserve(rows.size());
  for (StreamRow& row : rows) {
    changes.push_back({std::move(row.key), row.json.empty()
                                               ? nullptr
                                               : std::make_shared<const std::string>(std::move(row.json))});
  }
  commit("", std::move(changes));
}

void StreamTopic::commit(std::string about, std::vector<Change> changes) {
  Update update;
  update.at = to_string(current_time());
  JsonList rows, removed;
  for (const Change& change : changes) {
    if (change.json) {
      rows.add(*change.json);
      update.bytes += change.json->size();
    } else {
      removed.add(quoted(change.key));
    }
  }
  {
    const std::lock_guard lock(mutex_);
    ready_ = true;
    update.sequence = ++sequence_;
    at_ = update.at;
    if (!about.empty()) {
      about_ = about;
      about_changed_ = sequence_;
    }
    for (const Change& change : changes) rows_[change.key] = {change.json, sequence_};
    std::string text =
        fmt::format(R"({{"type":"delta","sequence":{},"after":{},"at":"{}")", sequence_, sequence_ - 1, at_);
    if (!about.empty()) text += R"(,"about":)" + about;
    text += R"(,"rows":)" + rows.take() + R"(,"removed":)" + removed.take() + '}';
    update.bytes += text.size();
    update.whole = std::make_shared<const std::string>(std::move(text));
    update.about = std::move(about);
    update.changes = std::move(changes);
    kept_bytes_ += update.bytes;
    kept_.push_back(std::move(update));
    // The newest one is always kept: without it everybody would be late.
    while (kept_.size() > 1 && (kept_.size() > kMostKept || kept_bytes_ > kMostKeptBytes)) {
      kept_bytes_ -= kept_.front().bytes;
      kept_.pop_front();
    }
  }
  // Called without the lock: who is told may be about to go, and forgets itself then.
  std::vector<std::function<void()>> all;
  {
    const std::lock_guard lock(followers_mutex_);
    all.reserve(followers_.size());
    for (const auto& [number, told] : followers_) all.push_back(told);
  }
  for (const auto& told : all) told();
}

const StreamTopic::Update* StreamTopic::kept(std::uint64_t sequence) const {
  if (kept_.empty() || sequence < kept_.front().sequence || sequence > kept_.back().sequence) return nullptr;
  return &kept_[sequence - kept_.front().sequence];
}

SharedText StreamTopic::next(StreamPosition& position, const RowChoice& choice) const {
  const std::lock_guard lock(mutex_);
  if (!ready_) return nullptr;
  if (!position.begun) return snapshot(position, choice);
  while (position.reached < sequence_) {
    const Update* update = kept(position.reached + 1);
    if (update == nullptr) return latest(position, choice);
    position.reached = update->sequence;
    if (choice.all) {
      position.told = update->sequence;
      return update->whole;
    }
    JsonList rows, removed;
    for (const Change& change : update->changes) {
      if (!choice.has(change.key)) continue;
      if (change.json) {
        rows.add(*change.json);
      } else {
        removed.add(quoted(change.key));
      }
    }
    if (rows.empty() && removed.empty() && update->about.empty()) continue;
    std::string text = fmt::format(R"({{"type":"delta","sequence":{},"after":{},"at":"{}")", update->sequence,
                                   position.told, update->at);
    if (!update->about.empty()) text += R"(,"about":)" + update->about;
    text += R"(,"rows":)" + rows.take() + R"(,"removed":)" + removed.take() + '}';
    position.told = update->sequence;
    return std::make_shared<const std::string>(std::move(text));
  }
  return nullptr;
}

SharedText StreamTopic::snapshot(StreamPosition& position, const RowChoice& choice) const {
  position.begun = true;
  position.reached = position.told = sequence_;
  if (choice.all && whole_ && whole_sequence_ == sequence_) return whole_;
  JsonList rows;
  for (const auto& [key, row] : rows_) {
    if (row.json && choice.has(key)) rows.add(*row.json);
  }
  auto text = std::make_shared<const std::string>(fmt::format(
      R"({{"type":"snapshot","stream":"{}","reset":true,"epoch":"{}","sequence":{},"at":"{}","about":{},"rows":{}}})",
      name_, epoch_, sequence_, at_, about_.empty() ? "{}" : about_, rows.take()));
  if (choice.all) {
    whole_ = text;
    whole_sequence_ = sequence_;
  }
  return text;
}

SharedText StreamTopic::latest(StreamPosition& position, const RowChoice& choice) const {
  JsonList rows, removed;
  for (const auto& [key, row] : rows_) {
    if (row.changed <= position.reached || !choice.has(key)) continue;
    if (row.json) {
      rows.add(*row.json);
    } else {
      removed.add(quoted(key));
    }
  }
  const std::uint64_t skipped = sequence_ - position.reached - 1;
  std::string text = fmt::format(R"({{"type":"delta","sequence":{},"after":{},"skipped":{},"at":"{}")",
                                 sequence_, position.told, skipped, at_);
  if (about_changed_ > position.reached) text += R"(,"about":)" + about_;
  text += R"(,"rows":)" + rows.take() + R"(,"removed":)" + removed.take() + '}';
  position.skipped += skipped;
  position.reached = position.told = sequence_;
  return std::make_shared<const std::string>(std::move(text));
}

SharedText StreamTopic::snapshot_of(const std::vector<std::string>& names) const {
  const std::lock_guard lock(mutex_);
  JsonList rows, missing;
  for (const std::string& name : names) {
    const auto found = rows_.find(name);
    if (found != rows_.end() && found->second.json) {
      rows.add(*found->second.json);
    } else {
      missing.add(quoted(name));
    }
  }
  return std::make_shared<const std::string>(
      fmt::format(R"({{"type":"snapshot","stream":"{}","reset":false,"sequence":{},"rows":{},"missing":{}}})",
                  name_, sequence_, rows.take(), missing.take()));
}

bool StreamTopic::resume(StreamPosition& position, const std::string& from) const {
  const std::lock_guard lock(mutex_);
  const std::size_t colon = from.find(':');
  std::uint64_t sequence = 0;
  if (colon == std::string::npos || from.substr(0, colon) != epoch_) return false;
  const char* end = from.data() + from.size();
  const auto [stop, error] = std::from_chars(from.data() + colon + 1, end, sequence);
  if (error != std::errc() || stop != end || sequence > sequence_) return false;
  position.begun = true;
  position.reached = position.told = sequence;
  return true;
}

}  // namespace orrery::server
