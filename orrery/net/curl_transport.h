#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "orrery/net/transport.h"

namespace orrery {

/// How connections are made.
struct ConnectionOptions {
  double connect_seconds = 10.0;                  ///< until the connection stands
  double stall_seconds = 30.0;                    ///< without a single byte
  double total_seconds = 600.0;                   ///< for the whole answer
  std::size_t most_bytes = std::size_t{1} << 30;  ///< of one body
  std::string proxy;                              ///< "": as `http_proxy` and its kin in the environment say
  std::filesystem::path certificates;             ///< a CA bundle; "": the system's
  std::string user_agent;
};

/// Makes a transport on libcurl, HTTP/2 where the server has it. Handles and their connections are kept and
/// used again; as many as threads ask at once. TLS certificates are always checked.
std::unique_ptr<Transport> make_curl_transport(const ConnectionOptions& options);

/// Returns the bundle of CA certificates that libcurl was built to use; "" where it has none.
std::filesystem::path default_certificates();

}  // namespace orrery
