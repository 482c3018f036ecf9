#include <fmt/format.h>
#include <hiredis/hiredis.h>

#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string_view>

#include "orrery/base/error.h"
#include "plugins/online_stores/registry.h"

namespace orrery::plugins::online_stores::redis_plugin {
namespace {

constexpr int kTries = 20;  // of a write, when others write the same view meanwhile

struct ReplyEnd {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, ReplyEnd>;

std::string_view text_of(const redisReply& reply) { return {reply.str, reply.len}; }

/// A connection to a server, made at the first command and again after a failure.
class Connection {
 public:
  explicit Connection(const ParameterMap& parameters)
      : host_(get_string(parameters, "host")),
        port_(static_cast<int>(get_integer(parameters, "port"))),
        database_(static_cast<int>(get_integer(parameters, "database"))),
        password_variable_(get_string(parameters, "password_variable")),
        timeout_ms_(static_cast<int>(get_integer(parameters, "timeout_ms"))) {}
  ~Connection() { close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Queues a command; its answer is taken by take().
  void queue(const std::vector<std::string_view>& command) {
    open();
    std::vector<const char*> parts;
    std::vector<std::size_t> lengths;
    for (const auto& part : command) {
      parts.push_back(part.data());
      lengths.push_back(part.size());
    }
    if (redisAppendCommandArgv(context_, static_cast<int>(parts.size()), parts.data(), lengths.data()) !=
        REDIS_OK)
      fail(context_->errstr);
  }

  Reply take() {
    void* answer = nullptr;
    if (redisGetReply(context_, &answer) != REDIS_OK) fail(context_->errstr);
    Reply reply(static_cast<redisReply*>(answer));
    if (reply->type == REDIS_REPLY_ERROR) fail(std::string(text_of(*reply)));
    return reply;
  }

  Reply ask(const std::vector<std::string_view>& command) {
    queue(command);
    return take();
  }

  /// Forgets the connection: answers may be on their way.
  void close() {
    if (context_ != nullptr) redisFree(context_);
    context_ = nullptr;
  }

 private:
  [[noreturn]] void fail(const std::string& why) {
    close();
    throw external_error(ErrorCode::kUnavailable, fmt::format("Redis at {}:{}: {}", host_, port_, why));
  }

  void open() {
    if (context_ != nullptr) return;
    const timeval patience{timeout_ms_ / 1000, timeout_ms_ % 1000 * 1000};
    context_ = redisConnectWithTimeout(host_.c_str(), port_, patience);
    if (context_ == nullptr || context_->err != 0) fail(context_ == nullptr ? "no memory" : context_->errstr);
    redisSetTimeout(context_, patience);
    if (!password_variable_.empty()) {
      const char* password = std::getenv(password_variable_.c_str());
      if (password == nullptr) fail("the environment has no " + password_variable_);
      ask({"AUTH", password});
    }
    if (database_ != 0) ask({"SELECT", std::to_string(database_)});
  }

  std::string host_;
  int port_;
  int database_;
  std::string password_variable_;
  int timeout_ms_;
  redisContext* context_ = nullptr;
};

std::string head_text(const Materialization& about) {
  return nlohmann::json{{"view", about.view},
                        {"definition", about.definition},
                        {"features", about.features},
                        {"session", about.session.days},
                        {"known", about.known.nanoseconds},
                        {"made", about.made.nanoseconds},
                        {"generation", about.generation}}
      .dump();
}

Materialization head_of(std::string_view text, const std::string& key) {
  try {
    const auto json = nlohmann::json::parse(text);
    return {json.at("view"),
            json.at("definition"),
            json.at("features").get<std::vector<std::string>>(),
            {json.at("session").get<std::int32_t>()},
            {json.at("known").get<std::int64_t>()},
            {json.at("made").get<std::int64_t>()},
            json.at("generation")};
  } catch (const nlohmann::json::exception& error) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("the key {} of Redis is no head of a view: {}", key, error.what()));
  }
}

/// A row as it is kept: its session's day, then the values, little endian.
std::string row_bytes(Date session, std::span<const float> values) {
  std::string bytes(sizeof(std::int32_t) + values.size_bytes(), '\0');
  std::memcpy(bytes.data(), &session.days, sizeof(std::int32_t));
  std::memcpy(bytes.data() + sizeof(std::int32_t), values.data(), values.size_bytes());
  return bytes;
}

/// A view is two keys, changed together: `head` says what the values are, the hash `rows` has a row a symbol.
/// Both are read in one transaction, and written in one that fails when another writer came between.
class RedisStore final : public OnlineStore {
 public:
  explicit RedisStore(const ParameterMap& parameters)
      : connection_(parameters), prefix_(get_string(parameters, "prefix")) {
    connection_.ask({"PING"});
  }

  OnlineRows read(const std::string& view, std::span<const std::string> symbols) override {
    const std::lock_guard lock(mutex_);
    const Keys keys = keys_of(view);
    std::vector<std::string_view> rows_command = {"HMGET", keys.rows};
    rows_command.insert(rows_command.end(), symbols.begin(), symbols.end());
    if (symbols.empty()) rows_command = {"HLEN", keys.rows};
    connection_.queue({"MULTI"});
    connection_.queue({"GET", keys.head});
    connection_.queue(rows_command);
    connection_.queue({"EXEC"});
    for (int i = 0; i < 3; ++i) connection_.take();
    const Reply both = connection_.take();
    const redisReply& head = *both->element[0];
    if (head.type == REDIS_REPLY_NIL) return {};
    OnlineRows rows;
    rows.about = about(view, text_of(head), keys.head);
    if (!symbols.empty()) take_rows(*both->element[1], symbols.size(), rows, keys.rows);
    return rows;
  }

