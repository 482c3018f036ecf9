#include "apps/server/access/token_store.h"

#include <fmt/format.h>

#include "apps/server/access/secrets.h"
#include "orrery/base/error.h"
#include "orrery/base/private_file.h"

namespace orrery::server {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::string_view kPrefix = "orrery_";

/// The file holds who may do what: nobody else on the machine may read it, from its first byte on.
const std::filesystem::path& private_at(const std::filesystem::path& file) {
  make_private_file(file);
  return file;
}

ApiToken token_of(const SqliteStatement& row) {
  ApiToken token;
  token.number = row.integer(0);
  token.name = row.text(1);
  token.role = role_of(row.text(2)).value_or(Role::kViewer);
  token.created.nanoseconds = row.integer(3);
  token.expires.nanoseconds = row.integer(4);
  if (!row.missing(5)) token.revoked = Timestamp{row.integer(5)};
  return token;
}

constexpr const char* kColumns = "SELECT number, name, role, created, expires, revoked FROM tokens";

}  // namespace

TokenStore::TokenStore(const std::filesystem::path& file)
    : database_(private_at(file), "the server's tokens") {
  database_.execute(
      "CREATE TABLE IF NOT EXISTS tokens(number INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, role "
      "TEXT "
      "NOT NULL, digest TEXT NOT NULL UNIQUE, created INTEGER NOT NULL, expires INTEGER NOT NULL, revoked "
      "INTEGER);"
      "CREATE TABLE IF NOT EXISTS revoked_jwts(id TEXT PRIMARY KEY, expires INTEGER NOT NULL)");
}

NewToken TokenStore::create(const std::string& name, Role role, Timestamp now, Timestamp expires) {
  if (name.empty() || name.size() > kLongestName) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("a token needs a name of 1 to {} bytes; '{}' has {}", kLongestName,
                                 name.substr(0, kLongestName), name.size()));
  }
  NewToken made;
  made.secret = std::string(kPrefix) + base64url(secret_bytes(32));
  const std::lock_guard lock(mutex_);
  database_.transaction([&] {
    auto insert = database_.statement(
        "INSERT INTO tokens(name, role, digest, created, expires) VALUES(?, ?, ?, ?, ?) RETURNING number");
    insert.bind(name)
        .bind(std::string(to_string(role)))
        .bind(base64url(sha256(made.secret)))
        .bind(now.nanoseconds)
        .bind(expires.nanoseconds);
    insert.step();
    made.token = {insert.integer(0), name, role, now, expires, std::nullopt};
  });
  return made;
}

std::vector<ApiToken> TokenStore::tokens() {
  const std::lock_guard lock(mutex_);
  std::vector<ApiToken> all;
  auto rows = database_.statement(fmt::format("{} ORDER BY number", kColumns));
  while (rows.step()) all.push_back(token_of(rows));
  return all;
}

ApiToken TokenStore::revoke(std::int64_t number, Timestamp now) {
  const std::lock_guard lock(mutex_);
  ApiToken token;
  database_.transaction([&] {
    auto row = database_.statement(fmt::format("{} WHERE number = ?", kColumns));
    if (!row.bind(number).step()) {
      throw user_error(ErrorCode::kNotFound, fmt::format("there is no token {}", number));
    }
    token = token_of(row);
    if (token.revoked) {
      throw user_error(ErrorCode::kAlreadyExists,
                       fmt::format("token {} was revoked at {}", number, to_string(*token.revoked)));
    }
    token.revoked = now;
    database_.statement("UPDATE tokens SET revoked = ? WHERE number = ?")
        .bind(now.nanoseconds)
        .bind(number)
        .step();
  });
  return token;
}

std::optional<Identity> TokenStore::identify(std::string_view secret, Timestamp now) {
  if (!secret.starts_with(kPrefix)) return std::nullopt;
  const std::string digest = base64url(sha256(secret));
  const std::lock_guard lock(mutex_);
  auto row = database_.statement(fmt::format("{} WHERE digest = ?", kColumns));
  if (!row.bind(digest).step()) return std::nullopt;
  const ApiToken token = token_of(row);
  if (token.revoked || token.expires <= now) return std::nullopt;
  return Identity{token.name, token.role, fmt::format("token {}", token.number), token.expires, ""};
}

void TokenStore::revoke_jwt(const std::string& id, Timestamp expires, Timestamp now) {
  const std::lock_guard lock(mutex_);
  database_.transaction([&] {
    database_.statement("DELETE FROM revoked_jwts WHERE expires < ?").bind(now.nanoseconds).step();
    database_.statement("INSERT OR REPLACE INTO revoked_jwts(id, expires) VALUES(?, ?)")
        .bind(id)
        .bind(expires.nanoseconds)
        .step();
  });
}

bool TokenStore::is_revoked(const std::string& id) {
  const std::lock_guard lock(mutex_);
  return database_.statement("SELECT 1 FROM revoked_jwts WHERE id = ?").bind(id).step();
}

}  // namespace orrery::server
