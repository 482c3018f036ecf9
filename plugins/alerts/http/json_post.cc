#include "plugins/alerts/http/json_post.h"

#include <fmt/format.h>

#include "orrery/base/error.h"
#include "orrery/net/curl_transport.h"
#include "orrery/net/retry_policy.h"
#include "orrery/net/url.h"

namespace orrery::plugins::alerts {
namespace {

constexpr std::size_t kShownAnswer = 200;

ConnectionOptions quick_connection() {
  ConnectionOptions options;
  options.connect_seconds = 5.0;
  options.stall_seconds = 5.0;
  options.total_seconds = 15.0;
  options.most_bytes = std::size_t{1} << 20;
  options.user_agent = "orrery";
  return options;
}

bool may_pass(const TransportResult& result) {
  if (result.end == TransportEnd::kUntrusted || result.end == TransportEnd::kBadRequest) return false;
  return result.status == 0 || result.end != TransportEnd::kWhole || is_passing_status(result.status);
}

std::string found_in(const TransportResult& result) {
  if (result.status == 0) return result.problem;
  return fmt::format("status {} with \"{}\"", result.status, result.body.substr(0, kShownAnswer));
}

/// An answer may repeat what it was asked: also the path, where that is the key.
std::string without_key(const std::string& message, const PostTarget& target) {
  const bool is_in_path = !target.secret.empty() && target.url == target.secret.reveal();
  const Secret path(is_in_path ? path_of(target.url) : "");
  return redact(redact(message, target.secret), path);
}

}  // namespace

JsonPost::JsonPost(PostTarget target)
    : target_(std::move(target)), transport_(make_curl_transport(quick_connection())) {}

std::string JsonPost::send(const std::string& json) const {
  TransportRequest request;
  request.url = target_.url;
  request.headers = target_.headers;
  request.headers.emplace_back("Content-Type", "application/json");
  request.post = json;
  TransportResult result = transport_->exchange(request);
  // The answer's body says nothing that is needed, so a status is enough where its end is not marked.
  const bool has_answer = result.end == TransportEnd::kWhole || result.end == TransportEnd::kUnmarked;
  if (has_answer && result.status >= 200 && result.status < 300) return std::move(result.body);
  const std::string message = fmt::format("{}: POST {}: found {}; expected status 200", target_.channel,
                                          target_.shown, found_in(result));
  throw external_error(may_pass(result) ? ErrorCode::kUnavailable : ErrorCode::kInvalidArgument,
                       without_key(message, target_));
}

ParameterInfo secret_setting(const std::string& variable, const std::string& summary) {
  return {"secret", variable, summary};
}

Secret required_secret(const ParameterMap& settings) {
  const std::string& variable = get_string(settings, "secret");
  Secret secret = find_secret({variable, {}});
  if (secret.empty()) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("the environment variable {} is empty; it holds the key of this channel", variable));
  }
  return secret;
}

}  // namespace orrery::plugins::alerts
