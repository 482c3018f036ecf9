// What every online store promises, held against each of them. Redis runs where redis-server is installed.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <thread>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "testing/forked_process.h"
#include "testing/online_stores.h"
#include "testing/temporary_folder.h"

namespace orrery::online_store_test {
namespace {

using orrery::testing::online_stores;

/// A Redis server on loopback for the tests of this process.
class RedisServer {
 public:
  static RedisServer& running() {
    static RedisServer server;
    return server;
  }
  static bool is_installed() { return std::system("command -v redis-server > /dev/null") == 0; }

  int port() const { return port_; }

 private:
  RedisServer() : port_(20'000 + static_cast<int>(getpid()) % 20'000), process_(fork()) {
    if (process_ == 0) {
      const std::string port = std::to_string(port_);
      execlp("redis-server", "redis-server", "--port", port.c_str(), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "no", "--dir", folder_.path().c_str(), "--logfile", "redis.log", nullptr);
      _exit(127);
    }
    for (int tries = 0; tries < 200; ++tries) {
      try {
        online_stores().get("redis").open({{}, parameters("start")});
        return;
      } catch (const Error&) {
        usleep(50'000);
      }
    }
    throw std::runtime_error("redis-server does not answer");
  }
  ~RedisServer() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
  }

 public:
  ParameterMap parameters(const std::string& prefix) const {
    return complete_parameters({{"port", std::int64_t{port_}}, {"prefix", prefix}},
                               online_stores().get("redis").info.parameters);
  }

 private:
  orrery::testing::TemporaryFolder folder_;
  int port_;
  pid_t process_;
};

class OnlineStoreTest : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "redis" && !RedisServer::is_installed())
      GTEST_SKIP() << "redis-server is not installed; tools/setup.sh check installs it";
  }

  std::unique_ptr<OnlineStore> open() const {
    const auto& entry = online_stores().get(GetParam());
    const auto prefix = folder_.path().filename().string();
    const auto parameters = GetParam() == "redis" ? RedisServer::running().parameters(prefix)
                                                  : complete_parameters({}, entry.info.parameters);
    return entry.open({folder_.path(), parameters});
  }

  orrery::testing::TemporaryFolder folder_;
};

/// Values that say of which write they are: every cell of write `n` is n.
ViewValues numbered(int n, std::size_t symbols = 300, std::size_t features = 20) {
  ViewValues values;
  values.about = {"v", fmt::format("definition {}", n), {}, Date{n}, {n * 10}, {n * 100}, 0};
  for (std::size_t f = 0; f < features; ++f) values.about.features.push_back(fmt::format("f{}", f));
  for (std::size_t i = 0; i < symbols; ++i) {
    values.symbols.push_back(fmt::format("S{:04}", i));
    values.sessions.push_back(Date{n});
  }
  values.values.assign(symbols * features, static_cast<float>(n));
  return values;
}

/// The number of the write that all of an answer is of; fails where it is of two.
int number_of(OnlineStore& store, const ViewValues& like) {
  const auto rows = store.read("v", like.symbols);
  if (!rows.about) return 0;
  const int n = rows.about->session.days;
  EXPECT_EQ(rows.about->definition, fmt::format("definition {}", n));
  for (std::size_t i = 0; i < like.symbols.size(); ++i) {
    EXPECT_EQ(rows.found[i], 1);
    EXPECT_EQ(rows.sessions[i].days, n);
  }
  for (const float value : rows.values) {
    if (value != static_cast<float>(n)) ADD_FAILURE() << "a value of " << value << " in write " << n;
  }
  return n;
}

TEST_P(OnlineStoreTest, KnowsNothingAtFirst) {
  const auto store = open();
  EXPECT_FALSE(store->latest("v"));
  EXPECT_FALSE(store->read("v", std::vector<std::string>{"A"}).about);
}

