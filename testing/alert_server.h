#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace orrery::testing {

/// The ports of testing/alert_server.py, which is started on first use and ends with this process: `http` and
/// `mail`. Test programs run in the root of the tree.
inline const nlohmann::json& alert_server_ports() {
  static const nlohmann::json ports = [] {
    std::FILE* output =
        ::popen("exec python3 testing/alert_server.py", "r");  // never closed: that would wait
    char line[128] = {};
    if (output == nullptr || std::fgets(line, sizeof line, output) == nullptr) {
      throw std::runtime_error("testing/alert_server.py does not start");
    }
    return nlohmann::json::parse(line);
  }();
  return ports;
}

}  // namespace orrery::testing
