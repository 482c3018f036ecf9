#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "apps/server/access/access_control.h"
#include "apps/server/api/request_log.h"
#include "apps/server/api/request_metrics.h"
#include "apps/server/api/route_table.h"
#include "apps/server/transport/http_handler.h"

namespace orrery::server {

struct ApiOptions {
  std::vector<std::string> origins;  ///< other sites whose pages may ask (CORS); "https://desk.example"
};

/// Answers requests with the operations of the API: who asks, whether they may, what they ask, the answer;
/// and counts, logs and audits it. Operations are added before the first request.
class ApiServer : public HttpHandler {
 public:
  /// What makes an answer that is kept stale: a number that changes with the data.
  using Generation = std::function<std::uint64_t()>;

  ApiServer(ApiOptions options, AccessControl& access, RequestLog& log, RequestMetrics& metrics,
            Generation generation, WaitClock& clock);

  void add(Operation operation) { routes_.add(std::move(operation)); }
  /// What answers GETs outside the API: pages. Nothing: 404.
  using Pages = std::function<std::optional<HttpResponse>(const HttpRequest&)>;
  void set_pages(Pages pages) { pages_ = std::move(pages); }
  /// What answers /stream/NAME for those who may read.
  using Streams = std::function<std::shared_ptr<StreamClient>(const HttpRequest&)>;
  void set_streams(Streams streams) { streams_ = std::move(streams); }

  const RouteTable& routes() const { return routes_; }

  std::optional<HttpResponse> handle_at_once(const HttpRequest& request) override;
  HttpResponse handle(const HttpRequest& request) override;
  std::variant<std::shared_ptr<StreamClient>, HttpResponse> open_stream(const HttpRequest& request) override;
  HttpResponse refuse(int status, std::string_view why) override;

 private:
  /// An answer as it is kept, for who takes gzip and who does not.
  struct Kept {
    std::uint64_t generation = 0;
    HttpResponse plain;
    HttpResponse packed;
    std::size_t bytes = 0;  ///< of both
  };
  /// What is known of a request by the time it is logged.
  struct Handling {
    const Operation* operation = nullptr;
    std::shared_ptr<const Kept> kept;  ///< its answer, where that was found before
    std::optional<Identity> who;
    std::string fault;  ///< what only the log is told
  };

  HttpResponse handle_match(const HttpRequest& request, const RouteTable::Match& match,
                            std::shared_ptr<const Kept> kept);
  HttpResponse answer(const HttpRequest& request, const RouteTable::Match& match, Handling& handling);
  HttpResponse answer_operation(const HttpRequest& request, const RouteTable::Match& match,
                                Handling& handling);
  HttpResponse answer_elsewhere(const HttpRequest& request, const RouteTable::Match& match);
  HttpResponse made(const HttpRequest& request, const RouteTable::Match& match, const Identity& who) const;
  HttpResponse render(const Operation& operation, const ApiRequest& request, ApiAnswer answer) const;
  /// Nothing where there is none of the data as it is now.
  std::shared_ptr<const Kept> kept(const std::string& key, std::uint64_t generation) const;
  std::shared_ptr<const Kept> keep(const std::string& key, std::uint64_t generation,
                                   const HttpResponse& response);
  void check_may(const HttpRequest& request, const Operation& operation, const Identity& who) const;
  void check_own_page(const HttpRequest& request, const Identity& who) const;
  void finish(const HttpRequest& request, const Handling& handling, double seconds, HttpResponse& response);

  ApiOptions options_;
  AccessControl& access_;
  RequestLog& log_;
  RequestMetrics& metrics_;
  Generation generation_;
  WaitClock& clock_;
  RouteTable routes_;
  Pages pages_;
  Streams streams_;
  mutable std::shared_mutex kept_mutex_;
  std::unordered_map<std::string, std::shared_ptr<const Kept>> kept_;
  std::size_t kept_bytes_ = 0;
};

}  // namespace orrery::server