TEST_P(OnlineStoreTest, GivesEveryBitBack) {
  ViewValues values;
  values.about = {"v", "d", {"a", "b", "c"}, Date{7}, {123456789}, {987654321}, 0};
  values.symbols = {"", "A B", "BRK.B", "naïve:'\"\n%"};
  values.sessions = {Date{7}, Date{-3}, Date{5}, Date{7}};
  using Limits = std::numeric_limits<float>;
  std::uint32_t odd = 0x7fc01234U;  // a NaN with something in it
  float odd_nan = 0.0F;
  std::memcpy(&odd_nan, &odd, sizeof odd);
  values.values = {0.1F,
                   -0.0F,
                   Limits::quiet_NaN(),
                   Limits::infinity(),
                   Limits::denorm_min(),
                   Limits::max(),
                   odd_nan,
                   1.0F,
                   2.0F,
                   3.0F,
                   4.0F,
                   5.0F};
  open()->write(values, false);
  const auto store = open();
  const std::vector<std::string> asked = {"BRK.B", "nobody", "", "naïve:'\"\n%", "A B", ""};
  const auto rows = store->read("v", asked);
  EXPECT_EQ(rows.found, (std::vector<std::uint8_t>{1, 0, 1, 1, 1, 1}));
  const std::vector<std::size_t> order = {2, 0, 3, 1, 0};
  const std::vector<std::size_t> places = {0, 2, 3, 4, 5};
  for (std::size_t i = 0; i < order.size(); ++i) {
    EXPECT_EQ(rows.sessions[places[i]], values.sessions[order[i]]);
    EXPECT_EQ(std::memcmp(&rows.values[places[i] * 3], &values.values[order[i] * 3], 3 * sizeof(float)), 0);
  }
  auto about = values.about;
  about.generation = 1;
  EXPECT_EQ(store->latest("v"), about);
  EXPECT_EQ(*rows.about, about);
  EXPECT_TRUE(store->read("v", {}).about);
}

TEST_P(OnlineStoreTest, WritesOnlyWhatHasChanged) {
  const auto store = open();
  auto values = numbered(3, 5, 2);
  EXPECT_EQ(store->write(values, false).written, 5U);
  const auto again = store->write(values, false);
  EXPECT_EQ(again.unchanged, 5U);
  EXPECT_EQ(again.generation, 2);
  values.values[2] = 99.0F;
  values.symbols.pop_back();
  values.sessions.pop_back();
  values.values.resize(8);
  const auto changed = store->write(values, false);
  EXPECT_EQ(changed.written, 1U);
  EXPECT_EQ(changed.unchanged, 3U);
  EXPECT_EQ(changed.removed, 1U);
  const auto rows = store->read("v", std::vector<std::string>{"S0001", "S0004"});
  EXPECT_EQ(rows.values[0], 99.0F);
  EXPECT_EQ(rows.found[1], 0);
}

TEST_P(OnlineStoreTest, OlderValuesDontReplaceNewerOnes) {
  const auto store = open();
  store->write(numbered(5), false);
  EXPECT_THROW(store->write(numbered(4), false), Error);
  EXPECT_EQ(number_of(*store, numbered(5)), 5);
  store->write(numbered(4), true);
  EXPECT_EQ(number_of(*store, numbered(4)), 4);
}

TEST_P(OnlineStoreTest, ViewsAreApart) {
  const auto store = open();
  store->write(numbered(1), false);
  auto other = numbered(2, 3, 1);
  other.about.view = "w";
  store->write(other, false);
  EXPECT_EQ(number_of(*store, numbered(1)), 1);
  EXPECT_EQ(store->read("w", other.symbols).values, std::vector<float>(3, 2.0F));
}

/// Another shape replaces the one before.
TEST_P(OnlineStoreTest, AViewMayGetOtherFeatures) {
  const auto store = open();
  store->write(numbered(1, 4, 3), false);
  store->write(numbered(2, 4, 5), false);
  EXPECT_EQ(number_of(*store, numbered(2, 4, 5)), 2);
  EXPECT_EQ(number_of(*open(), numbered(2, 4, 5)), 2);
}

