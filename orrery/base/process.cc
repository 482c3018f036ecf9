#include "orrery/base/process.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <sstream>

#include "orrery/base/threads.h"

namespace orrery {
namespace {

/// When a process began, in clock ticks since the machine started; "" where there is no such process.
/// Field 22 of proc(5)'s stat, counted behind the name, which may hold anything.
std::string start_of(const std::string& process) {
  std::ifstream file("/proc/" + process + "/stat");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return "";
  std::istringstream fields(text.substr(name_end + 1));
  std::string field;
  std::string state;
  for (int i = 3; i <= 22 && fields >> field; ++i) {
    if (i == 3) state = field;
  }
  return state == "Z" ? "" : field;
}

}  // namespace

std::int64_t peak_memory_bytes() {
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) != 0) return 0;
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;
}

std::uint64_t raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  return limit.rlim_cur;
}

void limit_heaps() {
#ifdef M_ARENA_MAX
  for (const char* name : {"MALLOC_ARENA_MAX", "GLIBC_TUNABLES"}) {
    if (std::getenv(name) != nullptr) return;
  }
  mallopt(M_ARENA_MAX, std::max(2, resolve_threads(0)));
#endif
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0) return "";
  return name.data();
}

std::string process_mark() {
  const std::string process = std::to_string(::getpid());
  return host_name() + ' ' + process + ' ' + start_of(process);
}

bool process_lives(const std::string& mark) {
  std::istringstream parts(mark);
  std::string host;
  std::string process;
  std::string start;
  parts >> host >> process >> start;
  return host != host_name() || start_of(process) == start;
}

std::string utc_time() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

}  // namespace orrery
