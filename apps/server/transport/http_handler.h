#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>

#include "apps/server/transport/http_message.h"

namespace orrery::server {

/// One client of a stream. What it is sent is asked for when the message before has left, so that a slow
/// client holds up nobody and its owner may replace what it has not yet taken.
class StreamClient {
 public:
  virtual ~StreamClient() = default;
  /// Called once, before anything else: `wake` may be called from any thread, whenever there may be something
  /// to send.
  virtual void start(std::function<void()> wake) = 0;
  /// A message of the client.
  virtual void receive(std::string_view text) = 0;
  /// Returns the next message for the client; null where there is none now.
  virtual SharedText next() = 0;
  /// Whether the connection is to be closed, once next() has nothing more.
  virtual bool ended() const = 0;
};

/// What the listener asks. All calls may come from several threads at once.
class HttpHandler {
 public:
  virtual ~HttpHandler() = default;
  /// Answers, unless that takes long enough to be done on a thread of its own; throws nothing.
  virtual std::optional<HttpResponse> handle_at_once(const HttpRequest& request) = 0;
  /// Answers, however long it takes; throws nothing.
  virtual HttpResponse handle(const HttpRequest& request) = 0;
  /// Answers a wish for a WebSocket: a client, or the refusal.
  virtual std::variant<std::shared_ptr<StreamClient>, HttpResponse> open_stream(
      const HttpRequest& request) = 0;
  /// The answer to what is no request, too large or too slow: 400, 408, 413, 431.
  virtual HttpResponse refuse(int status, std::string_view why) = 0;
};

}  // namespace orrery::server
