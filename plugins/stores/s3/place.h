#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace orrery::plugins::stores::s3 {

/// Where a lake lies.
struct Place {
  std::string bucket;
  std::string prefix;  ///< without slashes at its ends; "": the whole bucket

  /// Returns the key of a path below the place.
  std::string key(const std::string& path) const;
  /// Returns the address of a path below the place, for messages.
  std::string address(const std::string& path) const;
};

/// Reads s3://BUCKET/PREFIX. Errors: kInvalidArgument; a message never repeats what may be a key.
Place parse_place(const std::string& address);

/// How the server is reached.
struct Settings {
  std::string scheme = "https";
  std::string host;    ///< of an own server, with its port; "": Amazon's
  std::string region;  ///< "": as Amazon's library finds it
  std::filesystem::path certificates;
  bool is_anonymous = false;       ///< requests are not signed: a bucket that all may read
  bool bucket_is_in_host = false;  ///< of an own server: BUCKET.HOST/KEY rather than HOST/BUCKET/KEY
};

/// Returns a variable of the environment; "" where it is not set.
std::string environment(const std::string& name);

/// Reads the settings from the variables that Amazon's own tools and `deltalake` know (docs/lake.md). Errors:
/// kInvalidArgument, naming the variable.
Settings read_settings(const std::function<std::string(const std::string&)>& variable);

/// Returns the URL of an object.
std::string object_url(const Place& place, const Settings& settings, const std::string& region,
                       const std::string& path);

}  // namespace orrery::plugins::stores::s3
