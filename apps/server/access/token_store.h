#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "apps/server/access/identity.h"
#include "orrery/data/sqlite_database.h"

namespace orrery::server {

/// An API token as it is listed: all but the secret, of which only the SHA-256 is kept.
struct ApiToken {
  std::int64_t number = 0;
  std::string name;
  Role role = Role::kViewer;
  Timestamp created;
  Timestamp expires;
  std::optional<Timestamp> revoked;
};

/// A token that was just made: the only moment at which its secret is there.
struct NewToken {
  ApiToken token;
  std::string secret;  ///< "orrery_" and 43 letters: 256 random bits
};

/// The API tokens of a server, and the JWTs that were revoked, in one SQLite file that only its owner may
/// read. What was written survives a kill. Thread-safe.
class TokenStore {
 public:
  /// Opens the store, and makes it where it is not. Errors: kIo, kDataCorrupt.
  explicit TokenStore(const std::filesystem::path& file);

  /// Errors: kInvalidArgument for an empty name, or one of more than 64 bytes.
  NewToken create(const std::string& name, Role role, Timestamp now, Timestamp expires);
  std::vector<ApiToken> tokens();
  /// Errors: kNotFound; kAlreadyExists when it is revoked.
  ApiToken revoke(std::int64_t number, Timestamp now);
  /// Returns whose secret this is. Nothing for an unknown, expired or revoked one.
  std::optional<Identity> identify(std::string_view secret, Timestamp now);

  /// Revokes a JWT by its `jti`, until `expires`, when nobody takes it any more in any case.
  void revoke_jwt(const std::string& id, Timestamp expires, Timestamp now);
  bool is_revoked(const std::string& id);

 private:
  std::mutex mutex_;
  SqliteDatabase database_;
};

}  // namespace orrery::server
