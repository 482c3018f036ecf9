#pragma once

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace orrery::testing {

/// The address of testing/replay_server.py, which is started on first use on a free port of loopback and ends
/// with this process. It answers from testing/replay. Test programs run in the root of the tree.
inline const std::string& replay_address() {
  static const std::string address = [] {
    const char* shared = std::getenv("ORRERY_SHARED");
    const std::string root = shared == nullptr ? "../shared" : shared;
    const std::string command =
        "exec python3 testing/replay_server.py testing/replay --shared '" + root + "'";
    std::FILE* output = ::popen(command.c_str(), "r");  // never closed: that would wait for its end
    char line[128] = {};
    if (output == nullptr || std::fgets(line, sizeof line, output) == nullptr) {
      throw std::runtime_error("testing/replay_server.py does not start");
    }
    std::string found = line;
    while (!found.empty() && found.back() == '\n') found.pop_back();
    return found;
  }();
  return address;
}

/// Returns the address of a service of the replay with a fault; each `test_case` is a fresh start.
inline std::string replay_url(const std::string& test_case, const std::string& fault,
                              const std::string& service) {
  return replay_address() + "/" + test_case + "/" + fault + "/" + service;
}

}  // namespace orrery::testing
