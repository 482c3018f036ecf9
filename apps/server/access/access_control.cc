#include "apps/server/access/access_control.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <mutex>

#include "apps/server/access/secrets.h"
#include "apps/server/api/problem.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/private_file.h"
#include "orrery/base/unique_id.h"

namespace orrery::server {
namespace {

constexpr std::string_view kSessionCookie = "orrery_session";
constexpr std::string_view kSessionIssuer = "orrery";
constexpr double kRememberedSeconds = 5.0;
constexpr std::size_t kMostRemembered = 10'000;

Timestamp later(Timestamp moment, std::chrono::seconds time) {
  return {moment.nanoseconds + std::chrono::nanoseconds(time).count()};
}

/// The credential behind `Authorization: Bearer`, or among a WebSocket's protocols as "bearer.…", which is
/// all that a browser's script can send there.
std::string_view bearer(const HttpRequest& request) {
  std::string_view header = request.header("authorization");
  constexpr std::string_view kScheme = "bearer ";
  if (header.size() > kScheme.size() &&
      std::equal(kScheme.begin(), kScheme.end(), header.begin(), [](char wanted, char found) {
        return wanted == (found >= 'A' && found <= 'Z' ? found + 32 : found);
      })) {
    header.remove_prefix(kScheme.size());
    return header;
  }
  constexpr std::string_view kProtocol = "bearer.";
  const std::string_view protocols = request.header("sec-websocket-protocol");
  const std::size_t place = protocols.find(kProtocol);
  if (place == std::string_view::npos) return {};
  const std::string_view rest = protocols.substr(place + kProtocol.size());
  return rest.substr(0, rest.find_first_of(", "));
}

std::string set_cookie(const std::string& value, bool encrypted, std::int64_t seconds) {
  return fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", kSessionCookie, value, seconds,
                     encrypted ? "; Secure" : "");
}

/// A new key's name sorts behind all older ones.
std::string write_new_key(const std::filesystem::path& folder, Timestamp now) {
  const std::string name = fmt::format("{:020d}", now.nanoseconds);
  const auto staged = folder / (name + ".new");
  make_private_file(staged);
  // Its rights are set before there is anything to read; the name with .pem appears with the whole key.
  std::ofstream(staged) << JwtKey::make().private_pem();
  sync_path(staged);
  std::filesystem::rename(staged, folder / (name + ".pem"));
  sync_path(folder);
  return name;
}

}  // namespace

AccessControl::AccessControl(const std::filesystem::path& folder, AccessOptions options, WaitClock& clock)
    : folder_(folder),
      options_(std::move(options)),
      clock_(clock),
      tokens_((std::filesystem::create_directories(folder / "keys"), folder / "tokens.sqlite")),
      requests_(options_.requests),
      refusals_(options_.refusals) {
  if (std::filesystem::is_empty(folder_ / "keys")) write_new_key(folder_ / "keys", clock_.now());
  keys_ = std::make_shared<const Keys>(read_keys());
}

AccessControl::Keys AccessControl::read_keys() const {
  Keys found;
  found.sessions = {std::string(kSessionIssuer), "orrery-session", {}};
  for (const auto& entry : std::filesystem::directory_iterator(folder_ / "keys")) {
    if (entry.path().extension() != ".pem") continue;
    const std::string name = entry.path().stem().string();
    JwtKey key = JwtKey::read(read_file(entry.path()), entry.path().string());
    if (key.can_sign()) found.signing = std::max(found.signing, name);
    found.sessions.keys.emplace(name, std::move(key));
  }
  if (found.signing.empty()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{} has no private key to sign sessions with", (folder_ / "keys").string()));
  }
  for (const TrustedIssuer& issuer : options_.issuers) {
    JwtIssuer trusted{issuer.name, issuer.audience, {}};
    for (const auto& [name, file] : issuer.keys)
      trusted.keys.emplace(name, JwtKey::read(read_file(file), file.string()));
    found.trusted.push_back(std::move(trusted));
  }
  return found;
}

std::shared_ptr<const AccessControl::Keys> AccessControl::keys() const {
  const std::shared_lock lock(mutex_);
  return keys_;
}

void AccessControl::reload() {
  auto fresh = std::make_shared<const Keys>(read_keys());
  const std::unique_lock lock(mutex_);
  keys_ = std::move(fresh);
  headers_.clear();
  cookies_.clear();
}

void AccessControl::forget() {
  const std::unique_lock lock(mutex_);
  headers_.clear();
  cookies_.clear();
}

std::optional<Identity> AccessControl::remembered(std::string_view credential, bool from_cookie) {
  const std::shared_lock lock(mutex_);
  const Known& known = from_cookie ? cookies_ : headers_;
  const auto found = known.find(credential);
  if (found == known.end() || found->second.until < clock_.seconds()) return std::nullopt;
  return found->second.who;
}

