#include "orrery/net/curl_transport.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <mutex>

#include "orrery/base/error.h"
#include "orrery/base/letter_case.h"
#include "orrery/base/stopwatch.h"
#include "orrery/net/start_curl.h"
#include "orrery/net/trimmed.h"

namespace orrery {
namespace {

/// A list of header lines as libcurl wants it.
class HeaderList {
 public:
  explicit HeaderList(const TransportRequest& request) {
    for (const auto& [name, value] : request.headers) append(fmt::format("{}: {}", name, value));
    if (request.signer) append_signed(*request.signer);
  }
  ~HeaderList() { curl_slist_free_all(list_); }
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  curl_slist* get() const { return list_; }

 private:
  /// What is signed beside the other headers. S3 wants to be told how the body is covered; libcurl 7.88 does
  /// not say it by itself. TLS covers it.
  void append_signed(const AwsSigner& signer) {
    if (signer.service == "s3") append("x-amz-content-sha256: UNSIGNED-PAYLOAD");
    if (!signer.session_token.empty()) append("x-amz-security-token: " + signer.session_token.reveal());
  }

  void append(const std::string& line) { list_ = curl_slist_append(list_, line.c_str()); }

  curl_slist* list_ = nullptr;
};

/// What the callbacks of one exchange fill.
struct Exchange {
  TransportResult result;
  std::size_t most_bytes = 0;
  bool overfull = false;
  bool moved = false;  ///< bytes came since the last look
};

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* target) {
  auto& exchange = *static_cast<Exchange*>(target);
  if (exchange.result.body.size() + size * count > exchange.most_bytes) {
    exchange.overfull = true;
    return 0;
  }
  exchange.result.body.append(bytes, size * count);
  exchange.moved = true;
  return size * count;
}

std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* target) {
  auto& exchange = *static_cast<Exchange*>(target);
  const std::string_view line(bytes, size * count);
  exchange.moved = true;
  if (line.substr(0, 5) == "HTTP/") exchange.result.headers.clear();
  const auto colon = line.find(':');
  if (colon != std::string_view::npos) {
    const std::string name = lower_case(line.substr(0, colon));
    exchange.result.headers[name] = trimmed(line.substr(colon + 1));
  }
  return size * count;
}

TransportEnd end_of(CURLcode code) {
  switch (code) {
    case CURLE_OK:
      return TransportEnd::kWhole;
    case CURLE_OPERATION_TIMEDOUT:
      return TransportEnd::kTimedOut;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return TransportEnd::kNoAnswer;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
      return TransportEnd::kUntrusted;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WRITE_ERROR:
      return TransportEnd::kBadRequest;
    default:
      return TransportEnd::kCut;
  }
}

/// One easy handle in a multi handle of its own, which keeps the connections open between exchanges.
class CurlHandle {
 public:
  CurlHandle() : easy_(curl_easy_init()), multi_(curl_multi_init()) {}
  ~CurlHandle() {
    curl_easy_cleanup(easy_);
    curl_multi_cleanup(multi_);
  }
  CurlHandle(const CurlHandle&) = delete;
  CurlHandle& operator=(const CurlHandle&) = delete;

