// Many clients of one stream, in a process of their own: what is delivered, how late, and what the server's
// process takes (bench/server.py). Some of the clients read slowly; they must hold up nobody.
//
// usage: orrery_streams_bench CLIENTS SLOW_CLIENTS UPDATES_A_SECOND SECONDS      prints one JSON object

// Boost 1.74's awaitable.hpp uses std::exchange without its header.
#include <utility>
// All others.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "apps/server/streams/topic_client.h"
#include "apps/server/transport/listener.h"

namespace orrery::server::streams_bench {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using asio::ip::tcp;

constexpr int kSymbols = 50;
constexpr int kChanged = 5;  // rows of an update

struct Plan {
  int clients = 1000;
  int slow = 10;
  int updates_a_second = 20;
  int seconds = 10;
};

std::int64_t monotonic_nanoseconds() {  // one clock for both processes
  return std::chrono::steady_clock::now().time_since_epoch().count();
}

class Handler : public HttpHandler {
 public:
  explicit Handler(std::shared_ptr<StreamTopic> topic) : topic_(std::move(topic)) {}
  std::optional<HttpResponse> handle_at_once(const HttpRequest& request) override { return handle(request); }
  HttpResponse handle(const HttpRequest& /*request*/) override { return refuse(404, "nothing"); }
  std::variant<std::shared_ptr<StreamClient>, HttpResponse> open_stream(
      const HttpRequest& /*request*/) override {
    return std::make_shared<TopicClient>(topic_, RowChoice{}, "", tally_);
  }
  HttpResponse refuse(int status, std::string_view /*why*/) override {
    HttpResponse response;
    response.status = status;
    return response;
  }

  const StreamTally& tally() const { return *tally_; }

 private:
  std::shared_ptr<StreamTopic> topic_;
  std::shared_ptr<StreamTally> tally_ = std::make_shared<StreamTally>();
};

/// A number behind a member's name in a message; -1 where it is not there.
std::int64_t number_in(std::string_view text, std::string_view member) {
  const std::size_t place = text.rfind(member);
  return place == std::string_view::npos ? -1
                                         : std::strtoll(text.data() + place + member.size(), nullptr, 10);
}

/// What the clients have seen.
struct Seen {
  std::vector<std::int64_t> delays;  ///< of those that keep up, nanoseconds
  std::int64_t messages = 0, lost = 0, skipped = 0;
  std::int64_t slow_messages = 0, slow_lost = 0;
  int open = 0;
};

asio::awaitable<void> follow(asio::io_context& context, std::uint16_t port, bool slow,
                             std::chrono::seconds rest, Seen& seen) {
  websocket::stream<beast::tcp_stream> socket(context);
  beast::error_code error;
  if (slow) {  // before it connects: later its window is settled
    auto& bare = beast::get_lowest_layer(socket).socket();
    bare.open(tcp::v4(), error);
    bare.set_option(asio::socket_base::receive_buffer_size(4096), error);
  }
  co_await beast::get_lowest_layer(socket).async_connect(
      tcp::endpoint(asio::ip::make_address("127.0.0.1"), port),
      asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return;
  beast::get_lowest_layer(socket).expires_never();
  co_await socket.async_handshake("127.0.0.1", "/stream", asio::redirect_error(asio::use_awaitable, error));
  if (error) co_return;
  ++seen.open;
  std::int64_t sequence = -1;
  beast::flat_buffer buffer;
  asio::steady_timer pause(context);
  bool rested = false;
  for (;;) {
    co_await socket.async_read(buffer, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    const std::string_view text(static_cast<const char*>(buffer.data().data()), buffer.size());
    const std::int64_t now = monotonic_nanoseconds();
    const std::int64_t after = number_in(text, "\"after\":"), sent = number_in(text, "\"t\":");
    if (after >= 0) {
      const std::int64_t skipped = std::max<std::int64_t>(0, number_in(text, "\"skipped\":"));
      ++(slow ? seen.slow_messages : seen.messages);
      if (!slow) seen.skipped += skipped;
      (slow ? seen.slow_lost : seen.lost) += after == sequence ? 0 : 1;
      if (!slow && sent > 0) seen.delays.push_back(now - sent);
    }
    sequence = number_in(text, "\"sequence\":");
    buffer.clear();
    if (slow && !rested) {  // and then reads what there is: what it missed comes as one message
      rested = true;
      pause.expires_after(rest);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
    }
  }
}

double percentile(std::vector<std::int64_t>& values, double share) {
  if (values.empty()) return -1.0;
  const auto place = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + place, values.end());
  return static_cast<double>(values[static_cast<std::size_t>(place)]) / 1e6;
}

/// The clients' process: tells on `out` when all are open, and at last what they have seen.
int run_clients(const Plan& plan, std::uint16_t port, int out) {
  asio::io_context context{1};
  Seen seen;
  for (int i = 0; i < plan.clients + plan.slow; ++i) {
    asio::co_spawn(context,
                   follow(context, port, i >= plan.clients, std::chrono::seconds(plan.seconds), seen),
                   asio::detached);
  }
  while (seen.open < plan.clients + plan.slow) context.run_one();
  if (::write(out, "ready\n", 6) != 6) return 1;
  context.run_for(std::chrono::seconds(plan.seconds + 2));
  const std::string line = fmt::format(
      R"("messages": {}, "lost": {}, "skipped": {}, "p50_ms": {:.3f}, "p99_ms": {:.3f}, "slowest_ms": {:.3f}, )"
      R"("slow_messages": {}, "slow_lost": {})"
      "\n",
      seen.messages, seen.lost, seen.skipped, percentile(seen.delays, 0.5), percentile(seen.delays, 0.99),
      percentile(seen.delays, 1.0), seen.slow_messages, seen.slow_lost);
  return ::write(out, line.data(), line.size()) == static_cast<ssize_t>(line.size()) ? 0 : 1;
}

std::string read_line(int from) {
  std::string line;
  for (char letter = 0; ::read(from, &letter, 1) == 1 && letter != '\n';) line += letter;
  return line;
}

double resident_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmRSS:", 0) == 0) return std::strtod(line.c_str() + 6, nullptr) / 1024.0;
  }
  return -1.0;
}

