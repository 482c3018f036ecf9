#include "orrery/net/mail_message.h"

#include <gtest/gtest.h>

#include "testing/error_message.h"

namespace orrery::mail_message_test {
namespace {

Mail example() {
  Mail mail;
  mail.from = "orrery@desk.example";
  mail.to = {"ann@desk.example", "ben@desk.example"};
  mail.subject = "CRITICAL: fetch failed";
  mail.text = "no answer\n";
  mail.identity = "orrery-1";
  mail.date = *parse_timestamp("2026-01-05T09:08:07Z");
  return mail;
}

TEST(Base64, IsAsInTheStandard) {
  // RFC 4648, section 10.
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foo"), "Zm9v");
  EXPECT_EQ(base64("foob"), "Zm9vYg==");
  EXPECT_EQ(base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64("\xff\xfe\xfd"), "//79");
}

TEST(MailBytes, AreAMail) {
  EXPECT_EQ(mail_bytes(example()),
            "Date: Mon, 05 Jan 2026 09:08:07 +0000\r\nFrom: <orrery@desk.example>\r\n"
            "To: <ann@desk.example>,\r\n <ben@desk.example>\r\nSubject: CRITICAL: fetch failed\r\n"
            "Message-ID: <orrery-1@desk.example>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            "bm8gYW5zd2VyCg==\r\n");
}

TEST(MailBytes, ASubjectAddsNoHeaderAndCutsNoCharacter) {
  Mail mail = example();
  mail.subject = "x\r\nBcc: all@desk.example";
  EXPECT_EQ(mail_bytes(mail).find("Bcc"), std::string::npos);
  mail.subject.clear();
  for (int i = 0; i < 60; ++i) mail.subject += "€";
  const std::string bytes = mail_bytes(mail);
  const std::string fourteen = base64("€€€€€€€€€€€€€€");
  EXPECT_NE(bytes.find("Subject: =?UTF-8?B?" + fourteen + "?=\r\n =?UTF-8?B?"), std::string::npos) << bytes;
}

TEST(MailBytes, AnAddressIsAnAddress) {
  for (const char* bad :
       {"", "ann", "@desk", "ann@", "a@b@c", "ann@desk.example>\r\nRCPT TO:<x@y", "a n@b", "a@b,c@d"}) {
    EXPECT_NE(address_problem(bad), "") << bad;
    Mail mail = example();
    mail.to = {bad};
    EXPECT_NE(testing::message_of([&] { mail_bytes(mail); }), "") << bad;
  }
  EXPECT_EQ(address_problem("o'neill+x@desk-1.example"), "");
}

}  // namespace
}  // namespace orrery::mail_message_test