void AccessControl::remember(std::string_view credential, bool from_cookie, const Identity& who) {
  const double left = static_cast<double>(who.expires.nanoseconds - clock_.now().nanoseconds) * 1e-9;
  const std::unique_lock lock(mutex_);
  Known& known = from_cookie ? cookies_ : headers_;
  if (known.size() >= kMostRemembered) known.clear();
  known[std::string(credential)] = {who, clock_.seconds() + std::min(kRememberedSeconds, left)};
}

std::optional<Identity> AccessControl::verified(std::string_view credential, bool from_cookie) {
  const Timestamp now = clock_.now();
  if (!from_cookie) {
    if (auto who = tokens_.identify(credential, now)) return who;
  }
  const auto known = keys();
  const auto identity_of = [&](const JwtIssuer& issuer) -> std::optional<Identity> {
    const auto claims = verify_jwt(issuer, credential, now);
    if (!claims || tokens_.is_revoked(claims->id)) return std::nullopt;
    return Identity{claims->subject, claims->role, "jwt " + claims->id, claims->expires, claims->csrf};
  };
  // A session's token is good in its cookie alone: there a change has to show that its own page asks.
  if (from_cookie) return identity_of(known->sessions);
  for (const JwtIssuer& issuer : known->trusted) {
    if (auto who = identity_of(issuer)) return who;
  }
  return std::nullopt;
}

void AccessControl::refuse(const HttpRequest& request, const std::string& why) {
  const double wait = refusals_.take(request.address, clock_.seconds());
  if (wait > 0.0) {
    throw ApiProblem(429, "too many attempts without a good credential; wait")
        .with("Retry-After", fmt::format("{:.0f}", std::ceil(wait)));
  }
  throw ApiProblem(401, why).with("WWW-Authenticate", "Bearer realm=\"orrery\"");
}

Identity AccessControl::identify(const HttpRequest& request) {
  const std::string_view from_header = bearer(request);
  const bool from_cookie = from_header.empty();
  const std::string_view credential = from_cookie ? cookie(request, kSessionCookie) : from_header;
  if (credential.empty()) {
    throw ApiProblem(401, "this needs a credential: 'Authorization: Bearer TOKEN', or a session")
        .with("WWW-Authenticate", "Bearer realm=\"orrery\"");
  }
  if (auto who = remembered(credential, from_cookie)) return *who;
  const double wait = refusals_.wait(request.address, clock_.seconds());
  if (wait > 0.0) refuse(request, "");
  auto who = verified(credential, from_cookie);
  if (!who) refuse(request, "the credential is unknown, expired or revoked");
  remember(credential, from_cookie, *who);
  return *who;
}

void AccessControl::count(const HttpRequest& request, const Identity* who) {
  const double wait = requests_.take(who != nullptr ? who->credential : request.address, clock_.seconds());
  if (wait > 0.0) {
    throw ApiProblem(429, fmt::format("more than {:g} requests a second, after {:g} at once",
                                      options_.requests.per_second, options_.requests.burst))
        .with("Retry-After", fmt::format("{:.0f}", std::ceil(wait)));
  }
}

BrowserSession AccessControl::open_session(const std::string& secret, const HttpRequest& request) {
  if (refusals_.wait(request.address, clock_.seconds()) > 0.0) refuse(request, "");
  const Timestamp now = clock_.now();
  const auto owner = tokens_.identify(secret, now);
  if (!owner) refuse(request, "the token is unknown, expired or revoked");
  const auto known = keys();
  JwtClaims claims{owner->name, owner->role,
                   unique_id(), base64url(secret_bytes(18)),
                   now,         std::min(later(now, options_.session), owner->expires)};
  const std::string token = make_jwt(known->sessions, known->signing, claims);
  const auto seconds = (claims.expires.nanoseconds - now.nanoseconds) / kNanosecondsPerSecond;
  return {set_cookie(token, request.encrypted, seconds), claims.csrf,
          Identity{owner->name, owner->role, "jwt " + claims.id, claims.expires, claims.csrf}};
}

std::string AccessControl::close_session(const HttpRequest& request) {
  const Timestamp now = clock_.now();
  if (const auto claims = verify_jwt(keys()->sessions, cookie(request, kSessionCookie), now)) {
    tokens_.revoke_jwt(claims->id, claims->expires, now);
    forget();
  }
  return set_cookie("", request.encrypted, 0);
}

std::string AccessControl::rotate_session_key() {
  std::string name = write_new_key(folder_ / "keys", clock_.now());
  reload();
  return name;
}

}  // namespace orrery::server
