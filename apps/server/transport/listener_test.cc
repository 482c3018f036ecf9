#include "apps/server/transport/listener.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "orrery/base/error.h"

namespace orrery::server::listener_test {
namespace {

SharedText shared(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

/// A client that keeps the latest number alone, as one that is too slow for every number.
class LatestClient : public StreamClient {
 public:
  void start(std::function<void()> wake) override {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }
  void receive(std::string_view text) override { tell("heard " + std::string(text)); }
  SharedText next() override {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return nullptr;
    SharedText message = shared(waiting_);
    waiting_.clear();
    return message;
  }
  bool ended() const override { return over_.load(); }
  void tell(const std::string& text) {
    std::function<void()> wake;
    {
      const std::lock_guard lock(mutex_);
      waiting_ = text;
      wake = wake_;
    }
    if (wake) wake();
  }
  void end() {
    over_.store(true);
    const std::lock_guard lock(mutex_);
    if (wake_) wake_();
  }

 private:
  mutable std::mutex mutex_;
  std::function<void()> wake_;
  std::string waiting_;
  std::atomic<bool> over_{false};
};

/// Says what it was asked; "/slow" takes a while, "/large" is large.
class EchoHandler : public HttpHandler {
 public:
  std::optional<HttpResponse> handle_at_once(const HttpRequest& request) override {
    if (request.path() == "/slow") return std::nullopt;
    return handle(request);
  }
  HttpResponse handle(const HttpRequest& request) override {
    HttpResponse response;
    if (request.path() == "/slow") std::this_thread::sleep_for(std::chrono::milliseconds(300));
    response.content_type = "text/plain";
    response.body =
        request.path() == "/large"
            ? shared(std::string(3'000'000, 'x'))
            : shared(std::string(to_string(request.method)) + " " + request.target + " " + request.body);
    return response;
  }
  std::variant<std::shared_ptr<StreamClient>, HttpResponse> open_stream(const HttpRequest& request) override {
    if (request.path() != "/stream") return refuse(404, "no stream");
    client = std::make_shared<LatestClient>();
    return client;
  }
  HttpResponse refuse(int status, std::string_view why) override {
    HttpResponse response;
    response.status = status;
    response.body = shared(std::string(why));
    return response;
  }

  std::shared_ptr<LatestClient> client;
};

/// A peer that sends and reads bytes as they are.
class Peer {
 public:
  explicit Peer(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{10, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Peer() { ::close(socket_); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  bool connected() const { return connected_; }
  void send(const std::string& bytes) {
    EXPECT_EQ(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
  }
  void end_sending() { ::shutdown(socket_, SHUT_WR); }
  /// Reads until the text has come, or the end.
  std::string read_until(const std::string& text) {
    while (seen_.find(text) == std::string::npos && read_some()) {
    }
    const std::size_t end = seen_.find(text);
    const std::string read = end == std::string::npos ? seen_ : seen_.substr(0, end + text.size());
    seen_.erase(0, read.size());
    return read;
  }
  std::string read_all() {
    while (read_some()) {
    }
    return std::exchange(seen_, "");
  }
  std::string read_bytes(std::size_t count) {
    while (seen_.size() < count && read_some()) {
    }
    const std::string read = seen_.substr(0, count);
    seen_.erase(0, read.size());
    return read;
  }
  /// Reads a short text frame of a WebSocket (RFC 6455, 5.2); its first byte and its text.
  std::pair<int, std::string> read_frame() {
    const std::string head = read_bytes(2);
    if (head.size() < 2) return {-1, ""};
    return {static_cast<unsigned char>(head[0]), read_bytes(static_cast<unsigned char>(head[1]) & 127U)};
  }

 private:
  bool read_some() {
    char bytes[65536];
    const ssize_t got = ::recv(socket_, bytes, sizeof bytes, 0);
    if (got > 0) seen_.append(bytes, static_cast<std::size_t>(got));
    return got > 0;
  }

  int socket_;
  bool connected_ = false;
  std::string seen_;
};

ListenerOptions any_port() {
  ListenerOptions options;
  options.port = 0;
  return options;
}

std::string get(const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n"; }

/// A masked text frame, as clients send them; the mask is zero.
std::string text_frame(const std::string& text) {
  return std::string("\x81") + static_cast<char>(128U + text.size()) + std::string(4, '\0') + text;
}

const std::string kUpgrade =
    "GET /stream HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "
    "13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

TEST(Listener, AnswersInOrderOnOneConnection) {
  EchoHandler handler;
  Listener listener(any_port(), handler);
  Peer peer(listener.port());
  peer.send(get("/a") + get("/slow") + "POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody" +
            get("/c"));
  for (const char* wanted : {"GET /a ", "GET /slow ", "POST /b body", "GET /c "}) {
    EXPECT_NE(peer.read_until(wanted).find("HTTP/1.1 200 OK"), std::string::npos) << wanted;
  }
  EXPECT_EQ(listener.counts().accepted, 1U);
}

TEST(Listener, ASlowAnswerHoldsUpNobodyElse) {
  EchoHandler handler;
  Listener listener(any_port(), handler);
  Peer slow(listener.port()), quick(listener.port());
  slow.send(get("/slow"));
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) {
    quick.send(get("/quick"));
    EXPECT_NE(quick.read_until("GET /quick ").find("200 OK"), std::string::npos);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(250));
  EXPECT_NE(slow.read_until("GET /slow ").find("200 OK"), std::string::npos);
}

TEST(Listener, LargeAnswersAndHalfClosedPeers) {
  EchoHandler handler;
  Listener listener(any_port(), handler);
  Peer peer(listener.port());
  peer.send(get("/large"));
  peer.end_sending();
  const std::string answer = peer.read_all();
  EXPECT_EQ(answer.size() - answer.find("\r\n\r\n") - 4, 3'000'000U);
}

TEST(Listener, RefusesWhatIsNoRequestOrTooLarge) {
  EchoHandler handler;
  ListenerOptions options = any_port();
  options.limits.header_bytes = 1000;
  options.limits.body_bytes = 10;
  Listener listener(options, handler);
  const auto answer = [&](const std::string& sent) {
    Peer peer(listener.port());
    peer.send(sent);
    peer.end_sending();
    return peer.read_all().substr(0, 12);
  };
  EXPECT_EQ(answer("nonsense\r\n\r\n"), "HTTP/1.1 400");
  EXPECT_EQ(answer("GET / HTTP/1.1\r\nX: " + std::string(2000, 'a') + "\r\n\r\n"), "HTTP/1.1 431");
  EXPECT_EQ(answer("POST / HTTP/1.1\r\nContent-Length: 11\r\n\r\n01234567890"), "HTTP/1.1 413");
  EXPECT_EQ(answer(get("/good")), "HTTP/1.1 200");
}

TEST(Listener, CutsOffWhoSendsTooSlowly) {
  EchoHandler handler;
  ListenerOptions options = any_port();
  options.limits.request_time = std::chrono::seconds(1);
  Listener listener(options, handler);
  Peer peer(listener.port());
  const auto begin = std::chrono::steady_clock::now();
  peer.send("GET / HTTP/1.1\r\nX: a");
  EXPECT_EQ(peer.read_all(), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(Listener, ManyAtOnceUpToItsLimit) {
  EchoHandler handler;
  ListenerOptions options = any_port();
  options.limits.connections = 50;
  options.threads = 2;
  Listener listener(options, handler);
  std::deque<Peer> peers;
  for (int i = 0; i < 50; ++i) peers.emplace_back(listener.port());
  for (Peer& peer : peers) {
    peer.send(get("/x"));
    EXPECT_NE(peer.read_until("GET /x ").find("200 OK"), std::string::npos);
  }
  Peer one_too_many(listener.port());
  EXPECT_EQ(one_too_many.read_all(), "");
  EXPECT_EQ(listener.counts().refused, 1U);
}

TEST(Listener, AStreamSendsTheLatestAndHears) {
  EchoHandler handler;
  Listener listener(any_port(), handler);
  Peer peer(listener.port());
  peer.send(kUpgrade);
  const std::string answer = peer.read_until("\r\n\r\n");
  EXPECT_NE(answer.find("101 Switching Protocols"), std::string::npos);
  // The key and its answer are the example of RFC 6455, 1.3.
  EXPECT_NE(answer.find("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), std::string::npos);
  peer.send(text_frame("hello"));
  EXPECT_EQ(peer.read_frame(), std::make_pair(0x81, std::string("heard hello")));
  for (int i = 1; i <= 1000; ++i) handler.client->tell(std::to_string(i));
  std::string last;
  while (last != "1000") {
    const auto [kind, text] = peer.read_frame();
    ASSERT_EQ(kind, 0x81);
    ASSERT_TRUE(last.empty() || std::stoi(text) > std::stoi(last));
    last = text;
  }
  EXPECT_EQ(listener.counts().streams, 1U);
  handler.client->end();
  EXPECT_EQ(peer.read_frame().first, 0x88);  // close
}

TEST(Listener, ARefusedStreamIsAnAnswer) {
  EchoHandler handler;
  Listener listener(any_port(), handler);
  Peer peer(listener.port());
  std::string wrong = kUpgrade;
  wrong.replace(wrong.find("/stream"), 7, "/nobody");
  peer.send(wrong);
  EXPECT_NE(peer.read_all().find("HTTP/1.1 404"), std::string::npos);
}

TEST(Listener, StopsInOrder) {
  EchoHandler handler;
  auto listener = std::make_unique<Listener>(any_port(), handler);
  const std::uint16_t port = listener->port();
  Peer idle(port), busy(port), stream(port);
  idle.send(get("/a"));
  idle.read_until("GET /a ");
  stream.send(kUpgrade);
  stream.read_until("\r\n\r\n");
  busy.send(get("/slow"));
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  listener->stop(std::chrono::seconds(5));
  EXPECT_NE(busy.read_all().find("GET /slow "), std::string::npos);
  EXPECT_EQ(idle.read_all(), "");
  EXPECT_EQ(stream.read_frame().first, 0x88);
  listener.reset();
  EXPECT_FALSE(Peer(port).connected());
}

TEST(Listener, SaysWhyItCantListen) {
  EchoHandler handler;
  ListenerOptions options = any_port();
  options.address = "nowhere";
  EXPECT_THROW(Listener(options, handler), Error);
  options.address = "127.0.0.1";
  options.certificate = "no_such_file.pem";
  options.private_key = "no_such_file.key";
  EXPECT_THROW(Listener(options, handler), Error);
}

}  // namespace
}  // namespace orrery::server::listener_test
