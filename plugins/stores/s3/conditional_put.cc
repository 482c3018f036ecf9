#include "plugins/stores/s3/conditional_put.h"

#include <fmt/format.h>

#include "orrery/base/error.h"

namespace orrery::plugins::stores::s3 {
namespace {

constexpr int kStored = 200;
constexpr int kConflict = 409;  ///< another write of the same name is under way
constexpr int kTaken = 412;
constexpr int kNotImplemented = 501;

/// Returns the text of an element that has no others in it; "" where there is none.
std::string element(std::string_view xml, std::string_view name) {
  const auto open = fmt::format("<{}>", name), close = fmt::format("</{}>", name);
  const auto start = xml.find(open);
  if (start == std::string_view::npos) return "";
  const auto end = xml.find(close, start);
  if (end == std::string_view::npos) return "";
  return std::string(xml.substr(start + open.size(), end - start - open.size()));
}

/// Whether it is open what became of the request, or it may be made again.
bool may_pass(const TransportResult& result) {
  if (result.end == TransportEnd::kUntrusted || result.end == TransportEnd::kBadRequest) return false;
  return result.status < 300 || result.status == kConflict || is_passing_status(result.status);
}

Error refused(const NewObject& object, const TransportResult& result) {
  const auto* advice = result.status == kNotImplemented
                           ? "; the server does not know If-None-Match, without which a lake can't be written"
                           : "";
  return external_error(
      ErrorCode::kIo, fmt::format("can't write {}: {}{}", object.address, describe_refusal(result), advice));
}

}  // namespace

std::string describe_refusal(const TransportResult& result) {
  if (result.status == 0 || result.status == kStored) return result.problem;
  auto text = fmt::format("status {}", result.status);
  if (const auto code = element(result.body, "Code"); !code.empty()) text += " " + code;
  if (const auto message = element(result.body, "Message"); !message.empty()) text += ": " + message;
  const auto region = result.headers.find("x-amz-bucket-region");
  if (region != result.headers.end()) text += fmt::format(" (the bucket lies in {})", region->second);
  return text;
}

ConditionalPut::ConditionalPut(Transport& transport, WaitClock& clock, std::uint64_t seed, RetryPolicy policy)
    : transport_(transport), clock_(clock), random_(seed), policy_(policy) {}

TransportResult ConditionalPut::send(const NewObject& object) {
  return transport_.exchange({object.url,
                              {{"If-None-Match", "*"}, {"Content-Type", "application/octet-stream"}},
                              object.content,
                              object.signer()});
}

void ConditionalPut::wait(const TransportResult& result, int attempt) {
  const auto asked = result.headers.find("retry-after");
  std::optional<double> seconds;
  if (asked != result.headers.end()) seconds = parse_retry_after(asked->second, clock_.now());
  const double backoff = backoff_seconds(policy_, attempt, random_);
  clock_.wait(std::min(std::max(seconds.value_or(0.0), backoff), policy_.longest_wait_seconds));
}

/// Whether what is stored is ours; nothing where nothing is.
std::optional<bool> ConditionalPut::settle(const NewObject& object) {
  const auto stored = object.read_back();
  if (!stored) return std::nullopt;
  return *stored == object.content;
}

bool ConditionalPut::put(const NewObject& object) {
  TransportResult result;
  for (int attempt = 1; attempt <= policy_.attempts; ++attempt) {
    result = send(object);
    if (result.status == kStored) return true;
    if (result.status == kTaken) {
      if (const auto is_ours = settle(object)) return *is_ours;
    } else if (!may_pass(result)) {
      throw refused(object, result);
    }
    if (attempt < policy_.attempts) wait(result, attempt);
  }
  const auto problem = describe_refusal(result);
  try {
    if (const auto is_ours = settle(object)) return *is_ours;
  } catch (const Error&) {
    throw external_error(
        ErrorCode::kIo,
        fmt::format("the server does not say whether it has stored {}; look before repeating, after "
                    "{} attempts: {}",
                    object.address, policy_.attempts, problem));
  }
  throw external_error(ErrorCode::kIo, fmt::format("can't write {}, after {} attempts: {}", object.address,
                                                   policy_.attempts, problem));
}

}  // namespace orrery::plugins::stores::s3
