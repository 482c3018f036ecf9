#include "orrery/net/mail_message.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "orrery/base/error.h"

namespace orrery {
namespace {

constexpr std::size_t kBase64Line = 76;    // characters of a base64 line, RFC 2045
constexpr std::size_t kWordBytes = 42;     // of a text in one encoded word, which has at most 75 characters
constexpr std::size_t kPlainSubject = 70;  // longer ones are words too, which may be folded
constexpr std::array kMailDays = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array kMailMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

bool is_printable(char c) { return c >= 0x20 && c < 0x7f; }

bool continues_a_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

std::string mail_date(Timestamp moment) {
  const Date day = day_of(moment);
  const YearMonthDay parts = year_month_day(day);
  const std::int64_t seconds = (moment.nanoseconds - start_of(day).nanoseconds) / kNanosecondsPerSecond;
  return fmt::format("{}, {:02d} {} {} {:02d}:{:02d}:{:02d} +0000",
                     kMailDays[static_cast<std::size_t>(weekday(day))], parts.day,
                     kMailMonths[static_cast<std::size_t>(parts.month - 1)], parts.year, seconds / 3600,
                     seconds / 60 % 60, seconds % 60);
}

/// RFC 2047: as many words as it needs, none of which cuts a character.
std::string encoded_words(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    std::size_t size = std::min(kWordBytes, text.size());
    while (size > 1 && size < text.size() && continues_a_character(text[size])) --size;
    words.push_back(fmt::format("=?UTF-8?B?{}?=", base64(text.substr(0, size))));
    text.remove_prefix(size);
  }
  return fmt::format("{}", fmt::join(words, "\r\n "));
}

std::string header_text(std::string_view text) {
  const bool is_plain = text.size() <= kPlainSubject && std::all_of(text.begin(), text.end(), is_printable) &&
                        text.find("=?") == std::string_view::npos;
  return is_plain ? std::string(text) : encoded_words(text);
}

std::string folded(const std::string& encoded) {
  std::string lines;
  for (std::size_t at = 0; at < encoded.size(); at += kBase64Line)
    lines += encoded.substr(at, kBase64Line) + "\r\n";
  return lines;
}

void require_address(std::string_view address) {
  const std::string problem = address_problem(address);
  if (!problem.empty()) throw user_error(ErrorCode::kInvalidArgument, problem);
}

}  // namespace

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8U | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += i <= count ? kDigits[group >> (18U - 6U * static_cast<unsigned>(i)) & 63U] : '=';
    }
  }
  return text;
}

std::string address_problem(std::string_view address) {
  const auto at = address.find('@');
  const bool has_two_sides = at != std::string_view::npos && at > 0 && at + 1 < address.size() &&
                             address.find('@', at + 1) == std::string_view::npos;
  const bool is_plain = std::all_of(address.begin(), address.end(), [](char c) {
    return is_printable(c) && std::string_view(" <>,;:\"\\()[]").find(c) == std::string_view::npos;
  });
  if (has_two_sides && is_plain && address.size() <= 254) return "";
  return fmt::format("'{}' is no mail address; expected one such as desk@example.com", address);
}

std::string mail_bytes(const Mail& mail) {
  require_address(mail.from);
  for (const auto& address : mail.to) require_address(address);
  const std::string host = mail.from.substr(mail.from.find('@') + 1);
  std::string bytes = fmt::format("Date: {}\r\nFrom: <{}>\r\n", mail_date(mail.date), mail.from);
  bytes += fmt::format("To: <{}>\r\n", fmt::join(mail.to, ">,\r\n <"));
  bytes +=
      fmt::format("Subject: {}\r\nMessage-ID: <{}@{}>\r\n", header_text(mail.subject), mail.identity, host);
  bytes += "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n";
  bytes += "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n";
  return bytes + folded(base64(mail.text));
}

}  // namespace orrery
