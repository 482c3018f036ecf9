// A bare server of Boost.Beast that sends the same bytes to everybody: what `orrery serve` is measured
// against (bench/server.py). One thread, keep-alive, coroutines as the product's own; no routes, no
// credentials, no log.
//
// usage: orrery_bare_beast_bench PORT BODY_FILE HEADER_FILE     HEADER_FILE: "Name: value", a line each

// Boost 1.74's awaitable.hpp uses std::exchange without its header.
#include <utility>
// All others.
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

struct Answer {
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

std::string text_of(const char* file) {
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

Answer read_answer(const char* body, const char* headers) {
  Answer answer{text_of(body), {}};
  std::istringstream lines(text_of(headers));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(": ");
    if (colon != std::string::npos)
      answer.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
  }
  return answer;
}

asio::awaitable<void> talk(tcp::socket socket, const Answer& answer) {
  beast::tcp_stream stream(std::move(socket));
  beast::flat_buffer buffer;
  beast::error_code error;
  for (;;) {
    http::request<http::empty_body> request;
    co_await http::async_read(stream, buffer, request, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
    http::response<http::span_body<const char>> response(http::status::ok, request.version());
    for (const auto& [name, value] : answer.headers) response.insert(name, value);
    response.body() = beast::span<const char>(answer.body.data(), answer.body.size());
    response.content_length(answer.body.size());
    response.keep_alive(request.keep_alive());
    co_await http::async_write(stream, response, asio::redirect_error(asio::use_awaitable, error));
    if (error) co_return;
  }
}

asio::awaitable<void> accept(tcp::acceptor& acceptor, const Answer& answer) {
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    beast::error_code error;
    socket.set_option(tcp::no_delay(true), error);
    asio::co_spawn(acceptor.get_executor(), talk(std::move(socket), answer), asio::detached);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::fputs("usage: orrery_bare_beast_bench PORT BODY_FILE HEADER_FILE\n", stderr);
    return 2;
  }
  const Answer answer = read_answer(arguments[2], arguments[3]);
  asio::io_context context{1};
  tcp::acceptor acceptor(
      context, {asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(std::atoi(arguments[1]))});
  std::printf("ready at %d\n", static_cast<int>(acceptor.local_endpoint().port()));
  std::fflush(stdout);
  asio::co_spawn(context, accept(acceptor, answer), asio::detached);
  context.run();
  return 0;
}
