// Boost 1.74's awaitable.hpp uses std::exchange without its header.
#include <utility>
// Beast is kept to this file: it takes longer to compile than the rest of the server.
#include <fmt/format.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <tuple>
#include <unordered_set>
#include <vector>

#include "apps/server/transport/listener.h"
#include "orrery/base/clock.h"
#include "orrery/base/error.h"

namespace orrery::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;
using boost::system::error_code;

// Every loop has one thread, so that a connection needs no lock and no strand.
using Executor = asio::io_context::executor_type;
using TcpStream = beast::basic_stream<tcp, Executor, beast::unlimited_rate_policy>;
using TlsStream = beast::ssl_stream<TcpStream>;
template <class Value>
using Awaitable = asio::awaitable<Value, Executor>;
constexpr asio::use_awaitable_t<Executor> kAwait;

constexpr std::size_t kMostWaitingForWorkers = 256;
constexpr int kStreamBuffer = 32 * 1024;  // bytes

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
    case http::verb::head:
      return Method::kGet;
    case http::verb::post:
      return Method::kPost;
    case http::verb::put:
      return Method::kPut;
    case http::verb::patch:
      return Method::kPatch;
    case http::verb::delete_:
      return Method::kDelete;
    case http::verb::options:
      return Method::kOptions;
    default:
      return Method::kOther;
  }
}

/// Returns the moment as HTTP's Date wants it (RFC 9110, 5.6.7): "Sun, 06 Nov 1994 08:49:37 GMT".
std::string http_date(Timestamp moment) {
  constexpr std::array<std::string_view, 7> kDays = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::string text = to_string(moment);  // 2024-01-02T15:30:00…
  const std::int64_t day = moment.nanoseconds / kNanosecondsPerDay;
  const std::size_t month = static_cast<std::size_t>((text[5] - '0') * 10 + (text[6] - '0') - 1);
  return fmt::format("{}, {} {} {} {} GMT", kDays[static_cast<std::size_t>(day % 7)], text.substr(8, 2),
                     kMonths[month], text.substr(0, 4), text.substr(11, 8));
}

/// The date of now; made anew once a second in each thread.
const std::string& current_http_date() {
  thread_local std::int64_t second = -1;
  thread_local std::string text;
  const Timestamp now = current_time();
  if (now.nanoseconds / kNanosecondsPerSecond != second) {
    second = now.nanoseconds / kNanosecondsPerSecond;
    text = http_date(now);
  }
  return text;
}

class Connection;

/// One thread's connections.
struct Loop {
  asio::io_context context{1};
  asio::executor_work_guard<Executor> work{context.get_executor()};
  std::unordered_set<Connection*> connections;
  std::thread thread;
};

/// What the connections of a listener share.
struct Shared {
  ListenerOptions options;
  HttpHandler* handler = nullptr;
  std::unique_ptr<asio::thread_pool> workers;
  std::atomic<bool> draining{false};
  std::atomic<std::uint64_t> open{0}, streams{0}, accepted{0}, refused{0}, requests{0}, waiting{0};
};

/// What a listener can do to a connection; only on its loop's thread.
class Connection {
 public:
  Connection(Loop& loop, Shared& shared) : loop_(loop), shared_(shared) {
    loop_.connections.insert(this);
    shared_.open.fetch_add(1);
  }
  virtual ~Connection() {
    loop_.connections.erase(this);
    shared_.open.fetch_sub(1);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Ends it as soon as no request of it is being answered.
  virtual void drain() = 0;
  virtual void close() = 0;

 protected:
  Loop& loop_;
  Shared& shared_;
};

/// A client's WebSocket: one coroutine reads, one writes.
template <class Stream>
class StreamLink : public std::enable_shared_from_this<StreamLink<Stream>> {
 public:
  StreamLink(Stream&& stream, Shared& shared, std::shared_ptr<StreamClient> client)
      : socket_(std::move(stream)),
        shared_(shared),
        client_(std::move(client)),
        signal_(socket_.get_executor()) {
    shared_.streams.fetch_add(1);
  }
  ~StreamLink() { shared_.streams.fetch_sub(1); }
  StreamLink(const StreamLink&) = delete;
  StreamLink& operator=(const StreamLink&) = delete;

