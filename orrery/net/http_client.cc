#include "orrery/net/http_client.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "orrery/base/error.h"
#include "orrery/net/gzip.h"

namespace orrery {
namespace {

constexpr int kMostRedirects = 5;
constexpr std::size_t kExcerptBytes = 200;

std::string header_of(const TransportResult& result, const std::string& name) {
  const auto found = result.headers.find(name);
  return found == result.headers.end() ? "" : found->second;
}

bool is_redirect(int status) { return status == 301 || status == 302 || status == 307 || status == 308; }

ErrorCode code_of(int status) {
  if (status == 404 || status == 410) return ErrorCode::kNotFound;
  if (status >= 400 && status < 500 && !is_passing_status(status)) return ErrorCode::kInvalidArgument;
  return ErrorCode::kUnavailable;
}

/// The start of a body on one line, for messages.
std::string excerpt(std::string_view body) {
  std::string text;
  for (const char c : body.substr(0, kExcerptBytes)) {
    const bool is_printable = static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
    if (is_printable) {
      text += c;
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';
    }
  }
  return text;
}

/// The first byte of a 206 answer: "bytes 100-199/1000" → 100.
std::size_t range_start(const TransportResult& result) {
  const std::string text = header_of(result, "content-range");
  std::size_t start = std::string::npos;
  if (text.substr(0, 6) == "bytes ") std::from_chars(text.data() + 6, text.data() + text.size(), start);
  return start;
}

}  // namespace

HttpClient::HttpClient(HttpOptions options, WaitClock& clock, std::uint64_t seed,
                       std::unique_ptr<Transport> transport)
    : options_(std::move(options)),
      clock_(clock),
      transport_(transport ? std::move(transport) : make_curl_transport(options_.connection)),
      bucket_(options_.requests_per_minute, options_.burst, clock),
      random_(seed) {}

std::string HttpClient::redacted(std::string text) const {
  return redact(std::move(text), options_.credential.secret);
}

/// One `get`: its attempts, and what earlier ones left behind.
class HttpClient::Attempt {
 public:
  Attempt(HttpClient& client, const HttpRequest& request)
      : client_(client), request_(request), target_(request.url) {
    if (!client.options_.cache.empty()) kept_ = ResponseCache(client.options_.cache).find(request.url);
  }

  HttpResponse run() {
    for (;;) {
      ++attempts_;
      const TransportResult result = exchange();
      if (auto response = answer_of(result)) return *std::move(response);
      if (!is_passing_) throw failure(result);
      wait_or_give_up(result);
    }
  }

 private:
  TransportResult exchange() {
    client_.bucket_.take();
    ++client_.counts_.requests;
    TransportResult result = client_.transport_->exchange(wire_request());
    client_.counts_.bytes += result.body.size();
    return result;
  }

  TransportRequest wire_request() const {
    TransportRequest wire{target_, request_.headers};
    wire.headers.emplace_back("Accept-Encoding", "gzip");
    if (!partial_.empty()) {
      wire.headers.emplace_back("Range", fmt::format("bytes={}-", partial_.size()));
      wire.headers.emplace_back("If-Range", partial_etag_);
    } else if (kept_ && !kept_->etag.empty()) {
      wire.headers.emplace_back("If-None-Match", kept_->etag);
    } else if (kept_ && !kept_->last_modified.empty()) {
      wire.headers.emplace_back("If-Modified-Since", kept_->last_modified);
    }
    add_credential(wire);
    return wire;
  }

  void add_credential(TransportRequest& wire) const {
    const Credential& credential = client_.options_.credential;
    if (credential.secret.empty()) return;
    if (credential.place == Credential::Place::kQuery) {
      wire.url = add_query(wire.url, {{credential.name, credential.secret.reveal()}});
    } else {
      wire.headers.emplace_back(credential.name, credential.prefix + credential.secret.reveal());
    }
  }

  /// Returns the answer where this result completes it. Else says in `problem_` and `is_passing_` what is
  /// wrong.
  std::optional<HttpResponse> answer_of(const TransportResult& result) {
    if (result.end != TransportEnd::kWhole) {
      note_broken(result);
      return std::nullopt;
    }
    if (result.status == 304 && kept_) return kept_answer();
    if (result.status == 200) return whole_answer(result, result.body);
    if (result.status == 206 && !partial_.empty()) return resumed_answer(result);
    if (is_redirect(result.status)) {
      follow(result);
      return std::nullopt;
    }
    is_passing_ = is_passing_status(result.status) || (result.status == 416 && !partial_.empty());
    partial_.clear();
    problem_ = fmt::format("found status {}{}", result.status, quoted(result.body));
    return std::nullopt;
  }

