#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "apps/server/access/identity.h"
#include "apps/server/access/jwt.h"
#include "apps/server/access/rate_limiter.h"
#include "apps/server/access/token_store.h"
#include "apps/server/transport/http_message.h"
#include "orrery/base/wait_clock.h"

namespace orrery::server {

/// Tokens of another issuer that the server takes.
struct TrustedIssuer {
  std::string name;                                                 ///< `iss`
  std::string audience = "orrery";                                  ///< `aud`
  std::vector<std::pair<std::string, std::filesystem::path>> keys;  ///< `kid` and public key in PEM
};

struct AccessOptions {
  std::chrono::seconds session{12 * 3600};  ///< how long a browser stays known
  Rate requests{200.0, 1000.0};             ///< of one credential, or one address without any
  Rate refusals{1.0, 20.0};                 ///< failed attempts of one address
  std::vector<TrustedIssuer> issuers;
};

/// A session of a browser.
struct BrowserSession {
  std::string cookie;  ///< value of Set-Cookie
  std::string csrf;    ///< what every change has to show in X-CSRF-Token
  Identity who;
};

/// Tells who asks: by API token, by JWT of a trusted issuer, by the session of a browser. A credential that
/// was found good is remembered for a few seconds, so that a revocation by another process is soon felt.
/// Thread-safe.
class AccessControl {
 public:
  /// `folder` holds tokens.sqlite and the keys that sign sessions (keys/NAME.pem, the last by name signs);
  /// both are made where they are not. Errors: kIo, kDataCorrupt, kInvalidArgument for a key that can't be
  /// used.
  AccessControl(const std::filesystem::path& folder, AccessOptions options, WaitClock& clock);

  /// Errors: ApiProblem 401 for no or no good credential; 429 after too many of those.
  Identity identify(const HttpRequest& request);
  /// Counts a request. Errors: ApiProblem 429, with Retry-After.
  void count(const HttpRequest& request, const Identity* who);

  /// Makes a browser's session out of an API token. Errors: ApiProblem 401, 429.
  BrowserSession open_session(const std::string& secret, const HttpRequest& request);
  /// Ends the session that the request came with, if any; returns the Set-Cookie that takes it out of the
  /// browser.
  std::string close_session(const HttpRequest& request);
  /// Makes a new key that signs sessions from now on; those of older keys stay good until they expire.
  std::string rotate_session_key();

  TokenStore& tokens() { return tokens_; }
  /// Forgets what was remembered, after a revocation.
  void forget();
  /// Reads all keys anew. Errors: kInvalidArgument; then the old ones stay.
  void reload();

 private:
  struct Keys {
    JwtIssuer sessions;
    std::string signing;  ///< name of the key that signs
    std::vector<JwtIssuer> trusted;
  };
  struct Remembered {
    Identity who;
    double until = 0.0;  ///< of the clock's seconds
  };
  struct TextHash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  Keys read_keys() const;
  std::shared_ptr<const Keys> keys() const;
  std::optional<Identity> verified(std::string_view credential, bool from_cookie);
  std::optional<Identity> remembered(std::string_view credential, bool from_cookie);
  void remember(std::string_view credential, bool from_cookie, const Identity& who);
  [[noreturn]] void refuse(const HttpRequest& request, const std::string& why);

  std::filesystem::path folder_;
  AccessOptions options_;
  WaitClock& clock_;
  TokenStore tokens_;
  RateLimiter requests_;
  RateLimiter refusals_;
  mutable std::shared_mutex mutex_;
  std::shared_ptr<const Keys> keys_;
  using Known = std::unordered_map<std::string, Remembered, TextHash, std::equal_to<>>;
  Known headers_;  ///< credentials that came in a header
  Known cookies_;  ///< in a cookie: what is good there is not good elsewhere
};

}  // namespace orrery::server
