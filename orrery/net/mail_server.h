#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "orrery/net/mail_message.h"
#include "orrery/net/secret.h"

namespace orrery {

/// How a connection to a mail server is kept from others' eyes.
enum class MailSecurity : std::uint8_t {
  kStartTls,  ///< plain until the server agrees to TLS, and not sent if it does not
  kTls,       ///< from the first byte
  kNone,      ///< of a server on this machine
};

/// A server that takes mail.
struct MailServer {
  std::string host;
  int port = 587;
  MailSecurity security = MailSecurity::kStartTls;
  std::string user;  ///< "": without signing in
  Secret password = {};
  double connect_seconds = 10.0;
  double total_seconds = 30.0;
  std::filesystem::path certificates = {};  ///< a CA bundle; "": the system's
};

/// Hands a mail to a server (SMTP, by libcurl); certificates are always checked. Errors: kUnavailable where
/// it may work later (no connection, stalled, an answer of 4xx); kInvalidArgument where it won't (5xx, wrong
/// password, untrusted certificate, bad address). Messages name server and answer, never the password.
void send_mail(const MailServer& server, const Mail& mail);

}  // namespace orrery
