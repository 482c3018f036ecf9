#include "plugins/stores/s3/conditional_put.h"

#include <gtest/gtest.h>

#include <deque>

#include "orrery/base/error.h"
#include "testing/fake_wait_clock.h"

namespace orrery::plugins::stores::s3::conditional_put_test {
namespace {

/// What becomes of one attempt.
struct Turn {
  bool stores = false;     ///< the request reaches the server, which keeps to the condition
  bool answers = true;     ///< the server's answer comes back; else the connection breaks
  int status = 0;          ///< instead of the server's own answer
  std::string other = {};  ///< what another writer stores before
};

using Turns = std::deque<Turn>;

/// A server with one name in it, reached over a network that a script disturbs.
class ScriptedServer : public Transport {
 public:
  explicit ScriptedServer(Turns turns) : turns_(std::move(turns)) {}

  TransportResult exchange(const TransportRequest& request) override {
    EXPECT_TRUE(request.put.has_value());
    EXPECT_EQ(request.headers.front(), (std::pair<std::string, std::string>("If-None-Match", "*")));
    ++attempts;
    const Turn turn = turns_.empty() ? Turn{.stores = true} : turns_.front();
    if (!turns_.empty()) turns_.pop_front();
    if (!turn.other.empty() && !stored) stored = turn.other;
    TransportResult result;
    int status = turn.status;
    if (turn.stores) {
      if (status == 0) status = stored ? 412 : 200;
      if (!stored) stored = std::string(*request.put);
    }
    if (!turn.answers) {
      result.end = TransportEnd::kCut;
      result.problem = "the connection broke";
      return result;
    }
    result.end = TransportEnd::kWhole;
    result.status = status;
    result.headers = headers;
    result.body = "<Error><Code>Code" + std::to_string(status) + "</Code><Message>words</Message></Error>";
    return result;
  }

  std::optional<std::string> stored;
  std::map<std::string, std::string> headers;
  int attempts = 0;

 private:
  Turns turns_;
};

struct Outcome {
  std::optional<bool> is_ours;
  std::string error;
};

Outcome put(ScriptedServer& server, bool can_read = true) {
  testing::FakeWaitClock clock;
  ConditionalPut put(server, clock, 1, {.attempts = 4});
  const NewObject object{"s3://lakes/0.json", "http://store/lakes/0.json", "ours",
                         [] { return std::nullopt; },
                         [&]() -> std::optional<std::string> {
                           if (!can_read) throw external_error(ErrorCode::kIo, "no answer");
                           return server.stored;
                         }};
  try {
    return {put.put(object), ""};
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kIo);
    return {std::nullopt, error.what()};
  }
}

TEST(ConditionalPut, TheFirstOneIsStoredAndTheSecondIsNot) {
  ScriptedServer server(Turns{});
  EXPECT_EQ(put(server).is_ours, true);
  ScriptedServer taken(Turns{{.stores = true, .other = "theirs"}});
  EXPECT_EQ(put(taken).is_ours, false);
  EXPECT_EQ(taken.attempts, 1);
}

/// Every way in which an attempt may end without certainty, followed by a network that works.
TEST(ConditionalPut, WhatTheServerStoredBeforeItsAnswerWasLostIsOurs) {
  const std::vector<std::pair<Turn, bool>> cases = {
      {{.stores = true, .answers = false}, true},   // stored, the answer lost
      {{.stores = false, .answers = false}, true},  // the request lost
      {{.stores = true, .status = 500}, true},      // stored, and then an error
      {{.stores = true, .status = 503}, true},      //
      {{.stores = true, .status = 412}, true},      // sent twice by the network itself
      {{.stores = false, .status = 409}, true},     // two at once
      {{.stores = false, .status = 429}, true},     //
      {{.stores = true, .answers = false, .other = "theirs"}, false},
      {{.stores = false, .answers = false, .other = "theirs"}, false},
      {{.stores = false, .status = 503, .other = "theirs"}, false},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    ScriptedServer server(Turns{cases[i].first});
    EXPECT_EQ(put(server).is_ours, cases[i].second) << i;
    EXPECT_EQ(server.stored, cases[i].second ? "ours" : "theirs") << i;
    EXPECT_LE(server.attempts, 2) << i;
  }
}

TEST(ConditionalPut, LooksAfterTheLastAttempt) {
  const Turn lost{.stores = false, .answers = false}, stored{.stores = true, .answers = false};
  ScriptedServer late(Turns{lost, lost, lost, stored});
  EXPECT_EQ(put(late).is_ours, true);
  ScriptedServer never(Turns{lost, lost, lost, lost});
  EXPECT_EQ(put(never).error, "can't write s3://lakes/0.json, after 4 attempts: the connection broke");
  ScriptedServer unknown(Turns{stored, stored, stored, stored});
  EXPECT_NE(put(unknown, false).error.find("does not say whether it has stored s3://lakes/0.json"),
            std::string::npos);
}

TEST(ConditionalPut, ARefusalIsNamedAndNotRepeated) {
  ScriptedServer denied(Turns{{.status = 403}});
  EXPECT_EQ(put(denied).error, "can't write s3://lakes/0.json: status 403 Code403: words");
  EXPECT_EQ(denied.attempts, 1);
  ScriptedServer elsewhere(Turns{{.status = 301}});
  elsewhere.headers["x-amz-bucket-region"] = "eu-west-1";
  EXPECT_NE(put(elsewhere).error.find("the bucket lies in eu-west-1"), std::string::npos);
  ScriptedServer old(Turns{{.status = 501}});
  EXPECT_NE(put(old).error.find("does not know If-None-Match"), std::string::npos);
}

}  // namespace
}  // namespace orrery::plugins::stores::s3::conditional_put_test
