#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "apps/server/streams/stream_hub.h"
#include "apps/server/streams/topic_client.h"
#include "orrery/base/error.h"
#include "testing/temporary_folder.h"

namespace orrery::server::streams_test {
namespace {

std::string row_of(const std::string& key, int value) {
  return json_text(Json{{"symbol", key}, {"x", value}});
}

Json taken(StreamClient& client) {
  const SharedText text = client.next();
  return text ? Json::parse(*text) : Json();
}

/// What a client that does as the guide says makes of its messages.
struct Table {
  std::map<std::string, int> rows;
  std::uint64_t sequence = 0;
  std::string epoch;
  std::uint64_t skipped = 0;

  void take(const Json& message) {
    if (message["type"] == "snapshot") {
      if (message["reset"].get<bool>()) {
        rows.clear();
        epoch = message["epoch"].get<std::string>();
        sequence = message["sequence"].get<std::uint64_t>();
      }
    } else {
      ASSERT_EQ(message["type"], "delta");
      ASSERT_EQ(message["after"].get<std::uint64_t>(), sequence) << "a message is missing before this one";
      sequence = message["sequence"].get<std::uint64_t>();
      skipped += message.value("skipped", std::uint64_t{0});
      for (const Json& name : message["removed"]) rows.erase(name.get<std::string>());
    }
    for (const Json& row : message["rows"]) rows[row["symbol"].get<std::string>()] = row["x"].get<int>();
  }
  int take_all(StreamClient& client) {
    int messages = 0;
    for (Json message = taken(client); !message.is_null(); message = taken(client)) {
      take(message);
      ++messages;
    }
    return messages;
  }
};

using Rows = std::map<std::string, int>;

std::shared_ptr<StreamTopic> small_topic() {
  auto topic = std::make_shared<StreamTopic>("signals");
  topic->replace({{"run", "r"}}, {{"A", row_of("A", 1)}, {"B", row_of("B", 2)}});
  return topic;
}

TEST(StreamTopic, ASnapshotThenWhatChanges) {
  const auto topic = small_topic();
  TopicClient client(topic, {}, "");
  const Json first = taken(client);
  EXPECT_EQ(first["type"], "snapshot");
  EXPECT_EQ(first["about"], (Json{{"run", "r"}}));
  EXPECT_EQ(first["sequence"], 1);
  EXPECT_TRUE(taken(client).is_null());
  topic->replace({{"run", "r"}}, {{"A", row_of("A", 1)}, {"C", row_of("C", 3)}});
  const Json change = taken(client);
  EXPECT_EQ(change["rows"].size(), 1U) << "A stays as it was";
  EXPECT_EQ(change["removed"], Json::array({"B"}));
  EXPECT_FALSE(change.contains("about"));
  topic->replace({{"run", "r"}}, {{"A", row_of("A", 1)}, {"C", row_of("C", 3)}});
  EXPECT_TRUE(taken(client).is_null()) << "nothing has changed";
}

TEST(StreamTopic, NothingIsSentBeforeThereIsSomething) {
  const auto topic = std::make_shared<StreamTopic>("signals");
  TopicClient client(topic, {}, "");
  EXPECT_TRUE(taken(client).is_null());
  topic->replace({}, {});
  EXPECT_EQ(taken(client)["rows"], Json::array());
}

TEST(StreamTopic, WhoKeepsUpIsToldEverything) {
  const auto topic = small_topic();
  TopicClient client(topic, {}, "");
  Table table;
  table.take_all(client);
  for (int i = 0; i < 1000; ++i) {
    topic->update({{"A", row_of("A", i)}});
    ASSERT_EQ(table.take_all(client), 1);
    ASSERT_EQ(table.rows.at("A"), i);
  }
  EXPECT_EQ(table.skipped, 0U);
}

TEST(StreamTopic, WhoLagsALittleStillGetsAllAndWhoLagsMoreTheLatest) {
  const auto topic = small_topic();
  TopicClient client(topic, {}, "");
  Table table;
  table.take_all(client);
  const auto lag = static_cast<int>(StreamTopic::kMostKept);
  for (int i = 0; i < lag; ++i) topic->update({{"A", row_of("A", i)}});
  EXPECT_EQ(table.take_all(client), lag);
  for (int i = 0; i <= lag; ++i)
    topic->update({{i % 2 == 0 ? "A" : "B", row_of(i % 2 == 0 ? "A" : "B", 100 + i)}});
  EXPECT_EQ(table.take_all(client), 1);
  EXPECT_EQ(table.skipped, StreamTopic::kMostKept);
  EXPECT_EQ(table.rows, (Rows{{"A", 100 + lag}, {"B", 99 + lag}}));
}

TEST(StreamTopic, BytesOfUpdatesAreBoundedToo) {
  const auto topic = small_topic();
  TopicClient client(topic, {}, "");
  Table table;
  table.take_all(client);
  const std::string large(StreamTopic::kMostKeptBytes / 4, 'x');
  for (int i = 0; i < 10; ++i) topic->update({{"A", json_text({{"symbol", "A"}, {"x", i}, {"y", large}})}});
  EXPECT_LE(table.take_all(client), 2);
  EXPECT_EQ(table.rows.at("A"), 9);
  EXPECT_GT(table.skipped, 5U);
}

TEST(StreamTopic, ChosenRowsAlone) {
  const auto topic = small_topic();
  TopicClient client(topic, {false, {"B", "Z"}}, "");
  Table table;
  table.take_all(client);
  EXPECT_EQ(table.rows, (Rows{{"B", 2}}));
  topic->update({{"A", row_of("A", 5)}});
  topic->update({{"A", row_of("A", 6)}});
  EXPECT_EQ(table.take_all(client), 0);
  topic->update({{"Z", row_of("Z", 7)}, {"A", row_of("A", 7)}});
  topic->update({{"B", ""}});
  EXPECT_EQ(table.take_all(client), 2);
  EXPECT_EQ(table.rows, (Rows{{"Z", 7}}));
}

TEST(StreamTopic, TheChoiceChangesByWords) {
  const auto topic = small_topic();
  TopicClient client(topic, {false, {"B"}}, "");
  Table table;
  table.take_all(client);
  client.receive(R"({"subscribe": ["A", "Q"]})");
  const Json added = taken(client);
  EXPECT_EQ(added["type"], "snapshot");
  EXPECT_EQ(added["reset"], false);
  EXPECT_EQ(added["missing"], Json::array({"Q"}));
  table.take(added);
  EXPECT_EQ(table.rows, (Rows{{"A", 1}, {"B", 2}}));
  client.receive(R"({"unsubscribe": ["B"]})");
  topic->update({{"A", row_of("A", 5)}, {"B", row_of("B", 6)}});
  table.take_all(client);
  EXPECT_EQ(table.rows, (Rows{{"A", 5}, {"B", 2}}));
  client.receive(R"({"subscribe": "all"})");
  table.take_all(client);
  EXPECT_EQ(table.rows, (Rows{{"A", 5}, {"B", 6}}));
}

TEST(StreamTopic, GoesOnAfterACut) {
  const auto topic = small_topic();
  Table table;
  {
    TopicClient client(topic, {}, "");
    table.take_all(client);
  }
  topic->update({{"A", row_of("A", 5)}});
  topic->update({{"B", ""}});
  TopicClient again(topic, {}, table.epoch + ":" + std::to_string(table.sequence));
  EXPECT_EQ(table.take_all(again), 2);
  EXPECT_EQ(table.rows, (Rows{{"A", 5}}));
  for (int i = 0; i < 100; ++i) topic->update({{"A", row_of("A", i)}});
  TopicClient late(topic, {}, table.epoch + ":" + std::to_string(table.sequence));
  EXPECT_EQ(table.take_all(late), 1);
  EXPECT_EQ(table.skipped, 99U);
  // What is not known here begins anew.
  for (const std::string& wrong :
       {std::string("other:3"), table.epoch + ":9999999", table.epoch, table.epoch + ":x",
        table.epoch + ":-1", std::string(":"), std::string("\xff:1")}) {
    TopicClient fresh(topic, {}, wrong);
    EXPECT_EQ(taken(fresh)["type"], "snapshot") << wrong;
  }
}

TEST(StreamTopic, WordsThatCantBeTakenAreToldAndEndTheConnectionAtLast) {
  const auto topic = small_topic();
  TopicClient client(topic, {}, "");
  taken(client);
  const std::string long_name(100, 'x');
  for (const std::string& word :
       {std::string("no json"), std::string("[]"), std::string("{}"), std::string(R"({"subscribe": "A"})"),
        std::string(R"({"subscribe": [1]})"), R"({"subscribe": [")" + long_name + "\"]}",
        std::string(R"({"unsubscribe": ["A"]})"), std::string(R"({"subscribe": ["A"], "more": 1})")}) {
    client.receive(word);
    EXPECT_EQ(taken(client)["type"], "problem") << word;
  }
  EXPECT_FALSE(client.ended());
  for (int i = 0; i < 3; ++i) client.receive("no json");
  EXPECT_TRUE(client.ended());
}

TEST(StreamTopic, WhoIsEndedIsToldWhy) {
  const auto topic = small_topic();
  TopicClient client(topic, {}, "");
  int woken = 0;
  client.start([&woken] { ++woken; });
  EXPECT_EQ(woken, 1);
  topic->update({{"A", row_of("A", 2)}});
  EXPECT_EQ(woken, 2);
  client.end("the token was revoked");
  EXPECT_EQ(woken, 3);
  EXPECT_EQ(taken(client)["detail"], "the token was revoked");
  EXPECT_TRUE(taken(client).is_null());
  EXPECT_TRUE(client.ended());
}

TEST(StreamTopic, WhoGoesIsForgotten) {
  const auto topic = small_topic();
  {
    TopicClient client(topic, {}, "");
    client.start([] {});
    EXPECT_EQ(topic->followers(), 1U);
  }
  EXPECT_EQ(topic->followers(), 0U);
}

/// A feed whose run can be taken away, looked after by a hub.
class LookedAfter : public ::testing::Test {
 protected:
  LookedAfter() {
    Feed feed;
    feed.name = "x";
    feed.key = "symbol";
    feed.stamp = [this](const std::string&) -> std::string {
      ++looks_;
      if (gone_) throw user_error(ErrorCode::kNotFound, "there is no run 'r'");
      return "1";
    };
    feed.rows = [](const std::string&) { return FeedRows{Json::object(), {{"A", row_of("A", 1)}}}; };
    hub_.add(std::move(feed));
  }