  std::optional<Materialization> latest(const std::string& view) override {
    const std::lock_guard lock(mutex_);
    const Keys keys = keys_of(view);
    const Reply head = connection_.ask({"GET", keys.head});
    if (head->type == REDIS_REPLY_NIL) return std::nullopt;
    return head_of(text_of(*head), keys.head);
  }

  OnlineWrite write(const ViewValues& values, bool back) override {
    const std::lock_guard lock(mutex_);
    for (int i = 0; i < kTries; ++i) {
      if (const auto done = try_write(values, back)) return *done;
    }
    throw external_error(
        ErrorCode::kUnavailable,
        fmt::format("view {}: others write it all the time; {} tries", values.about.view, kTries));
  }

 private:
  struct Keys {
    std::string head;
    std::string rows;
  };
  Keys keys_of(const std::string& view) const {
    return {fmt::format("{}:{}:head", prefix_, view), fmt::format("{}:{}:rows", prefix_, view)};
  }

  /// What a head says; most reads find the one that the last one found.
  std::shared_ptr<const Materialization> about(const std::string& view, std::string_view text,
                                               const std::string& key) {
    auto& known = heads_[view];
    if (!known.second || known.first != text)
      known = {std::string(text), std::make_shared<const Materialization>(head_of(text, key))};
    return known.second;
  }

  static void take_rows(const redisReply& list, std::size_t symbols, OnlineRows& rows,
                        const std::string& key) {
    const std::size_t width = rows.about->features.size();
    rows.found.assign(symbols, 0);
    rows.sessions.resize(symbols);
    rows.values.resize(symbols * width);
    for (std::size_t i = 0; i < symbols; ++i) {
      const redisReply& row = *list.element[i];
      if (row.type == REDIS_REPLY_NIL) continue;
      if (row.len != sizeof(std::int32_t) + width * sizeof(float))
        throw external_error(
            ErrorCode::kDataCorrupt,
            fmt::format("the key {} of Redis has a row of {} bytes, not {} values", key, row.len, width));
      rows.found[i] = 1;
      std::memcpy(&rows.sessions[i].days, row.str, sizeof(std::int32_t));
      std::memcpy(rows.values.data() + i * width, row.str + sizeof(std::int32_t), width * sizeof(float));
    }
  }

  std::map<std::string, std::string> stored_rows(const std::string& key) {
    std::map<std::string, std::string> rows;
    const Reply all = connection_.ask({"HGETALL", key});
    for (std::size_t i = 0; i + 1 < all->elements; i += 2)
      rows[std::string(text_of(*all->element[i]))] = text_of(*all->element[i + 1]);
    return rows;
  }

  /// Nothing where another writer came between.
  std::optional<OnlineWrite> try_write(const ViewValues& values, bool back) {
    const Keys keys = keys_of(values.about.view);
    connection_.ask({"WATCH", keys.head});
    std::optional<Materialization> before;
    const Reply head = connection_.ask({"GET", keys.head});
    if (head->type != REDIS_REPLY_NIL) before = head_of(text_of(*head), keys.head);
    try {
      refuse_older(before, values.about, back);
    } catch (...) {
      connection_.ask({"UNWATCH"});
      throw;
    }
    OnlineWrite done;
    done.generation = before ? before->generation + 1 : 1;
    std::size_t queued = queue_rows(values, keys.rows, done);
    Materialization about = values.about;
    about.generation = done.generation;
    const std::string text = head_text(about);
    connection_.queue({"SET", keys.head, text});
    connection_.queue({"EXEC"});
    for (++queued; queued > 0; --queued) connection_.take();
    if (connection_.take()->type == REDIS_REPLY_NIL) return std::nullopt;
    return done;
  }

  /// Begins the transaction and queues what has changed; returns how many commands.
  std::size_t queue_rows(const ViewValues& values, const std::string& key, OnlineWrite& done) {
    auto before = stored_rows(key);
    connection_.queue({"MULTI"});
    std::size_t queued = 1;
    for (std::size_t i = 0; i < values.symbols.size(); ++i) {
      const std::string bytes = row_bytes(values.sessions[i], values.row(i));
      const auto found = before.find(values.symbols[i]);
      const bool same = found != before.end() && found->second == bytes;
      if (found != before.end()) before.erase(found);
      ++(same ? done.unchanged : done.written);
      if (same) continue;
      connection_.queue({"HSET", key, values.symbols[i], bytes});
      ++queued;
    }
    for (const auto& [symbol, bytes] : before) {
      connection_.queue({"HDEL", key, symbol});
      ++queued;
      ++done.removed;
    }
    return queued;
  }

  std::mutex mutex_;
  Connection connection_;
  std::string prefix_;
  std::map<std::string, std::pair<std::string, std::shared_ptr<const Materialization>>> heads_;
};

}  // namespace

void add_to(Registry& registry) {
  registry.add("redis", {{"a Redis server, for many readers; no TLS",
                          {{"host", std::string("127.0.0.1"), "name or address of the server"},
                           {"port", std::int64_t{6379}, "its port", 1.0, 65535.0},
                           {"database", std::int64_t{0}, "number of the database", 0.0, 1000.0},
                           {"prefix", std::string("orrery"), "what all keys begin with"},
                           {"password_variable", std::string(""),
                            "variable of the environment that has the password; none: no password"},
                           {"timeout_ms", std::int64_t{1000}, "patience with the server", 1.0, 600000.0}}},
                         [](const OnlineStoreContext& context) -> std::unique_ptr<OnlineStore> {
                           return std::make_unique<RedisStore>(context.parameters);
                         }});
}

}  // namespace orrery::plugins::online_stores::redis_plugin
