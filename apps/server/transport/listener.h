#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "apps/server/transport/http_handler.h"

namespace orrery::server {

/// Bounds on what one peer may ask of the server.
struct ListenerLimits {
  std::size_t header_bytes = 16 * 1024;
  std::size_t body_bytes = 4 * 1024 * 1024;
  std::size_t connections = 20'000;
  std::size_t stream_message_bytes = 64 * 1024;
  std::chrono::seconds request_time{20};  ///< from the first wait for a request to its last byte
  std::chrono::seconds answer_time{60};   ///< for the peer to take an answer
};

struct ListenerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;          ///< 0: any that is free
  int threads = 1;                    ///< that read and write
  int workers = 2;                    ///< that make slow answers
  std::filesystem::path certificate;  ///< PEM, chain; "": no TLS
  std::filesystem::path private_key;  ///< PEM
  ListenerLimits limits;
};

/// What the listener has seen, for metrics.
struct ListenerCounts {
  std::uint64_t connections = 0;  ///< open now
  std::uint64_t streams = 0;      ///< of those, WebSockets
  std::uint64_t accepted = 0;     ///< since the start
  std::uint64_t refused = 0;      ///< over the limit of connections
};

/// HTTP/1.1 with keep-alive and WebSocket over TCP or TLS 1.3 (Boost.Beast). Answers in order, each request
/// with limits of size and time.
class Listener {
 public:
  /// Listens at once. Errors: kUnavailable where the address or port can't be had; kInvalidArgument for a
  /// certificate or key that can't be used.
  Listener(const ListenerOptions& options, HttpHandler& handler);
  /// As stop(), with no time.
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// The port that it listens at.
  std::uint16_t port() const;
  ListenerCounts counts() const;
  /// Reads certificate and key anew, for connections from now on. Errors: kInvalidArgument; the old ones
  /// stay.
  void reload_certificate();
  /// Takes no more connections, lets requests that are being answered end for as long as `patience`, then
  /// closes everything.
  void stop(std::chrono::milliseconds patience);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace orrery::server