  TransportResult exchange(const TransportRequest& request, const ConnectionOptions& options) {
    Exchange exchange;
    exchange.most_bytes = options.most_bytes;
    const HeaderList headers(request);
    prepare(request, options, headers, exchange);
    if (request.put) prepare_body(*request.put, "PUT");
    if (request.post) prepare_body(*request.post, "POST");
    if (request.signer) prepare_signature(*request.signer);
    curl_multi_add_handle(multi_, easy_);
    const CURLcode code = perform(exchange, options);
    finish(code, exchange, options);
    curl_multi_remove_handle(multi_, easy_);
    return std::move(exchange.result);
  }

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(easy_, option, value);
  }

  void prepare(const TransportRequest& request, const ConnectionOptions& options, const HeaderList& headers,
               Exchange& exchange) {
    curl_easy_reset(easy_);
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_USERAGENT, options.user_agent.c_str());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options.connect_seconds * 1e3));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.total_seconds * 1e3));
    set(CURLOPT_WRITEFUNCTION, &take_body);
    set(CURLOPT_WRITEDATA, &exchange);
    set(CURLOPT_HEADERFUNCTION, &take_header);
    set(CURLOPT_HEADERDATA, &exchange);
    problem_.fill('\0');
    set(CURLOPT_ERRORBUFFER, problem_.data());
    if (!options.proxy.empty()) set(CURLOPT_PROXY, options.proxy.c_str());
    if (!options.certificates.empty()) set(CURLOPT_CAINFO, options.certificates.c_str());
  }

  /// As fields of a form: libcurl signs these, and can send them again where a kept connection has died.
  void prepare_body(std::string_view body, const char* method) {
    set(CURLOPT_POSTFIELDS, body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    set(CURLOPT_CUSTOMREQUEST, method);
  }

  void prepare_signature(const AwsSigner& signer) {
    set(CURLOPT_AWS_SIGV4, fmt::format("aws:amz:{}:{}", signer.region, signer.service).c_str());
    set(CURLOPT_USERNAME, signer.access_key.reveal().c_str());
    set(CURLOPT_PASSWORD, signer.secret_key.reveal().c_str());
  }

  /// Lets bytes flow until the exchange ends, or nothing has come for `stall_seconds`.
  CURLcode perform(Exchange& exchange, const ConnectionOptions& options) {
    const Stopwatch watch;
    double last_moved = 0.0;
    for (int running = 1; running != 0;) {
      if (curl_multi_perform(multi_, &running) != CURLM_OK) return CURLE_RECV_ERROR;
      if (running == 0) break;
      if (exchange.moved) last_moved = watch.seconds();
      exchange.moved = false;
      if (watch.seconds() - last_moved > options.stall_seconds) {
        exchange.result.end = TransportEnd::kStalled;
        return CURLE_OK;
      }
      curl_multi_poll(multi_, nullptr, 0, 50, nullptr);
    }
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(multi_, &left);
    return message == nullptr ? CURLE_RECV_ERROR : message->data.result;
  }

  void finish(CURLcode code, Exchange& exchange, const ConnectionOptions& options) {
    TransportResult& result = exchange.result;
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    result.status = static_cast<int>(status);
    if (result.end == TransportEnd::kStalled) {
      result.problem = fmt::format("nothing came for {} s", options.stall_seconds);
      return;
    }
    result.end = end_of(code);
    if (code == CURLE_OK && !is_marked(result)) result.end = TransportEnd::kUnmarked;
    if (result.end == TransportEnd::kUnmarked) result.problem = "the server did not say where the body ends";
    if (exchange.overfull) {
      result.problem = fmt::format("the body has over {} bytes", options.most_bytes);
    } else if (code != CURLE_OK) {
      result.problem = problem_[0] != '\0' ? problem_.data() : curl_easy_strerror(code);
    }
  }

  /// Whether the end of the body was certain: a length, chunks, or a protocol that frames by itself.
  bool is_marked(const TransportResult& result) {
    long version = 0;
    curl_easy_getinfo(easy_, CURLINFO_HTTP_VERSION, &version);
    return version >= CURL_HTTP_VERSION_2_0 || result.headers.count("content-length") > 0 ||
           result.headers.count("transfer-encoding") > 0 || result.status == 304 || result.status == 204;
  }

  CURL* easy_;
  CURLM* multi_;
  std::array<char, CURL_ERROR_SIZE> problem_{};
};

class CurlTransport final : public Transport {
 public:
  explicit CurlTransport(ConnectionOptions options) : options_(std::move(options)) { start_curl_once(); }

  TransportResult exchange(const TransportRequest& request) override {
    auto handle = borrow();
    TransportResult result = handle->exchange(request, options_);
    give_back(std::move(handle));
    return result;
  }

 private:
  std::unique_ptr<CurlHandle> borrow() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<CurlHandle>();
    auto handle = std::move(idle_.back());
    idle_.pop_back();
    return handle;
  }

  void give_back(std::unique_ptr<CurlHandle> handle) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(handle));
  }

  ConnectionOptions options_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<CurlHandle>> idle_;
};

}  // namespace

void start_curl_once() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) {
    throw external_error(ErrorCode::kUnavailable,
                         fmt::format("libcurl does not start: {}", curl_easy_strerror(started)));
  }
}

std::filesystem::path default_certificates() {
  const auto* version = curl_version_info(CURLVERSION_NOW);
  const bool is_known = version->age >= CURLVERSION_SEVENTH && version->cainfo != nullptr;
  return is_known ? version->cainfo : "";
}

std::unique_ptr<Transport> make_curl_transport(const ConnectionOptions& options) {
  return std::make_unique<CurlTransport>(options);
}

}  // namespace orrery
