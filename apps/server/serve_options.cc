#include <algorithm>

#include "apps/server/serve.h"
#include "orrery/base/address.h"
#include "orrery/base/config.h"
#include "orrery/base/files.h"

namespace orrery::server {
namespace {

void read_listener(ConfigReader reader, ServeOptions& options) {
  ListenerOptions& listener = options.listener;
  listener.address = reader.text("address", listener.address);
  const std::int64_t port = reader.integer("port", listener.port, 0);
  if (port > 65535) reader.problem("port", "a port is at most 65535");
  listener.port = static_cast<std::uint16_t>(port);
  listener.threads = static_cast<int>(reader.integer("threads", listener.threads, 1));
  listener.workers = static_cast<int>(reader.integer("workers", listener.workers, 1));
  if (reader.has("certificate")) listener.certificate = reader.path("certificate");
  if (reader.has("private_key")) listener.private_key = reader.path("private_key");
  if (listener.certificate.empty() != listener.private_key.empty()) {
    reader.problem("certificate", "TLS needs both: certificate and private_key");
  }
  ListenerLimits& limits = listener.limits;
  limits.body_bytes = static_cast<std::size_t>(
      reader.integer("body_bytes", static_cast<std::int64_t>(limits.body_bytes), 1024));
  limits.connections = static_cast<std::size_t>(
      reader.integer("connections", static_cast<std::int64_t>(limits.connections), 1));
}

Rate read_rate(ConfigReader reader, Rate rate) {
  rate.per_second = reader.number("per_second", rate.per_second, 0.001);
  rate.burst = reader.number("burst", rate.burst, 1.0);
  return rate;
}

void read_issuers(const ConfigNode* list, AccessOptions& access, ConfigProblems& problems) {
  if (list == nullptr) return;
  if (list->kind != ConfigNode::Kind::kSequence) {
    problems.add(list->mark, "access.issuers", "a list of issuers is expected");
    return;
  }
  for (const ConfigNode& node : list->items) {
    ConfigReader reader(&node, "access.issuers", problems);
    TrustedIssuer issuer;
    issuer.name = reader.required_text("issuer");
    issuer.audience = reader.text("audience", issuer.audience);
    const ConfigNode* keys = reader.node("keys");
    if (keys == nullptr || keys->kind != ConfigNode::Kind::kMapping || keys->entries.empty()) {
      reader.problem("keys", "name each key with its file: keys: {2026-01: issuer.pem}");
      continue;
    }
    ConfigReader files(keys, "access.issuers.keys", problems);
    for (const auto& [name, file] : keys->entries) issuer.keys.emplace_back(name, files.path(name));
    access.issuers.push_back(std::move(issuer));
  }
}

void read_access(ConfigReader reader, ServeOptions& options, ConfigProblems& problems) {
  options.access.session = std::chrono::seconds(
      reader.integer("session_minutes",
                     std::chrono::duration_cast<std::chrono::minutes>(options.access.session).count(), 1) *
      60);
  options.access.requests = read_rate(reader.section("requests"), options.access.requests);
  options.access.refusals = read_rate(reader.section("refusals"), options.access.refusals);
  read_issuers(reader.node("issuers"), options.access, problems);
  if (const ConfigNode* origins = reader.node("origins")) {
    for (const ConfigNode& origin : origins->items) options.api.origins.push_back(origin.scalar);
    if (origins->kind != ConfigNode::Kind::kSequence)
      reader.problem("origins", "a list of origins is expected");
  }
}

/// A lake's address stands as it is, a folder from where the file lies.
std::string lake_place(const std::string& text, const std::filesystem::path& path) {
  return is_address(text) ? text : path.string();
}

}  // namespace

ServeOptions read_serve_options(const std::filesystem::path& file) {
  const ConfigNode root = parse_config(read_file(file), file.string());
  ServeOptions options;
  ConfigProblems problems;
  {
    ConfigReader reader(&root, "", problems);
    if (reader.has("data")) options.data = reader.path("data");
    if (reader.has("features")) options.features = reader.path("features");
    if (reader.has("lake")) options.lake = lake_place(reader.text("lake", ""), reader.path("lake"));
    if (reader.has("state")) options.state = reader.path("state");
    options.patience = std::chrono::seconds(reader.integer("drain_seconds", options.patience.count(), 0));
    read_listener(reader.section("listen"), options);
    read_access(reader.section("access"), options, problems);
  }
  problems.throw_if_any();
  return options;
}

}  // namespace orrery::server
