#include "plugins/stores/s3/place.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "orrery/base/error.h"
#include "orrery/net/curl_transport.h"
#include "orrery/net/url.h"

namespace orrery::plugins::stores::s3 {
namespace {

constexpr std::string_view kScheme = "s3://";

using Variable = std::function<std::string(const std::string&)>;

std::string first_of(const Variable& variable, const std::string& name, const std::string& other) {
  const auto value = variable(name);
  return value.empty() ? variable(other) : value;
}

bool is_true(const Variable& variable, const std::string& name) {
  const auto value = variable(name);
  if (value == "true" || value == "1") return true;
  if (value.empty() || value == "false" || value == "0") return false;
  throw user_error(ErrorCode::kInvalidArgument, fmt::format("{} must be true or false", name));
}

std::string_view trim_slashes(std::string_view text) {
  while (text.starts_with('/')) text.remove_prefix(1);
  while (text.ends_with('/')) text.remove_suffix(1);
  return text;
}

bool is_bucket_name(std::string_view name) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  };
  return name.size() >= 3 && name.size() <= 63 && std::all_of(name.begin(), name.end(), is_allowed);
}

/// Takes the server's address apart. Keys have no place in it.
void read_endpoint(const Variable& variable, Settings& settings) {
  const auto url = first_of(variable, "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
  if (url.empty()) return;
  const auto end = url.find("://");
  const auto host =
      std::string(trim_slashes(std::string_view(url).substr(end == std::string::npos ? 0 : end + 3)));
  settings.scheme = end == std::string::npos ? "" : url.substr(0, end);
  settings.host = host;
  const bool is_known = settings.scheme == "https" || settings.scheme == "http";
  if (!is_known || host.empty() || host.find_first_of("/@?# ") != std::string::npos) {
    throw user_error(ErrorCode::kInvalidArgument,
                     "AWS_ENDPOINT_URL must be https://HOST or https://HOST:PORT, without path and keys");
  }
  if (settings.scheme == "http" && !is_true(variable, "AWS_ALLOW_HTTP")) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("AWS_ENDPOINT_URL is not encrypted; set AWS_ALLOW_HTTP=true where that is meant: {}",
                    url));
  }
}

/// Amazon's servers of a region; China's are apart.
std::string amazon_host(const std::string& region) {
  return fmt::format("s3.{}.amazonaws.com{}", region, region.starts_with("cn-") ? ".cn" : "");
}

/// Codes each part of a key between its slashes.
std::string encode_key(std::string_view key) {
  std::string coded;
  for (std::size_t start = 0; start <= key.size();) {
    const auto end = std::min(key.find('/', start), key.size());
    coded += '/';
    coded += percent_encode(key.substr(start, end - start));
    start = end + 1;
  }
  return coded;
}

}  // namespace

std::string Place::key(const std::string& path) const {
  if (path.empty() || prefix.empty()) return prefix + path;
  return prefix + "/" + path;
}

std::string Place::address(const std::string& path) const {
  const auto name = key(path);
  return fmt::format("{}{}{}{}", kScheme, bucket, name.empty() ? "" : "/", name);
}

Place parse_place(const std::string& address) {
  const auto refuse = [](std::string_view why) {
    return user_error(ErrorCode::kInvalidArgument,
                      fmt::format("a lake's address is s3://BUCKET/PREFIX: {}", why));
  };
  if (!address.starts_with(kScheme)) throw refuse("it begins with s3://");
  std::string_view rest = std::string_view(address).substr(kScheme.size());
  const auto bucket = rest.substr(0, rest.find('/'));
  if (bucket.find('@') != std::string_view::npos) throw refuse("keys have no place in it");
  if (!is_bucket_name(bucket)) {
    throw refuse(fmt::format("a bucket's name has 3 to 63 of a-z, 0-9, '-' and '.'; found '{}'", bucket));
  }
  if (rest.find_first_of("?#") != std::string_view::npos) {
    throw refuse("settings stand in the environment, not behind ? or #");
  }
  const auto prefix = trim_slashes(rest.substr(bucket.size()));
  if (prefix.find("//") != std::string_view::npos) throw refuse(fmt::format("found // in '{}'", prefix));
  return {std::string(bucket), std::string(prefix)};
}

std::string environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

Settings read_settings(const Variable& variable) {
  Settings settings;
  read_endpoint(variable, settings);
  settings.region = first_of(variable, "AWS_REGION", "AWS_DEFAULT_REGION");
  if (settings.region.empty() && !settings.host.empty()) settings.region = "us-east-1";
  settings.certificates = variable("AWS_CA_BUNDLE");
  if (settings.certificates.empty()) settings.certificates = default_certificates();
  settings.is_anonymous = is_true(variable, "AWS_SKIP_SIGNATURE");
  settings.bucket_is_in_host = is_true(variable, "AWS_VIRTUAL_HOSTED_STYLE_REQUEST");
  return settings;
}

std::string object_url(const Place& place, const Settings& settings, const std::string& region,
                       const std::string& path) {
  const auto host = settings.host.empty() ? amazon_host(region) : settings.host;
  // TLS has no certificate for a bucket with dots before Amazon's name.
  const bool in_host =
      settings.host.empty() ? place.bucket.find('.') == std::string::npos : settings.bucket_is_in_host;
  const auto key = encode_key(place.key(path));
  return in_host ? fmt::format("{}://{}.{}{}", settings.scheme, place.bucket, host, key)
                 : fmt::format("{}://{}/{}{}", settings.scheme, host, place.bucket, key);
}

}  // namespace orrery::plugins::stores::s3
