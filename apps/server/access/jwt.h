#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "apps/server/access/identity.h"

struct evp_pkey_st;

namespace orrery::server {

/// A key that signs or verifies JWTs: Ed25519 (EdDSA) or RSA of 2,048 bits or more (RS256). What it is says
/// its type, so that a token's own `alg` is only ever compared, never obeyed.
class JwtKey {
 public:
  /// Makes a new Ed25519 key.
  static JwtKey make();
  /// Reads a private or public key in PEM. `source` names it in errors. Errors: kInvalidArgument.
  static JwtKey read(const std::string& pem, const std::string& source);

  std::string_view algorithm() const;  ///< "EdDSA" or "RS256"
  bool can_sign() const { return signs_; }
  std::string private_pem() const;
  /// The signature's bytes. Errors: kInternal.
  std::string sign(std::string_view text) const;
  bool verify(std::string_view text, std::string_view signature) const;

 private:
  JwtKey(evp_pkey_st* key, bool signs);
  std::shared_ptr<evp_pkey_st> key_;
  bool signs_ = false;
};

/// What a token says of its bearer.
struct JwtClaims {
  std::string subject;
  Role role = Role::kViewer;
  std::string id;    ///< `jti`, by which it can be revoked
  std::string csrf;  ///< of a session in a browser
  Timestamp issued;
  Timestamp expires;
};

/// The keys that tokens of one issuer may be signed with, by `kid`: several, so that a new one can come
/// before the old one goes.
struct JwtIssuer {
  std::string name;      ///< `iss`
  std::string audience;  ///< `aud`
  std::map<std::string, JwtKey> keys;
};

/// Signs a token with the key named `key_name`.
std::string make_jwt(const JwtIssuer& issuer, const std::string& key_name, const JwtClaims& claims);

/// Returns the claims of a good token: known key, that key's algorithm, valid signature, issuer and audience,
/// `exp` ahead and `nbf` behind (30 s for clocks that differ), a known `role`, `sub` and `jti` there. Nothing
/// for any other.
std::optional<JwtClaims> verify_jwt(const JwtIssuer& issuer, std::string_view token, Timestamp now);

}  // namespace orrery::server