std::vector<StreamRow> rows_at(int update) {
  std::vector<StreamRow> rows;
  const std::int64_t now = monotonic_nanoseconds();
  for (int changed = 0; changed < kChanged; ++changed) {
    const int i = (update * kChanged + changed) % kSymbols;
    rows.push_back({fmt::format("SYM{:02}", i),
                    fmt::format(R"({{"symbol":"SYM{:02}","score":{},"weight":{},"update":{},"t":{}}})", i,
                                0.001 * update + i, 1.0 / (i + 1), update, now)});
  }
  return rows;
}

int run(const Plan& plan) {
  int port_pipe[2], told_pipe[2];
  if (::pipe(port_pipe) != 0 || ::pipe(told_pipe) != 0) return 1;
  const pid_t child = ::fork();  // before there is a thread
  if (child == 0) {
    const int port = std::atoi(read_line(port_pipe[0]).c_str());
    ::_exit(run_clients(plan, static_cast<std::uint16_t>(port), told_pipe[1]));
  }
  const auto topic = std::make_shared<StreamTopic>("signals");
  topic->update(rows_at(0));
  Handler handler(topic);
  ListenerOptions options;
  options.port = 0;
  Listener listener(options, handler);
  const std::string port = std::to_string(listener.port()) + "\n";
  if (::write(port_pipe[1], port.data(), port.size()) < 0) return 1;
  if (read_line(told_pipe[0]) != "ready") return 1;
  const int updates = plan.updates_a_second * plan.seconds;
  const auto begin = std::chrono::steady_clock::now();
  double most = 0.0;
  for (int i = 1; i <= updates; ++i) {
    std::this_thread::sleep_until(begin +
                                  std::chrono::nanoseconds(1'000'000'000LL * i / plan.updates_a_second));
    topic->update(rows_at(i));
    if (i % plan.updates_a_second == 0) most = std::max(most, resident_megabytes());
  }
  const std::string told = read_line(told_pipe[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  listener.stop(std::chrono::milliseconds(0));
  fmt::print(
      R"({{"clients": {}, "slow_clients": {}, "updates": {}, "server_megabytes": {:.1f}, "passed_over": {}, {}}})"
      "\n",
      plan.clients, plan.slow, updates, most, handler.tally().skipped.load(), told);
  return status == 0 ? 0 : 1;
}

}  // namespace
}  // namespace orrery::server::streams_bench

int main(int count, char** arguments) {
  if (count != 5) {
    std::fputs("usage: orrery_streams_bench CLIENTS SLOW_CLIENTS UPDATES_A_SECOND SECONDS\n", stderr);
    return 2;
  }
  return orrery::server::streams_bench::run(
      {std::atoi(arguments[1]), std::atoi(arguments[2]), std::atoi(arguments[3]), std::atoi(arguments[4])});
}