  Awaitable<void> run(http::request<http::string_body>& request) {
    beast::get_lowest_layer(socket_).expires_never();
    auto timeouts = websocket::stream_base::timeout::suggested(beast::role_type::server);
    timeouts.idle_timeout = std::chrono::seconds(60);
    timeouts.keep_alive_pings = true;
    socket_.set_option(timeouts);
    socket_.read_message_max(shared_.options.limits.stream_message_bytes);
    // What lies in the system's buffers can't be replaced by later values any more: a slow client would get
    // old ones for minutes.
    error_code ignored;
    std::ignore = beast::get_lowest_layer(socket_).socket().set_option(
        asio::socket_base::send_buffer_size(kStreamBuffer), ignored);
    socket_.text(true);
    // A browser takes the connection only when one of the names it offered comes back.
    const bool named =
        request[http::field::sec_websocket_protocol].find("orrery.v1") != beast::string_view::npos;
    socket_.set_option(websocket::stream_base::decorator([named](websocket::response_type& response) {
      response.set(http::field::server, "orrery");
      if (named) response.set(http::field::sec_websocket_protocol, "orrery.v1");
    }));
    error_code error;
    co_await socket_.async_accept(request, asio::redirect_error(kAwait, error));
    if (error) co_return;
    auto self = this->shared_from_this();
    // Whoever wakes it never holds it: it ends on its own loop's thread.
    client_->start([weak = this->weak_from_this(), woken = woken_, executor = socket_.get_executor()] {
      if (woken->exchange(true)) return;
      asio::post(executor, [weak] {
        if (auto link = weak.lock()) link->signal_.cancel();
      });
    });
    asio::co_spawn(
        socket_.get_executor(), [self]() { return self->write(); }, asio::detached);
    co_await read();
    ended_ = true;
    signal_.cancel();
  }

  void drain() {
    closing_ = true;
    signal_.cancel();
  }
  void close() { beast::get_lowest_layer(socket_).close(); }

 private:
  Awaitable<void> read() {
    beast::flat_buffer buffer;
    for (;;) {
      error_code error;
      co_await socket_.async_read(buffer, asio::redirect_error(kAwait, error));
      if (error) co_return;
      const auto bytes = buffer.data();
      client_->receive(std::string_view(static_cast<const char*>(bytes.data()), bytes.size()));
      buffer.clear();
      signal_.cancel();
    }
  }

  Awaitable<void> write() {
    const auto self = this->shared_from_this();
    error_code error;
    while (!ended_ && !error) {
      woken_->store(false);
      if (const SharedText message = client_->next()) {
        co_await socket_.async_write(asio::buffer(*message), asio::redirect_error(kAwait, error));
      } else if (closing_ || client_->ended()) {
        const auto code = closing_ ? websocket::close_code::going_away : websocket::close_code::policy_error;
        co_await socket_.async_close(code, asio::redirect_error(kAwait, error));
        co_return;
      } else {
        // A wake that came since next() has already set the flag; its cancel would come too early otherwise.
        if (woken_->load()) continue;
        signal_.expires_after(std::chrono::seconds(30));
        error_code woken;
        co_await signal_.async_wait(asio::redirect_error(kAwait, woken));
      }
    }
    if (error) close();
  }

  websocket::stream<Stream> socket_;
  Shared& shared_;
  std::shared_ptr<StreamClient> client_;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                             Executor>
      signal_;
  std::shared_ptr<std::atomic<bool>> woken_ = std::make_shared<std::atomic<bool>>(false);
  bool ended_ = false;    ///< nobody reads any more
  bool closing_ = false;  ///< the server goes
};

/// Begins a connection; false where it can't be.
Awaitable<bool> greet(TcpStream& /*stream*/, const ListenerLimits& /*limits*/) { co_return true; }

Awaitable<bool> greet(TlsStream& stream, const ListenerLimits& limits) {
  error_code error;
  beast::get_lowest_layer(stream).expires_after(limits.request_time);
  co_await stream.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(kAwait, error));
  co_return !error;
}