/// Random writes and reads beside a plain model of what should be there, by two that are open at once.
TEST_P(OnlineStoreTest, DoesWhatAPlainModelDoes) {
  Random random(17);
  std::unique_ptr<OnlineStore> both[] = {open(), open()};
  std::map<std::string, ViewValues> model;
  for (int step = 1; step <= 60; ++step) {
    const std::string view = random.below(2) == 0 ? "v" : "w";
    auto values = numbered(step, 1 + random.below(12), 1 + random.below(3));
    values.about.view = view;
    for (auto& value : values.values) value = static_cast<float>(random.below(3));
    both[random.below(2)]->write(values, false);
    model[view] = values;
    auto& reader = *both[random.below(2)];
    reader.refresh();
    for (const auto& [name, expected] : model) {
      const auto rows = reader.read(name, expected.symbols);
      ASSERT_TRUE(rows.about);
      EXPECT_EQ(rows.about->session, expected.about.session);
      EXPECT_EQ(rows.values, expected.values);
      EXPECT_EQ(reader.read(name, std::vector<std::string>{"S0012"}).found[0], 0);
    }
  }
}

/// Writers in other processes are killed at any moment; a reader beside them sees whole writes alone.
TEST_P(OnlineStoreTest, AKilledWriterLeavesAWholeWrite) {
  const auto reader = open();
  reader->write(numbered(1), false);
  Random random(5);
  int last = 1;
  int advanced = 0;
  for (int round = 0; round < 12; ++round) {
    const pid_t writer = orrery::testing::fork_process([&] {
      const auto store = open();
      for (int n = last + 1;; ++n) store->write(numbered(n), false);
    });
    const auto rounds = 5 + random.below(30);
    for (std::uint64_t i = 0; i < rounds; ++i) {
      reader->refresh();
      const int seen = number_of(*reader, numbered(1));
      EXPECT_GE(seen, last);
      last = std::max(last, seen);
      usleep(static_cast<useconds_t>(random.below(4000)));
    }
    kill(writer, SIGKILL);
    waitpid(writer, nullptr, 0);
    const auto fresh = open();
    const int left = number_of(*fresh, numbered(1));
    EXPECT_GE(left, last);
    advanced += left > 1 ? 1 : 0;
    last = left;
  }
  EXPECT_GT(advanced, 6);  // else nobody wrote anything
  reader->write(numbered(last + 1), false);
  EXPECT_EQ(number_of(*reader, numbered(1)), last + 1);
}

/// Threads read while another writes: each answer is of one write, and none goes back.
TEST_P(OnlineStoreTest, ReadersBesideAWriter) {
  const auto store = open();
  store->write(numbered(1), false);
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      int last = 0;
      while (!done) {
        const int seen = number_of(*store, numbered(1));
        EXPECT_GE(seen, last);
        last = seen;
      }
    });
  }
  for (int n = 2; n < 40; ++n) store->write(numbered(n), false);
  done = true;
  for (auto& reader : readers) reader.join();
}

/// Writers at once: every write counts, and the newest stays.
TEST_P(OnlineStoreTest, WritersInTwoProcesses) {
  open()->write(numbered(1), false);
  std::vector<pid_t> writers;
  for (int i = 0; i < 2; ++i) {
    writers.push_back(orrery::testing::fork_process([&] {
      const auto store = open();
      for (int n = 2; n < 22; ++n) store->write(numbered(n, 20, 3), true);
    }));
  }
  for (const pid_t writer : writers) {
    int status = 0;
    waitpid(writer, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(open()->latest("v")->generation, 41);
  EXPECT_EQ(number_of(*open(), numbered(21, 20, 3)), 21);
}

INSTANTIATE_TEST_SUITE_P(All, OnlineStoreTest, ::testing::ValuesIn(online_stores().names()),
                         [](const auto& store) { return store.param; });

TEST(RedisStore, SaysWhereItLooked) {
  const auto& entry = online_stores().get("redis");
  try {
    entry.open({{}, complete_parameters({{"port", std::int64_t{1}}}, entry.info.parameters)});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
    EXPECT_NE(std::string(error.what()).find("Redis at 127.0.0.1:1: Connection refused"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace orrery::online_store_test
