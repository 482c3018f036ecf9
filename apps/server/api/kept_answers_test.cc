#include <gtest/gtest.h>

#include "apps/server/api/api_server.h"
#include "apps/server/api/schema.h"
#include "testing/fake_wait_clock.h"
#include "testing/temporary_folder.h"

namespace orrery::server::kept_answers_test {
namespace {

AccessOptions unlimited() {
  AccessOptions options;
  options.requests = {1e9, 1e9};
  return options;
}

/// An API of one operation, whose answers are kept: `/size?bytes=N` is a text of so many.
class KeptAnswers : public ::testing::Test {
 protected:
  KeptAnswers() {
    Operation operation = reading("/size", "getSize", "Tests", "A text of some size");
    operation.open = true;
    operation.kept = true;
    operation.parameters = {{"bytes", schema::whole("how many", 1, 100'000'000), false, true},
                            {"mark", schema::whole("which", 0, 1'000'000), false, false}};
    operation.media = "text/plain";
    operation.run = [this](const ApiRequest& request) -> ApiAnswer {
      ++made_;
      const auto bytes = request.parameters["bytes"].get<std::size_t>();
      return {BytesAnswer{"image/png", std::make_shared<const std::string>(bytes, 'x')}};  // not packed
    };
    api_.add(std::move(operation));
  }

  /// Whether it had to be made.
  bool asks(std::size_t bytes, int mark = 0) {
    HttpRequest request;
    request.target = "/size?bytes=" + std::to_string(bytes) + "&mark=" + std::to_string(mark);
    const int before = made_;
    EXPECT_EQ(api_.handle(request).body->size(), bytes);
    return made_ > before;
  }

  int made_ = 0;
  std::uint64_t generation_ = 1;
  testing::TemporaryFolder folder_;
  testing::FakeWaitClock clock_;
  AccessControl access_{folder_.path(), unlimited(), clock_};
  RequestLog log_{folder_.path() / "log"};
  RequestMetrics metrics_;
  ApiServer api_{{}, access_, log_, metrics_, [this] { return generation_; }, clock_};
};

TEST_F(KeptAnswers, AreMadeOnceUntilTheDataChanges) {
  EXPECT_TRUE(asks(10));
  EXPECT_FALSE(asks(10));
  EXPECT_TRUE(asks(11));
  ++generation_;
  EXPECT_TRUE(asks(10));
  EXPECT_FALSE(asks(10));
}

TEST_F(KeptAnswers, TakeAtMostTheirShareOfMemory) {
  constexpr std::size_t kMegabyte = 1U << 20U;
  for (int mark = 0; mark < 60; ++mark) EXPECT_TRUE(asks(kMegabyte, mark));
  for (int mark = 0; mark < 60; ++mark) EXPECT_FALSE(asks(kMegabyte, mark)) << mark;
  for (int mark = 60; mark < 70; ++mark) EXPECT_TRUE(asks(kMegabyte, mark));
  EXPECT_TRUE(asks(kMegabyte, 0)) << "70 MB are more than are kept";
  // The same answers made again for other data count once.
  for (int round = 0; round < 40; ++round) {
    ++generation_;
    for (int mark = 0; mark < 3; ++mark) EXPECT_TRUE(asks(2 * kMegabyte, mark));
  }
  for (int mark = 0; mark < 3; ++mark) EXPECT_FALSE(asks(2 * kMegabyte, mark));
}

}  // namespace
}  // namespace orrery::server::kept_answers_test