/// Ends a connection so that the peer gets all that was sent.
Awaitable<void> part(TlsStream& stream) {
  error_code error;
  beast::get_lowest_layer(stream).expires_after(std::chrono::seconds(5));
  co_await stream.async_shutdown(asio::redirect_error(kAwait, error));
}

Awaitable<void> part(TcpStream& stream) {
  error_code error;
  std::ignore = stream.socket().shutdown(tcp::socket::shutdown_send, error);
  // What the peer still sends is read and dropped: closing at once would take the answer away from it.
  stream.expires_after(std::chrono::seconds(2));
  std::array<char, 4096> dropped{};
  std::size_t total = 0;
  while (!error && total < 1024 * 1024) {
    const std::size_t got =
        co_await stream.async_read_some(asio::buffer(dropped), asio::redirect_error(kAwait, error));
    total += got;
  }
}

/// A connection that speaks HTTP until it ends or becomes a stream.
template <class Stream>
class HttpConnection : public Connection {
 public:
  HttpConnection(Stream&& stream, std::string address, Loop& loop, Shared& shared)
      : Connection(loop, shared), stream_(std::move(stream)), address_(std::move(address)) {}

  // GCC 12 makes wrong code of a co_await within `if constexpr` or a condition; there is none of either here.
  Awaitable<void> run() {
    bool goes_on = co_await greet(stream_, shared_.options.limits);
    while (goes_on) {
      const bool next = co_await exchange();
      goes_on = next;
    }
    if (!link_) co_await part(stream_);
  }

  void drain() override {
    draining_ = true;
    if (link_) {
      link_->drain();
    } else if (!busy_) {
      lowest().close();
    }
  }
  void close() override {
    if (link_) {
      link_->close();
    } else {
      lowest().close();
    }
  }

 private:
  using Parser = http::request_parser<http::string_body>;
  /// Of all answers, those without a body too: each kind of body costs a minute of compilation.
  using Answer = http::response<http::span_body<const char>>;

  TcpStream& lowest() { return beast::get_lowest_layer(stream_); }

  /// Reads a request and answers it; false when the connection is over.
  Awaitable<bool> exchange() {
    const ListenerLimits& limits = shared_.options.limits;
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    parser.body_limit(limits.body_bytes);
    lowest().expires_after(limits.request_time);
    error_code error;
    co_await http::async_read_header(stream_, buffer_, parser, asio::redirect_error(kAwait, error));
    if (!error && !parser.is_done()) {
      const error_code in_body = co_await read_body(parser);
      error = in_body;
    }
    if (error) {
      co_await refuse(parser, error);
      co_return false;
    }
    busy_ = true;
    if (websocket::is_upgrade(parser.get())) {
      co_await open_stream(parser.get());
      co_return false;
    }
    const bool keep = parser.get().keep_alive() && !draining_;
    const unsigned version = parser.get().version();
    const HttpRequest request = take(parser.get());
    const HttpResponse response = co_await answer(request);
    const bool goes_on = co_await write(response, version, keep && !response.close, request.head);
    busy_ = false;
    co_return goes_on && !draining_;
  }

