#include "orrery/net/http_client.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/net/gzip.h"
#include "orrery/net/pages.h"
#include "testing/fake_wait_clock.h"
#include "testing/replay_server.h"
#include "testing/temporary_folder.h"

namespace orrery::http_client_test {
namespace {

using testing::FakeWaitClock;
using testing::replay_address;
using testing::replay_url;

constexpr const char* kText = "date,close\n2024-01-02,1.5\n2024-01-03,2.5\n2024-01-04,3.5\n2024-01-05,4.5\n";
constexpr const char* kKey = "k3y+with/odd=signs";

HttpOptions quick_options() {
  HttpOptions options;
  options.name = "example";
  options.connection.stall_seconds = 0.25;
  options.connection.user_agent = "orrery-test";
  return options;
}

HttpOptions with_key(Credential::Place place = Credential::Place::kQuery) {
  HttpOptions options = quick_options();
  options.credential = {place, place == Credential::Place::kQuery ? "apikey" : "X-Api-Key", "", Secret(kKey)};
  return options;
}

std::string message_of(HttpClient& client, const std::string& url) {
  try {
    client.get({url});
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

nlohmann::json log_of(const std::string& test_case) {
  FakeWaitClock clock;
  HttpClient client(quick_options(), clock, 1);
  return nlohmann::json::parse(client.get({replay_address() + "/" + test_case + "/log"}).body);
}

TEST(HttpClient, PassingFaultsGoUnnoticed) {
  for (const char* fault :
       {"none", "rate_limit_once", "rate_limit_plain_once", "server_error_once", "slow", "stall_once",
        "cut_once", "cut_resumable", "gzip", "gzip_truncated_once", "redirect"}) {
    FakeWaitClock clock;
    HttpClient client(quick_options(), clock, 1);
    EXPECT_EQ(client.get({replay_url("passing", fault, "net/text")}).body, kText) << fault;
    if (std::string(fault).ends_with("_once")) {
      EXPECT_EQ(client.counts().retries, 1U) << fault;
    }
  }
}

TEST(HttpClient, LastingFaultsAreNamed) {
  const std::map<std::string, std::string> expected = {
      {"rate_limit", "found status 429 with \"too many requests\""},
      {"server_error", "found status 500"},
      {"stall", "nothing came for 0.25 s"},
      {"cut", "found "},
      {"cut_unmarked", "the server did not say where the body ends"},
      {"gzip_truncated", "found a gzip body that is damaged or cut off"},
      {"refused", "found status 401"}};
  for (const auto& [fault, words] : expected) {
    FakeWaitClock clock;
    HttpOptions options = quick_options();
    options.retry.attempts = 2;
    HttpClient client(options, clock, 1);
    const std::string url = replay_url("lasting", fault, "net/text");
    const std::string message = message_of(client, url);
    EXPECT_NE(message.find("example: GET " + url), std::string::npos) << message;
    EXPECT_NE(message.find(words), std::string::npos) << message;
    EXPECT_NE(message.find("expected a whole answer with status 200"), std::string::npos) << message;
  }
}

TEST(HttpClient, ACutBodyGoesOnWhereItStopped) {
  FakeWaitClock clock;
  HttpClient client(quick_options(), clock, 1);
  EXPECT_EQ(client.get({replay_url("resume", "cut_resumable", "net/text")}).body, kText);
  EXPECT_LE(client.counts().bytes, std::string(kText).size());
  const auto log = log_of("resume");
  ASSERT_EQ(log.size(), 3U);
  EXPECT_EQ(log[1]["headers"]["Range"], "bytes=24-");
}

TEST(HttpClient, WaitsAsLongAsTheServerAsks) {
  FakeWaitClock clock;
  HttpClient client(quick_options(), clock, 1);
  client.get({replay_url("asks", "rate_limit_once", "net/text")});
  ASSERT_FALSE(clock.waits().empty());
  EXPECT_EQ(clock.waits().front(), 7.0);
}

TEST(HttpClient, GivesUpWhenTheServerAsksForTooLong) {
  FakeWaitClock clock;
  HttpOptions options = quick_options();
  options.retry.longest_wait_seconds = 5.0;
  HttpClient client(options, clock, 1);
  const auto message = message_of(client, replay_url("long", "rate_limit", "net/text"));
  EXPECT_NE(message.find("the server asks to wait 7 s, more than 5 s"), std::string::npos) << message;
  EXPECT_TRUE(clock.waits().empty());
}

TEST(HttpClient, BackoffDoublesAndRepeatsForASeed) {
  const auto waits_of = [](std::uint64_t seed, const std::string& test_case) {
    FakeWaitClock clock;
    HttpClient client(quick_options(), clock, seed);
    message_of(client, replay_url(test_case, "server_error", "net/text"));
    return clock.waits();
  };
  const auto waits = waits_of(7, "backoff1");
  ASSERT_EQ(waits.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    const double doubled = 0.5 * static_cast<double>(1 << i);
    EXPECT_GE(waits[i], 0.5 * doubled);
    EXPECT_LE(waits[i], doubled);
  }
  EXPECT_EQ(waits_of(7, "backoff2"), waits);
  EXPECT_NE(waits_of(8, "backoff3"), waits);
}

TEST(HttpClient, AKnownAnswerIsAskedForByItsTag) {
  const testing::TemporaryFolder folder;
  FakeWaitClock clock;
  HttpOptions options = with_key();
  options.cache = folder.path() / "cache";
  HttpClient client(options, clock, 1);
  const std::string url = replay_url("tag", "etag", "net/text");
  const HttpResponse first = client.get({url});
  clock.wait(100.0);
  const HttpResponse second = client.get({url});
  EXPECT_FALSE(first.from_cache);
  EXPECT_TRUE(second.from_cache);
  EXPECT_EQ(second.body, kText);
  EXPECT_EQ(second.retrieved, first.retrieved);
  EXPECT_EQ(client.counts().unchanged, 1U);
  for (const auto& entry : std::filesystem::directory_iterator(options.cache)) {
    EXPECT_EQ(entry.path().string().find(kKey), std::string::npos);
    EXPECT_EQ(read_file(entry.path()).find("k3y"), std::string::npos);
    std::ofstream(entry.path(), std::ios::app) << "damage";
  }
  EXPECT_FALSE(client.get({url}).from_cache) << "a damaged file counts as absent";
}

TEST(HttpClient, KeysAreSentAndNeverShown) {
  for (const auto place : {Credential::Place::kQuery, Credential::Place::kHeader}) {
    const std::string test_case = place == Credential::Place::kQuery ? "query" : "header";
    FakeWaitClock clock;
    HttpClient client(with_key(place), clock, 1);
    const auto message = message_of(client, replay_url(test_case, "refused", "net/text"));
    EXPECT_NE(message.find("found status 401"), std::string::npos);
    EXPECT_EQ(message.find("k3y"), std::string::npos) << message;
    EXPECT_NE(log_of(test_case).dump().find("k3y"), std::string::npos) << "the server got it";
  }
}

TEST(HttpClient, AKeyNeverFollowsARedirectToAnotherOrigin) {
  FakeWaitClock clock;
  HttpClient client(with_key(Credential::Place::kHeader), clock, 1);
  const auto message = message_of(client, replay_url("elsewhere", "redirect_elsewhere", "net/text"));
  EXPECT_NE(message.find("found a redirect (status 302) to http://localhost"), std::string::npos) << message;
  EXPECT_EQ(log_of("elsewhere").size(), 1U);
}

TEST(HttpClient, NobodyThereIsNamed) {
  FakeWaitClock clock;
  HttpOptions options = quick_options();
  options.retry.attempts = 3;
  HttpClient client(options, clock, 1);
  const auto message = message_of(client, "http://127.0.0.1:1/x");
  EXPECT_NE(message.find("(3 attempts)"), std::string::npos) << message;
}

TEST(HttpClient, ABadAddressIsNotTriedAgain) {
  FakeWaitClock clock;
  HttpClient client(quick_options(), clock, 1);
  EXPECT_NE(message_of(client, "file:///etc/hostname").find("example: GET file"), std::string::npos);
  EXPECT_TRUE(clock.waits().empty());
}

TEST(HttpClient, ThreadsShareTheLimit) {
  FakeWaitClock clock;
  HttpOptions options = quick_options();
  options.requests_per_minute = 60.0;
  options.burst = 2.0;
  HttpClient client(options, clock, 1);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] { client.get({replay_url("limit", "none", "net/text")}); });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_GE(clock.seconds(), 1.0);
  EXPECT_EQ(client.counts().requests, 4U);
}

TEST(FetchPages, FollowsCursorsToTheEnd) {
  FakeWaitClock clock;
  HttpClient client(quick_options(), clock, 1);
  std::vector<int> rows;
  const NextPage next = [&](const HttpResponse& page) -> std::optional<HttpRequest> {
    const auto json = nlohmann::json::parse(page.body);
    for (const auto& row : json.value("rows", nlohmann::json::array())) rows.push_back(row.get<int>());
    if (json["next"].is_null()) return std::nullopt;
    return HttpRequest{json["next"].get<std::string>()};
  };
  fetch_pages(client, {replay_url("pages", "none", "net/pages")}, next);
  EXPECT_EQ(rows, (std::vector<int>{1, 2, 3}));
  EXPECT_THROW(fetch_pages(client, {replay_url("pages", "none", "net/loop")}, next), Error);
  EXPECT_THROW(fetch_pages(client, {replay_url("pages", "none", "net/pages")}, next, 1), Error);
}

TEST(Secret, ComesFromAPrivateFileOrTheEnvironment) {
  const testing::TemporaryFolder folder;
  const auto path = folder.path() / "key";
  std::ofstream(path) << "abc123\n";
  std::filesystem::permissions(path, std::filesystem::perms(0644));
  EXPECT_THROW(find_secret({"", path}), Error);
  std::filesystem::permissions(path, std::filesystem::perms(0600));
  EXPECT_EQ(find_secret({"", path}).reveal(), "abc123");
  ::setenv("ORRERY_TEST_KEY", " xyz ", 1);
  EXPECT_EQ(find_secret({"ORRERY_TEST_KEY", ""}).reveal(), "xyz");
  ::unsetenv("ORRERY_TEST_KEY");
  EXPECT_TRUE(find_secret({"ORRERY_TEST_KEY", ""}).empty());
  EXPECT_THROW(find_secret({"", folder.path() / "absent"}), Error);
}

TEST(Secret, IsRedactedPlainAndEncoded) {
  EXPECT_EQ(redact("a=k+1&b=k%2B1", Secret("k+1")), "a=***&b=***");
  EXPECT_EQ(redact("nothing", Secret()), "nothing");
}

TEST(Url, IsTakenApartAndPutTogether) {
  EXPECT_EQ(add_query("http://h/p", {{"a b", "c&d"}, {"e", "^GSPC"}}), "http://h/p?a%20b=c%26d&e=%5EGSPC");
  EXPECT_EQ(origin_of("https://h:8/p?q"), "https://h:8");
  EXPECT_EQ(path_of("https://h:8"), "/");
  EXPECT_EQ(path_of("https://h:8/p/r?q=1"), "/p/r?q=1");
  EXPECT_EQ(resolve_url("http://h/a/b?x", "c"), "http://h/a/c");
  EXPECT_EQ(resolve_url("http://h/a/b", "/c"), "http://h/c");
  EXPECT_EQ(resolve_url("http://h/a", "https://i/c"), "https://i/c");
  EXPECT_EQ(resolve_url("https://h/a", "//i/c"), "https://i/c");
  EXPECT_EQ(without_parameter("http://h/p?apiKey=s&c=1&d", "apiKey"), "http://h/p?c=1&d");
  EXPECT_EQ(without_parameter("http://h/p?apiKey=s", "apiKey"), "http://h/p");
}

// RFC 9110, section 10.2.3 has both forms; the date is section 5.6.7's example.
TEST(RetryAfter, IsSecondsOrADate) {
  const auto now = *parse_timestamp("1994-11-06T08:49:30Z");
  EXPECT_EQ(parse_retry_after("120", now), 120.0);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), 7.0);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:07 GMT", now), 0.0);
  EXPECT_EQ(parse_retry_after("soon", now), std::nullopt);
  EXPECT_EQ(parse_retry_after("Sun, 31 Feb 1994 08:49:07 GMT", now), std::nullopt);
  EXPECT_EQ(parse_http_date("6 Nov 1994 03:49:37 -0500"), parse_http_date("06 Nov 1994 08:49:37 Z"));
}

