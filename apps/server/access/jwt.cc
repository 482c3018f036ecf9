#include "apps/server/access/jwt.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <vector>

#include "apps/server/access/secrets.h"
#include "apps/server/api/json.h"
#include "orrery/base/error.h"

namespace orrery::server {
namespace {

constexpr int kFewestRsaBits = 2048;
constexpr std::int64_t kClockTolerance = 30;  // seconds
constexpr std::size_t kLongestToken = 8192;

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, FreeContext>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// A whole number of seconds, as JWT's dates are here; a fraction is cut off.
std::optional<Timestamp> moment_of(const Json& claims, const char* name) {
  if (!claims.contains(name) || !claims[name].is_number()) return std::nullopt;
  const double seconds = claims[name].get<double>();
  if (!(seconds >= 0.0 && seconds < 9e9)) return std::nullopt;
  return Timestamp{static_cast<std::int64_t>(seconds) * kNanosecondsPerSecond};
}

std::string text_of(const Json& claims, const char* name) {
  return claims.contains(name) && claims[name].is_string() ? claims[name].get<std::string>() : std::string();
}

bool is_for(const Json& claims, const std::string& audience) {
  if (!claims.contains("aud")) return false;
  const Json& named = claims["aud"];
  if (named.is_string()) return named == audience;
  return named.is_array() && std::find(named.begin(), named.end(), Json(audience)) != named.end();
}

/// Reads one of a token's parts as an object. Nothing for anything else.
std::optional<Json> part_of(std::string_view text) {
  const auto bytes = from_base64url(text);
  if (!bytes) return std::nullopt;
  Json part = Json::parse(*bytes, nullptr, false);
  if (!part.is_object()) return std::nullopt;
  return part;
}

std::optional<JwtClaims> checked_claims(const Json& claims, const JwtIssuer& issuer, Timestamp now) {
  const auto tolerance = kClockTolerance * kNanosecondsPerSecond;
  const auto expires = moment_of(claims, "exp");
  if (!expires || expires->nanoseconds <= now.nanoseconds) return std::nullopt;
  if (claims.contains("nbf")) {
    const auto begins = moment_of(claims, "nbf");
    if (!begins || begins->nanoseconds > now.nanoseconds + tolerance) return std::nullopt;
  }
  const auto role = role_of(text_of(claims, "role"));
  JwtClaims checked{text_of(claims, "sub"),
                    role.value_or(Role::kViewer),
                    text_of(claims, "jti"),
                    text_of(claims, "csrf"),
                    moment_of(claims, "iat").value_or(Timestamp{}),
                    *expires};
  if (!role || checked.subject.empty() || checked.id.empty()) return std::nullopt;
  if (text_of(claims, "iss") != issuer.name || !is_for(claims, issuer.audience)) return std::nullopt;
  return checked;
}

}  // namespace

JwtKey::JwtKey(evp_pkey_st* key, bool signs) : key_(key, EVP_PKEY_free), signs_(signs) {}

JwtKey JwtKey::make() {
  EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
  if (key == nullptr) throw internal_error("no Ed25519 key can be made");
  return {key, true};
}

JwtKey JwtKey::read(const std::string& pem, const std::string& source) {
  const auto open = [&pem] { return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); };
  const bool is_private = pem.find("PRIVATE KEY-----") != std::string::npos;
  EVP_PKEY* found = is_private ? PEM_read_bio_PrivateKey(open().get(), nullptr, nullptr, nullptr)
                               : PEM_read_bio_PUBKEY(open().get(), nullptr, nullptr, nullptr);
  if (found == nullptr) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("{}: this is no key in PEM (BEGIN PUBLIC KEY or BEGIN PRIVATE KEY)", source));
  }
  JwtKey key(found, is_private);
  const int type = EVP_PKEY_get_base_id(found);
  const bool good =
      type == EVP_PKEY_ED25519 || (type == EVP_PKEY_RSA && EVP_PKEY_get_bits(found) >= kFewestRsaBits);
  if (!good) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{}: keys are Ed25519, or RSA of {} bits or more", source, kFewestRsaBits));
  }
  return key;
}

std::string_view JwtKey::algorithm() const {
  return EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_ED25519 ? "EdDSA" : "RS256";
}

std::string JwtKey::private_pem() const {
  const Bio memory(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PrivateKey(memory.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    throw internal_error("a key can't be written");
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string JwtKey::sign(std::string_view text) const {
  const Context context(EVP_MD_CTX_new());
  const EVP_MD* digest = algorithm() == "EdDSA" ? nullptr : EVP_sha256();
  std::size_t size = 0;
  std::string signature;
  const bool begun = EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1 &&
                     EVP_DigestSign(context.get(), nullptr, &size, bytes_of(text), text.size()) == 1;
  if (begun) signature.resize(size);
  if (!begun || EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                               bytes_of(text), text.size()) != 1) {
    throw internal_error("a token can't be signed");
  }
  signature.resize(size);
  return signature;
}

bool JwtKey::verify(std::string_view text, std::string_view signature) const {
  const Context context(EVP_MD_CTX_new());
  const EVP_MD* digest = algorithm() == "EdDSA" ? nullptr : EVP_sha256();
  return EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(text),
                          text.size()) == 1;
}

std::string make_jwt(const JwtIssuer& issuer, const std::string& key_name, const JwtClaims& claims) {
  const JwtKey& key = issuer.keys.at(key_name);
  const Json header = {{"alg", key.algorithm()}, {"kid", key_name}, {"typ", "JWT"}};
  Json body = {{"iss", issuer.name},
               {"aud", issuer.audience},
               {"sub", claims.subject},
               {"role", to_string(claims.role)},
               {"jti", claims.id},
               {"iat", claims.issued.nanoseconds / kNanosecondsPerSecond},
               {"exp", claims.expires.nanoseconds / kNanosecondsPerSecond}};
  if (!claims.csrf.empty()) body["csrf"] = claims.csrf;
  const std::string text = base64url(header.dump()) + "." + base64url(body.dump());
  return text + "." + base64url(key.sign(text));
}

std::optional<JwtClaims> verify_jwt(const JwtIssuer& issuer, std::string_view token, Timestamp now) {
  if (token.size() > kLongestToken) return std::nullopt;
  const std::size_t first = token.find('.'), last = token.rfind('.');
  if (first == std::string_view::npos || last == first || token.find('.', first + 1) != last)
    return std::nullopt;
  const auto header = part_of(token.substr(0, first));
  if (!header || header->contains("crit")) return std::nullopt;
  const auto key = issuer.keys.find(text_of(*header, "kid"));
  if (key == issuer.keys.end() || text_of(*header, "alg") != key->second.algorithm()) return std::nullopt;
  const auto signature = from_base64url(token.substr(last + 1));
  if (!signature || !key->second.verify(token.substr(0, last), *signature)) return std::nullopt;
  const auto claims = part_of(token.substr(first + 1, last - first - 1));
  if (!claims) return std::nullopt;
  return checked_claims(*claims, issuer, now);
}

}  // namespace orrery::server