  Awaitable<error_code> read_body(Parser& parser) {
    error_code error;
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
      Answer go_on(http::status::continue_, parser.get().version());
      co_await http::async_write(stream_, go_on, asio::redirect_error(kAwait, error));
      if (error) co_return error;
    }
    co_await http::async_read(stream_, buffer_, parser, asio::redirect_error(kAwait, error));
    co_return error;
  }

  /// Tells why something can't be answered, where somebody may still listen.
  Awaitable<void> refuse(const Parser& parser, error_code error) {
    int status = 0;
    std::string_view why;
    if (error == http::error::header_limit) {
      status = 431;
      why = "the request's header is too large";
    } else if (error == http::error::body_limit) {
      status = 413;
      why = "the request's body is too large";
    } else if (error == beast::error::timeout) {
      // The stream is closed by then.
      co_return;
    } else if (error != http::error::end_of_stream &&
               error.category() == make_error_code(http::error::bad_method).category()) {
      status = 400;
      why = "this is no HTTP request";
    }
    if (status == 0) co_return;
    HttpResponse response = shared_.handler->refuse(status, why);
    co_await write(response, parser.get().version() == 10 ? 10 : 11, false, false);
  }

  HttpRequest take(http::request<http::string_body>& message) {
    HttpRequest request;
    request.method = method_of(message.method());
    request.head = message.method() == http::verb::head;
    request.target = std::string(message.target());
    request.headers.reserve(8);
    for (const auto& field : message) {
      std::string name(field.name_string());
      for (char& letter : name)
        letter = static_cast<char>(letter >= 'A' && letter <= 'Z' ? letter + 32 : letter);
      request.headers.emplace_back(std::move(name), std::string(field.value()));
    }
    request.body = std::move(message.body());
    request.address = address_;
    request.encrypted = std::is_same_v<Stream, TlsStream>;
    request.number = shared_.requests.fetch_add(1) + 1;
    return request;
  }

  Awaitable<HttpResponse> answer(const HttpRequest& request) {
    std::optional<HttpResponse> at_once = shared_.handler->handle_at_once(request);
    if (at_once) co_return std::move(*at_once);
    if (shared_.waiting.fetch_add(1) >= kMostWaitingForWorkers) {
      shared_.waiting.fetch_sub(1);
      co_return shared_.handler->refuse(503, "too many requests of this kind are waiting; try again soon");
    }
    const HttpResponse response = co_await on_worker(request);
    co_return response;
  }

  /// Makes the answer on a worker's thread; the coroutine goes on on its own.
  Awaitable<HttpResponse> on_worker(const HttpRequest& request) {
    return asio::async_initiate<decltype(kAwait), void(HttpResponse)>(
        [this, &request](auto handler) {
          auto done = std::make_shared<decltype(handler)>(std::move(handler));
          asio::post(*shared_.workers, [this, &request, done] {
            HttpResponse response = shared_.handler->handle(request);
            shared_.waiting.fetch_sub(1);
            asio::post(loop_.context,
                       [done, response = std::move(response)]() mutable { (*done)(std::move(response)); });
          });
        },
        kAwait);
  }

  static void set_header(Answer& message, const HttpResponse& response, bool keep) {
    message.set(http::field::server, "orrery");
    message.set(http::field::date, current_http_date());
    if (response.body && !response.body->empty()) {
      message.set(http::field::content_type,
                  beast::string_view(response.content_type.data(), response.content_type.size()));
    }
    for (const auto& [name, value] : response.headers) message.insert(name, value);
    for (const NamedTexts* more : {response.kept_headers.get(), response.constant}) {
      if (more == nullptr) continue;
      for (const auto& [name, value] : *more) message.insert(name, value);
    }
    message.keep_alive(keep);
  }

  /// Returns whether the connection may go on.
  Awaitable<bool> write(const HttpResponse& response, unsigned version, bool keep, bool head) {
    lowest().expires_after(shared_.options.limits.answer_time);
    error_code error;
    const std::size_t size = response.body ? response.body->size() : 0;
    const auto status = static_cast<http::status>(response.status);
    const bool without_length = response.status == 204 || response.status == 304;
    Answer message(status, version);
    set_header(message, response, keep);
    if (!without_length || (size > 0 && !head)) message.content_length(size);
    if (!head && size > 0) message.body() = beast::span<const char>(response.body->data(), size);
    co_await http::async_write(stream_, message, asio::redirect_error(kAwait, error));
    co_return !error && keep;
  }

  Awaitable<void> open_stream(http::request<http::string_body>& message) {
    const unsigned version = message.version();
    http::request<http::string_body> handshake = message;
    const HttpRequest request = take(message);
    auto opened = shared_.handler->open_stream(request);
    if (auto* refusal = std::get_if<HttpResponse>(&opened)) {
      co_await write(*refusal, version, false, false);
      co_return;
    }
    link_ = std::make_shared<StreamLink<Stream>>(std::move(stream_), shared_,
                                                 std::get<std::shared_ptr<StreamClient>>(opened));
    if (draining_) link_->drain();
    co_await link_->run(handshake);
  }

  Stream stream_;
  std::string address_;
  beast::flat_buffer buffer_;
  std::shared_ptr<StreamLink<Stream>> link_;
  bool busy_ = false;
  bool draining_ = false;
};