TEST(TokenBucket, LetsABurstThroughAndThenTheRate) {
  FakeWaitClock clock;
  TokenBucket bucket(60.0, 3.0, clock);
  for (int i = 0; i < 6; ++i) bucket.take();
  EXPECT_EQ(clock.waits(), (std::vector<double>{1.0, 1.0, 1.0}));
  bucket.pause(10.0);
  bucket.take();
  EXPECT_EQ(clock.waits().back(), 10.0);
}

TEST(Gzip, TakesOnlyWholeBytes) {
  // printf 'orrery' | gzip -n | xxd -p
  const std::string packed("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\x2f\x2a\x4a\x2d\xaa\x04\x00", 18);
  const std::string sum("\xb3\x1c\x88\x70\x06\x00\x00\x00", 8);
  EXPECT_EQ(unpack_gzip(packed + sum, 100), "orrery");
  EXPECT_EQ(unpack_gzip(packed + sum + packed + sum, 100), "orreryorrery");
  EXPECT_EQ(unpack_gzip(packed + sum, 5), std::nullopt);
  EXPECT_EQ(unpack_gzip(packed, 100), std::nullopt) << "without its checksum";
  EXPECT_EQ(unpack_gzip("", 100), std::nullopt);
  EXPECT_EQ(unpack_gzip("no gzip", 100), std::nullopt);
}

}  // namespace
}  // namespace orrery::http_client_test