  /// Keeps what came of a broken answer where it can go on later.
  void note_broken(const TransportResult& result) {
    is_passing_ = result.end != TransportEnd::kUntrusted && result.end != TransportEnd::kBadRequest;
    problem_ = fmt::format("found {}", result.problem);
    const std::string etag = header_of(result, "etag");
    const bool may_resume = result.status == 200 && header_of(result, "accept-ranges") == "bytes" &&
                            !etag.empty() && etag.front() == '"' && !result.body.empty();
    if (result.status == 206 && !partial_.empty() && range_start(result) == partial_.size()) {
      partial_ += result.body;
    } else if (may_resume) {
      partial_ = result.body;
      partial_etag_ = etag;
    } else if (result.status != 0) {
      partial_.clear();
    }
  }

  HttpResponse kept_answer() {
    ++client_.counts_.unchanged;
    return {request_.url, kept_->content_type, kept_->body, kept_->retrieved, true};
  }

  std::optional<HttpResponse> resumed_answer(const TransportResult& result) {
    if (range_start(result) != partial_.size()) {
      is_passing_ = true;
      problem_ = fmt::format("found a range that does not begin at byte {}", partial_.size());
      partial_.clear();
      return std::nullopt;
    }
    return whole_answer(result, partial_ + result.body);
  }

  std::optional<HttpResponse> whole_answer(const TransportResult& result, const std::string& bytes) {
    HttpResponse response{request_.url, header_of(result, "content-type"), bytes, client_.clock_.now(),
                          false};
    const std::string encoding = header_of(result, "content-encoding");
    if (encoding == "gzip") {
      auto unpacked = unpack_gzip(bytes, client_.options_.connection.most_bytes);
      if (!unpacked) return refuse("found a gzip body that is damaged or cut off");
      response.body = *std::move(unpacked);
    } else if (!encoding.empty() && encoding != "identity") {
      return refuse(fmt::format("found the content encoding '{}', not gzip", encoding));
    }
    keep(result, response);
    return response;
  }

  std::nullopt_t refuse(std::string problem) {
    problem_ = std::move(problem);
    is_passing_ = true;
    partial_.clear();
    return std::nullopt;
  }

  void keep(const TransportResult& result, const HttpResponse& response) const {
    const std::string etag = header_of(result, "etag");
    const std::string modified = header_of(result, "last-modified");
    if (client_.options_.cache.empty() || (etag.empty() && modified.empty())) return;
    ResponseCache(client_.options_.cache)
        .keep({request_.url, etag, modified, response.content_type, response.retrieved, response.body});
  }

  void follow(const TransportResult& result) {
    const std::string next = resolve_url(target_, header_of(result, "location"));
    const bool same_origin = origin_of(next) == origin_of(target_);
    is_passing_ = false;
    problem_ = fmt::format("found a redirect (status {}) to {}", result.status, origin_of(next));
    const bool has_key = !client_.options_.credential.secret.empty();
    if (++redirects_ > kMostRedirects || (has_key && !same_origin)) return;
    is_passing_ = true;
    is_redirected_ = true;
    target_ = has_key ? without_parameter(next, client_.options_.credential.name) : next;
  }

  void wait_or_give_up(const TransportResult& result) {
    if (is_redirected_) {
      is_redirected_ = false;
      --attempts_;
      return;
    }
    const RetryPolicy& policy = client_.options_.retry;
    if (attempts_ >= policy.attempts) throw failure(result);
    const auto asked = parse_retry_after(header_of(result, "retry-after"), client_.clock_.now());
    if (asked && *asked > policy.longest_wait_seconds) {
      problem_ +=
          fmt::format("; the server asks to wait {} s, more than {} s", *asked, policy.longest_wait_seconds);
      throw failure(result);
    }
    ++client_.counts_.retries;
    if (asked && result.status == 429) client_.bucket_.pause(*asked);
    client_.clock_.wait(asked ? std::max(*asked, 0.0) : backoff());
  }

  double backoff() {
    const std::lock_guard lock(client_.random_mutex_);
    return backoff_seconds(client_.options_.retry, attempts_, client_.random_);
  }

  static std::string quoted(std::string_view body) {
    return body.empty() ? "" : fmt::format(" with \"{}\"", excerpt(body));
  }

  Error failure(const TransportResult& result) const {
    const bool has_status = result.end == TransportEnd::kWhole;
    const std::string tries = attempts_ > 1 ? fmt::format(" ({} attempts)", attempts_) : "";
    const auto message = fmt::format("{}: GET {}: {}, expected a whole answer with status 200{}",
                                     client_.options_.name, request_.url, problem_, tries);
    return external_error(has_status ? code_of(result.status) : ErrorCode::kUnavailable,
                          client_.redacted(message));
  }

  HttpClient& client_;
  const HttpRequest& request_;
  std::string target_;
  std::optional<CachedResponse> kept_;
  std::string partial_;  ///< bytes of an answer that broke, as sent
  std::string partial_etag_;
  int attempts_ = 0;
  int redirects_ = 0;
  bool is_redirected_ = false;
  bool is_passing_ = false;
  std::string problem_;
};

HttpResponse HttpClient::get(const HttpRequest& request) { return Attempt(*this, request).run(); }

}  // namespace orrery