std::shared_ptr<asio::ssl::context> make_tls(const ListenerOptions& options) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_3_VERSION);
  error_code error;
  std::ignore = context->use_certificate_chain_file(options.certificate.string(), error);
  if (error) {
    throw user_error(ErrorCode::kInvalidArgument, fmt::format("the certificate {} can't be used: {}",
                                                              options.certificate.string(), error.message()));
  }
  std::ignore = context->use_private_key_file(options.private_key.string(), asio::ssl::context::pem, error);
  if (error) {
    throw user_error(ErrorCode::kInvalidArgument, fmt::format("the private key {} can't be used: {}",
                                                              options.private_key.string(), error.message()));
  }
  return context;
}

}  // namespace

struct Listener::State {
  Shared shared;
  std::vector<std::unique_ptr<Loop>> loops;
  std::unique_ptr<tcp::acceptor> acceptor;
  std::mutex tls_mutex;
  std::shared_ptr<asio::ssl::context> tls;
  std::uint16_t port = 0;
  std::size_t next_loop = 0;
  bool stopped = false;

  std::shared_ptr<asio::ssl::context> current_tls() {
    const std::lock_guard lock(tls_mutex);
    return tls;
  }

  void bind() {
    const ListenerOptions& options = shared.options;
    error_code error;
    const auto address = asio::ip::make_address(options.address, error);
    if (error) {
      throw user_error(
          ErrorCode::kInvalidArgument,
          fmt::format("'{}' is no address to listen at; such as 127.0.0.1 or ::1", options.address));
    }
    const tcp::endpoint endpoint(address, options.port);
    acceptor = std::make_unique<tcp::acceptor>(loops.front()->context);
    std::ignore = acceptor->open(endpoint.protocol(), error);
    if (!error) std::ignore = acceptor->set_option(asio::socket_base::reuse_address(true), error);
    if (!error) std::ignore = acceptor->bind(endpoint, error);
    if (!error) std::ignore = acceptor->listen(4096, error);
    if (error) {
      throw external_error(ErrorCode::kUnavailable, fmt::format("can't listen at {}:{}: {}", options.address,
                                                                options.port, error.message()));
    }
    port = acceptor->local_endpoint().port();
  }