  void wait_for_looks(int count) {
    const int until = looks_ + count;
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (looks_ < until && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ASSERT_GE(looks_, until);
  }
  std::vector<std::string> faults() {
    const std::lock_guard lock(mutex_);
    return faults_;
  }

  std::atomic<int> looks_{0};
  std::atomic<bool> gone_{false};
  orrery::testing::TemporaryFolder folder_;
  std::mutex mutex_;
  std::vector<std::string> faults_;
  AccessControl access_{folder_.path(), {}, system_wait_clock()};
  StreamHub hub_{access_, system_wait_clock(), [this](const std::string& fault) {
                   const std::lock_guard lock(mutex_);
                   faults_.push_back(fault);
                 }};
};

TEST_F(LookedAfter, AFaultIsToldOnceUntilItIsOver) {
  gone_ = true;
  HttpRequest request;
  request.target = "/stream/x";
  const auto client = hub_.open(request);
  wait_for_looks(4);
  const std::string fault = "stream x: there is no run 'r'";
  EXPECT_EQ(faults(), std::vector<std::string>{fault});
  EXPECT_EQ(taken(*client)["about"], (Json{{"fault", "there is no run 'r'"}}));
  gone_ = false;
  wait_for_looks(2);
  EXPECT_EQ(taken(*client)["rows"].size(), 1U);
  gone_ = true;
  wait_for_looks(3);
  EXPECT_EQ(faults(), (std::vector<std::string>{fault, fault}));
}

}  // namespace
}  // namespace orrery::server::streams_test
