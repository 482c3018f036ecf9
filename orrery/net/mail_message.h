#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/timestamp.h"

namespace orrery {

/// A mail as a person writes it, all texts in UTF-8.
struct Mail {
  std::string from;             ///< an address: "desk@example.com"
  std::vector<std::string> to;  ///< addresses
  std::string subject;
  std::string text;
  std::string identity;  ///< left of the `@` of its Message-ID, so that a mail sent twice is known as one
  Timestamp date;
};

/// Returns why a text is no plain address ("name@host", without spaces, brackets or control characters), or
/// "".
std::string address_problem(std::string_view address);

/// Writes a mail as it goes over the wire: RFC 5322 headers, RFC 2047 words where a subject is more than
/// printable ASCII, the text in base64 lines. No text can add a header. Errors: kInvalidArgument for an
/// address that is none.
std::string mail_bytes(const Mail& mail);

/// Writes bytes in base64 (RFC 4648, with padding).
std::string base64(std::string_view bytes);

}  // namespace orrery