  asio::awaitable<void> accept() {
    while (acceptor->is_open()) {
      Loop& loop = *loops[next_loop++ % loops.size()];
      error_code error;
      tcp::socket accepted(loop.context);
      co_await acceptor->async_accept(accepted, asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::operation_aborted) co_return;
      if (error) {  // no descriptors left, or the peer went again: not a reason to spin, nor to stop
        asio::steady_timer pause(loops.front()->context, std::chrono::milliseconds(20));
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      if (shared.open.load() >= shared.options.limits.connections) {
        shared.refused.fetch_add(1);
        continue;
      }
      shared.accepted.fetch_add(1);
      start(loop, std::move(accepted));
    }
  }

  void start(Loop& loop, tcp::socket accepted) {
    error_code error;
    std::ignore = accepted.set_option(tcp::no_delay(true), error);
    const auto peer = accepted.remote_endpoint(error);
    std::string address = error ? std::string() : peer.address().to_string();
    const auto protocol = peer.protocol();
    const auto handle = accepted.release(error);
    if (error) return;
    asio::post(loop.context, [this, &loop, handle, protocol, address = std::move(address)]() mutable {
      asio::basic_stream_socket<tcp, Executor> socket(loop.context.get_executor(), protocol, handle);
      if (auto context = current_tls()) {
        launch(loop, TlsStream(TcpStream(std::move(socket)), *context), address, context);
      } else {
        launch(loop, TcpStream(std::move(socket)), address, nullptr);
      }
    });
  }

  template <class Stream>
  void launch(Loop& loop, Stream stream, const std::string& address,
              const std::shared_ptr<asio::ssl::context>& context) {
    auto connection = std::make_shared<HttpConnection<Stream>>(std::move(stream), address, loop, shared);
    if (shared.draining.load()) return;
    asio::co_spawn(
        loop.context.get_executor(), [connection, context]() { return connection->run(); },
        [connection, context](const std::exception_ptr&) {});
  }

  void on_every_connection(void (Connection::*act)()) {
    for (auto& loop : loops) {
      asio::post(loop->context, [&loop = *loop, act] {
        const std::vector<Connection*> all(loop.connections.begin(), loop.connections.end());
        for (Connection* connection : all) {
          if (loop.connections.count(connection) != 0) (connection->*act)();
        }
      });
    }
  }
};

Listener::Listener(const ListenerOptions& options, HttpHandler& handler) : state_(std::make_unique<State>()) {
  state_->shared.options = options;
  state_->shared.handler = &handler;
  const ListenerOptions& chosen = state_->shared.options;
  if (!chosen.certificate.empty()) state_->tls = make_tls(chosen);
  for (int i = 0; i < std::max(1, chosen.threads); ++i) state_->loops.push_back(std::make_unique<Loop>());
  state_->bind();
  state_->shared.workers =
      std::make_unique<asio::thread_pool>(static_cast<std::size_t>(std::max(1, chosen.workers)));
  asio::co_spawn(
      state_->loops.front()->context, [state = state_.get()] { return state->accept(); }, asio::detached);
  for (auto& loop : state_->loops) {
    loop->thread = std::thread([&context = loop->context] { context.run(); });
  }
}

Listener::~Listener() { stop(std::chrono::milliseconds(0)); }

std::uint16_t Listener::port() const { return state_->port; }

ListenerCounts Listener::counts() const {
  const Shared& shared = state_->shared;
  return {shared.open.load(), shared.streams.load(), shared.accepted.load(), shared.refused.load()};
}

void Listener::reload_certificate() {
  if (state_->shared.options.certificate.empty()) return;
  auto fresh = make_tls(state_->shared.options);
  const std::lock_guard lock(state_->tls_mutex);
  state_->tls = std::move(fresh);
}

void Listener::stop(std::chrono::milliseconds patience) {
  State& state = *state_;
  if (state.stopped) return;
  state.stopped = true;
  state.shared.draining.store(true);
  asio::post(state.loops.front()->context, [&state] {
    error_code error;
    std::ignore = state.acceptor->close(error);
  });
  state.on_every_connection(&Connection::drain);
  const auto step = std::chrono::milliseconds(10);
  for (auto waited = std::chrono::milliseconds(0); waited < patience && state.shared.open.load() > 0;
       waited += step) {
    std::this_thread::sleep_for(step);
  }
  state.on_every_connection(&Connection::close);
  state.shared.workers->join();
  for (auto waited = std::chrono::milliseconds(0);
       waited < std::chrono::seconds(2) && state.shared.open.load() > 0; waited += step) {
    std::this_thread::sleep_for(step);
  }
  for (auto& loop : state.loops) loop->context.stop();
  for (auto& loop : state.loops) loop->thread.join();
}

}  // namespace orrery::server
