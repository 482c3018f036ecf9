#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "apps/server/access/access_control.h"
#include "apps/server/api/api_server.h"
#include "apps/server/transport/listener.h"
#include "orrery/app/plugins.h"

namespace orrery::server {

/// All that a server can be told.
struct ServeOptions {
  std::filesystem::path data = "out";  ///< folder of runs and accounts
  std::string lake;                    ///< whose health is told; "": none
  std::filesystem::path state;         ///< tokens, keys, jobs, logs; "": the folder .server in `data`
  std::filesystem::path features;      ///< a file of features to serve; "": none
  ListenerOptions listener;
  AccessOptions access;
  ApiOptions api;
  std::chrono::seconds patience{10};  ///< for requests that are being answered when it is to stop
};

/// Reads a configuration file over the defaults. Relative paths start at its folder. Errors: kNotFound;
/// kInvalidArgument, with line and column of each fault.
ServeOptions read_serve_options(const std::filesystem::path& file);

/// What a server tells the one who started it.
struct ServerStart {
  std::string url;          ///< where it is
  std::string admin_token;  ///< made at the very first start; "" later
  std::filesystem::path log;
};

/// Serves until `wanted` says stop; asked a few times a second.
enum class ServerWish { kGoOn, kReload, kStop };
void serve(const ServeOptions& options, const Plugins& plugins,
           const std::function<void(const ServerStart&)>& started, const std::function<ServerWish()>& wanted);

}  // namespace orrery::server
