#include <fmt/format.h>

#include "orrery/base/error.h"
#include "orrery/net/mail_server.h"
#include "orrery/net/trimmed.h"
#include "plugins/alerts/http/json_post.h"
#include "plugins/alerts/registry.h"

namespace orrery::plugins::alerts::email_plugin {
namespace {

constexpr std::size_t kMostSubject = 200;
constexpr std::size_t kMostBytes = 256 * 1024;

class Email final : public AlertChannel {
 public:
  Email(MailServer server, std::string from, std::vector<std::string> to)
      : server_(std::move(server)), from_(std::move(from)), to_(std::move(to)) {}

  void send(const AlertMessage& message) override {
    Mail mail;
    mail.from = from_;
    mail.to = to_;
    mail.subject = shortened(message_heading(message), kMostSubject);
    mail.text = shortened(message_body(message), kMostBytes);
    mail.identity = fmt::format("orrery-{}-{}{}", message.raised.nanoseconds, message.number,
                                message.escalated ? "-escalated" : "");
    mail.date = message.raised;
    try {
      send_mail(server_, mail);
    } catch (const Error& error) {
      throw Error(error.code(), error.origin(), fmt::format("email: {}", error.what()));
    }
  }

 private:
  MailServer server_;
  std::string from_;
  std::vector<std::string> to_;
};

std::vector<std::string> addresses(const std::string& list) {
  std::vector<std::string> found;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(',', begin), list.size());
    const std::string address = trimmed(std::string_view(list).substr(begin, end - begin));
    if (!address.empty()) found.push_back(address);
    begin = end + 1;
  }
  return found;
}

std::string checked_address(const std::string& address) {
  const std::string problem = address_problem(address);
  if (!problem.empty()) throw user_error(ErrorCode::kInvalidArgument, problem);
  return address;
}

MailSecurity security_of(const std::string& name) {
  if (name == "tls") return MailSecurity::kTls;
  return name == "none" ? MailSecurity::kNone : MailSecurity::kStartTls;
}

std::unique_ptr<AlertChannel> make(const ParameterMap& settings) {
  MailServer server;
  server.host = get_string(settings, "host");
  server.port = static_cast<int>(get_integer(settings, "port"));
  server.security = security_of(get_string(settings, "security"));
  server.user = get_string(settings, "user");
  server.certificates = get_string(settings, "certificates");
  server.connect_seconds = 5.0;
  server.total_seconds = 15.0;
  if (server.host.empty()) throw user_error(ErrorCode::kInvalidArgument, "the setting 'host' is missing");
  if (!server.user.empty()) server.password = required_secret(settings);
  const auto to = addresses(get_string(settings, "to"));
  if (to.empty()) throw user_error(ErrorCode::kInvalidArgument, "the setting 'to' is missing");
  for (const auto& address : to) checked_address(address);
  return std::make_unique<Email>(std::move(server), checked_address(get_string(settings, "from")), to);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("email",
               {{"A mailbox, by a server that takes mail (SMTP)",
                 "https://www.rfc-editor.org/rfc/rfc5321",
                 {{"host", std::string(), "the mail server"},
                  {"port", std::int64_t{587}, "its port", 1, 65535},
                  {"security",
                   std::string("starttls"),
                   "how the connection is encrypted; none: only for a server on this machine",
                   {},
                   {},
                   {"starttls", "tls", "none"}},
                  {"from", std::string(), "address of the sender"},
                  {"to", std::string(), "addresses, with commas between them"},
                  {"certificates", std::string(), "file of trusted ones (CA bundle); empty: the system's"},
                  {"user", std::string(), "who signs in; empty: nobody"},
                  secret_setting("SMTP_PASSWORD", "environment variable that holds the password of 'user'")}},
                make});
}

}  // namespace orrery::plugins::alerts::email_plugin
