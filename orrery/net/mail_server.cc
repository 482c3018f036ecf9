#include "orrery/net/mail_server.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "orrery/base/error.h"
#include "orrery/net/start_curl.h"

namespace orrery {
namespace {

struct Upload {
  std::string bytes;
  std::size_t sent = 0;
};

std::size_t give_bytes(char* target, std::size_t size, std::size_t count, void* source) {
  auto& upload = *static_cast<Upload*>(source);
  const std::size_t given = std::min(size * count, upload.bytes.size() - upload.sent);
  upload.bytes.copy(target, given, upload.sent);
  upload.sent += given;
  return given;
}

bool is_lasting(CURLcode code, long answer) {
  if (answer >= 500) return true;
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_USE_SSL_FAILED:
    case CURLE_LOGIN_DENIED:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return true;
    default:
      return false;
  }
}

/// What would have been right, where curl says what was wrong.
std::string expected_of(CURLcode code, const MailServer& server) {
  const auto& bundle = server.certificates;
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
      return fmt::format("a certificate of '{}' that {} trusts", server.host,
                         bundle.empty() ? "this system" : bundle.string());
    case CURLE_SSL_CACERT_BADFILE:
      return fmt::format("trusted certificates (PEM) in {}",
                         bundle.empty() ? "this system" : bundle.string());
    case CURLE_USE_SSL_FAILED:
      return "that the server offers TLS (STARTTLS); no mail was sent";
    default:
      return "that the server takes it";
  }
}

class Envelope {
 public:
  explicit Envelope(const std::vector<std::string>& to) {
    for (const auto& address : to) list_ = curl_slist_append(list_, fmt::format("<{}>", address).c_str());
  }
  ~Envelope() { curl_slist_free_all(list_); }
  Envelope(const Envelope&) = delete;
  Envelope& operator=(const Envelope&) = delete;
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

void prepare_mail(CURL* handle, const MailServer& server) {
  const bool is_encrypted = server.security == MailSecurity::kTls;
  const std::string url =
      fmt::format("{}://{}:{}/orrery", is_encrypted ? "smtps" : "smtp", server.host, server.port);
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(server.connect_seconds * 1e3));
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(server.total_seconds * 1e3));
  curl_easy_setopt(
      handle, CURLOPT_USE_SSL,
      static_cast<long>(server.security == MailSecurity::kStartTls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  if (!server.certificates.empty()) curl_easy_setopt(handle, CURLOPT_CAINFO, server.certificates.c_str());
  if (server.user.empty()) return;
  curl_easy_setopt(handle, CURLOPT_USERNAME, server.user.c_str());
  curl_easy_setopt(handle, CURLOPT_PASSWORD, server.password.reveal().c_str());
}

}  // namespace

void send_mail(const MailServer& server, const Mail& mail) {
  Upload upload{mail_bytes(mail)};
  start_curl_once();
  const std::unique_ptr<CURL, void (*)(CURL*)> handle(curl_easy_init(), &curl_easy_cleanup);
  const Envelope envelope(mail.to);
  std::array<char, CURL_ERROR_SIZE> problem{};
  prepare_mail(handle.get(), server);
  curl_easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, problem.data());
  curl_easy_setopt(handle.get(), CURLOPT_MAIL_FROM, fmt::format("<{}>", mail.from).c_str());
  curl_easy_setopt(handle.get(), CURLOPT_MAIL_RCPT, envelope.get());
  curl_easy_setopt(handle.get(), CURLOPT_UPLOAD, 1L);
  curl_easy_setopt(handle.get(), CURLOPT_READFUNCTION, &give_bytes);
  curl_easy_setopt(handle.get(), CURLOPT_READDATA, &upload);
  const CURLcode code = curl_easy_perform(handle.get());
  if (code == CURLE_OK) return;
  long answer = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &answer);
  const std::string found = problem[0] != '\0' ? problem.data() : curl_easy_strerror(code);
  throw external_error(is_lasting(code, answer) ? ErrorCode::kInvalidArgument : ErrorCode::kUnavailable,
                       redact(fmt::format("mail by {}:{}: found {}; expected {}", server.host, server.port,
                                          found, expected_of(code, server)),
                              server.password));
}

}  // namespace orrery
