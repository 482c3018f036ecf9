// Damaged requests' parts: queries, bodies, tokens, words of streams, frames (`make fuzz`). Whatever comes is
// answered or refused, and nobody gets in.

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <variant>

#include "apps/server/access/jwt.h"
#include "apps/server/api/schema.h"
#include "apps/server/streams/topic_client.h"
#include "apps/server/transport/listener.h"
#include "testing/damaged_texts.h"

namespace orrery::server::api_fuzz_test {
namespace {

using testing::DamagedTexts;
using testing::fuzz_rounds;

const std::vector<std::string> kJsonPieces = {"{",        "}",
                                              "[",        "]",
                                              ":",        ",",
                                              "\"",       "\\",
                                              "\\u",      "\\ud800",
                                              "null",     "true",
                                              "1e999",    "-0",
                                              "1e-9",     "0x1",
                                              "nan",      "\xff",
                                              "\xc3\xa9", "\\u0000",
                                              "1.5",      "99999999999999999999",
                                              "//",       "[[[[[[[["};

TEST(ApiFuzz, DamagedBodiesAreCheckedToTheEnd) {
  const Json body =
      schema::object("a question",
                     {{"model", schema::name("a model")},
                      {"symbols", schema::list("names", schema::name("a name"))},
                      {"from", schema::date("a day")},
                      {"explain", schema::whole("how many", 0, 1000)},
                      {"figures", schema::by_name("by name", schema::optional_number("a figure"))},
                      {"kind", schema::or_null(schema::word("its kind", {"a", "b"}))}},
                     {"model", "symbols", "figures", "kind"});
  DamagedTexts damaged(
      1,
      {R"({"model": "a@1", "symbols": ["A", "B"], "from": "2024-01-31", "explain": 5, "figures": {"x": 1.5}})",
       R"({"from": "2024-02-29", "explain": 0, "kind": null})",
       R"({"symbols": [], "from": "x", "explain": -1e3})"},
      kJsonPieces);
  int parsed = 0, good = 0;
  const int rounds = fuzz_rounds(20'000);
  for (int round = 0; round < rounds; ++round) {
    const std::string text = damaged.next();
    const Json value = Json::parse(text, nullptr, false);
    if (value.is_discarded()) continue;
    ++parsed;
    std::vector<FieldProblem> problems;
    check_value(body, value, "body", problems);
    for (const FieldProblem& problem : problems) {
      EXPECT_TRUE(problem.where.starts_with("body") && !problem.detail.empty()) << text;
    }
    if (!problems.empty()) continue;
    ++good;
    // What was taken is what the operations may rely on.
    EXPECT_TRUE(value["from"].is_string() && value["explain"].is_number_integer()) << text;
    EXPECT_GE(value["explain"].get<int>(), 0) << text;
  }
  EXPECT_GT(parsed, rounds / 50);
  EXPECT_GT(good, 0);
}

TEST(ApiFuzz, DamagedQueriesAreReadOrRefused) {
  DamagedTexts damaged(2, {"run=a%20b&held=true&sort=-weight%2Csymbol", "a=1&b=%E2%82%AC&c=+", "x", "=&=&&"},
                       {"%", "%%", "&", "=", "+", "%00", "%zz", "%e2%82", "\xff", ";", "?", "#"});
  int read = 0;
  const int rounds = fuzz_rounds(20'000);
  for (int round = 0; round < rounds; ++round) {
    const std::string text = damaged.next();
    if (const auto parts = query_parameters(text)) {
      ++read;
      for (const auto& [name, value] : *parts) EXPECT_LE(name.size() + value.size(), text.size());
    }
  }
  EXPECT_GT(read, rounds / 10);
}

TEST(ApiFuzz, ADamagedTokenIsNobodys) {
  const JwtKey key = JwtKey::make();
  const JwtIssuer issuer{"issuer", "orrery", {{"k", key}}};
  const Timestamp now{1'700'000'000'000'000'000};
  JwtClaims claims;
  claims.subject = "ann";
  claims.role = Role::kAdmin;
  claims.id = "1";
  claims.issued = now;
  claims.expires = {now.nanoseconds + 60'000'000'000};
  const std::string good = make_jwt(issuer, "k", claims);
  ASSERT_TRUE(verify_jwt(issuer, good, now));
  DamagedTexts damaged(3, {good, good + "." + good, good.substr(0, good.rfind('.') + 1)},
                       {".", "..", "=", "e30", "eyJhbGciOiJub25lIn0", "-", "_", "\xff", "A", "AAAA"});
  const int rounds = fuzz_rounds(3'000);
  for (int round = 0; round < rounds; ++round) {
    const std::string text = damaged.next();
    if (text == good) continue;
    EXPECT_FALSE(verify_jwt(issuer, text, now)) << text;
  }
}

TEST(ApiFuzz, DamagedWordsLeaveAStreamWhole) {
  const auto topic = std::make_shared<StreamTopic>("signals");
  topic->update({{"A", R"({"symbol":"A"})"}, {"B", R"({"symbol":"B"})"}});
  DamagedTexts damaged(4,
                       {R"({"subscribe": ["A", "B"]})", R"({"subscribe": "all"})",
                        R"({"unsubscribe": ["A"]})", R"({"subscribe": ["\u00e9\ud83d\ude00"]})"},
                       kJsonPieces);
  const int rounds = fuzz_rounds(5'000);
  for (int round = 0; round < rounds; ++round) {
    TopicClient client(topic, {}, "");
    for (int word = 0; word < 5; ++word) client.receive(damaged.next());
    topic->update({{"A", R"({"symbol":"A","x":1})"}});
    int messages = 0;
    while (const SharedText message = client.next()) {
      ASSERT_FALSE(Json::parse(*message, nullptr, false).is_discarded()) << *message;
      ASSERT_LE(++messages, 20);
    }
  }
}

/// Streams to everybody.
class OpenHandler : public HttpHandler {
 public:
  std::optional<HttpResponse> handle_at_once(const HttpRequest& request) override { return handle(request); }
  HttpResponse handle(const HttpRequest& /*request*/) override {
    HttpResponse response;
    response.body = std::make_shared<const std::string>("well");
    return response;
  }
  std::variant<std::shared_ptr<StreamClient>, HttpResponse> open_stream(const HttpRequest&) override {
    return std::make_shared<TopicClient>(topic_, RowChoice{}, "");
  }
  HttpResponse refuse(int status, std::string_view /*why*/) override {
    HttpResponse response;
    response.status = status;
    return response;
  }

 private:
  std::shared_ptr<StreamTopic> topic_ = std::make_shared<StreamTopic>("signals");
};

/// Sends bytes to a port and returns what comes back until the peer closes, or nothing comes for a second.
std::string exchange(std::uint16_t port, const std::string& bytes) {
  const int handle = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string told;
  if (::connect(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    const timeval patience{1, 0};
    ::setsockopt(handle, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::send(handle, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    ::shutdown(handle, SHUT_WR);
    char buffer[4096];
    for (ssize_t got = 0; (got = ::recv(handle, buffer, sizeof buffer, 0)) > 0;) {
      told.append(buffer, static_cast<std::size_t>(got));
    }
  }
  ::close(handle);
  return told;
}

TEST(ApiFuzz, DamagedRequestsAndFramesLeaveTheListenerWell) {
  OpenHandler handler;
  ListenerOptions options;
  options.port = 0;
  Listener listener(options, handler);
  const std::string get =
      "GET /a?b=c HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\nConnection: close\r\n\r\n";
  const std::string post =
      "POST /a HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
      "POST /b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
  const std::string upgrade =
      "GET /stream HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: "
      "websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  const std::string masked = std::string("\x81\x85\x01\x02\x03\x04", 6) + "xxxxx";
  const std::string frames = upgrade + masked + std::string("\x89\x80\x00\x00\x00\x00", 6) + masked;
  DamagedTexts damaged(
      5, {get, post, frames, frames, frames},
      {"\r\n", "\r\n\r\n", "\r", "\n", ": ", " ", "HTTP/1.1", "Content-Length: 99\r\n",
       "Transfer-Encoding: chunked\r\n", "Connection: Upgrade\r\n", "Expect: 100-continue\r\n",
       std::string("\x00", 1), "\xff", "\x88", "\x81\xfe\xff\xff",
       std::string("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff", 10), "\x91", "\xc1", "ffffffff\r\n"});
  const int rounds = fuzz_rounds(400);
  for (int round = 0; round < rounds; ++round) exchange(listener.port(), damaged.next());
  const std::string answer = exchange(listener.port(), get);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("well")) << answer;
}

}  // namespace
}  // namespace orrery::server::api_fuzz_test
