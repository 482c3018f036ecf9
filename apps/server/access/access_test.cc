#include <gtest/gtest.h>

#include <map>

#include "apps/server/access/jwt.h"
#include "apps/server/access/rate_limiter.h"
#include "apps/server/access/secrets.h"

namespace orrery::server::access_test {
namespace {

std::string from_hexadecimal(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

TEST(Secrets, Sha256OfThePublishedExample) {
  // FIPS 180-4's example "abc".
  EXPECT_EQ(sha256("abc"),
            from_hexadecimal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
}

TEST(Secrets, Base64UrlOfThePublishedExamples) {
  // RFC 4648, 10, without the padding.
  const std::map<std::string, std::string> examples = {
      {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
      {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : examples) {
    EXPECT_EQ(base64url(bytes), text);
    EXPECT_EQ(from_base64url(text), bytes);
  }
  const std::string all = from_hexadecimal("fbff00fe7f");
  EXPECT_EQ(from_base64url(base64url(all)), all);
}

TEST(Secrets, OneTextForOneSecret) {
  for (const char* wrong : {"Zg=", "Zh", "Z", "Zm9vYg==", "Zm 9v", "Zm+v", "Zm/v"}) {
    EXPECT_FALSE(from_base64url(wrong)) << wrong;
  }
}

TEST(Secrets, AreNotTheSameTwice) { EXPECT_NE(secret_bytes(32), secret_bytes(32)); }

// The key and signature of RFC 8037, A.4: an Ed25519 signature over a JWS whose payload is a plain text.
TEST(Jwt, VerifiesThePublishedSignature) {
  const std::string pem =
      "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END "
      "PUBLIC KEY-----\n";
  const JwtKey key = JwtKey::read(pem, "RFC 8037");
  EXPECT_EQ(key.algorithm(), "EdDSA");
  EXPECT_FALSE(key.can_sign());
  const std::string text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  const std::string signature =
      "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  EXPECT_TRUE(key.verify(text, from_base64url(signature).value()));
  EXPECT_FALSE(key.verify(text + "x", from_base64url(signature).value()));
}

TEST(Jwt, RefusesKeysThatAreTooWeakOrNone) {
  EXPECT_THROW(JwtKey::read("nothing", "a text"), std::exception);
  const std::string rsa_512 =
      "-----BEGIN PUBLIC KEY-----\nMFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf\n"
      "9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ==\n-----END PUBLIC KEY-----\n";
  EXPECT_THROW(JwtKey::read(rsa_512, "a short key"), std::exception);
}

TEST(Jwt, EveryChangedByteIsFoundOut) {
  JwtIssuer issuer{"us", "them", {}};
  issuer.keys.emplace("k", JwtKey::make());
  const Timestamp now{1'700'000'000 * kNanosecondsPerSecond};
  const Timestamp later{now.nanoseconds + 60 * kNanosecondsPerSecond};
  const std::string token = make_jwt(issuer, "k", {"ann", Role::kTrader, "7", "", now, later});
  const auto claims = verify_jwt(issuer, token, now);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->subject, "ann");
  EXPECT_EQ(claims->role, Role::kTrader);
  EXPECT_FALSE(verify_jwt(issuer, token, later));
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(verify_jwt(issuer, changed, now)) << i;
  }
  for (std::size_t size = 0; size < token.size(); ++size) {
    EXPECT_FALSE(verify_jwt(issuer, token.substr(0, size), now)) << size;
  }
}

TEST(Rates, FillWithTimeUpToTheBurst) {
  RateLimiter limiter({2.0, 3.0});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.take("a", 10.0), 0.0);
  EXPECT_DOUBLE_EQ(limiter.take("a", 10.0), 0.5);
  EXPECT_EQ(limiter.take("b", 10.0), 0.0);
  EXPECT_DOUBLE_EQ(limiter.wait("a", 10.25), 0.25);
  EXPECT_EQ(limiter.take("a", 10.5), 0.0);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(limiter.take("a", 1000.0), 0.0);
  EXPECT_GT(limiter.take("a", 1000.0), 0.0);
}

TEST(Rates, ManyNamesTakeBoundedMemory) {
  RateLimiter limiter({1.0, 1.0});
  for (int i = 0; i < 200'000; ++i) EXPECT_EQ(limiter.take(std::to_string(i), 1.0), 0.0);
  EXPECT_EQ(limiter.take("once more", 1.0), 0.0);
}

}  // namespace
}  // namespace orrery::server::access_test
