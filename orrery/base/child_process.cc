#include "orrery/base/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>

#include "orrery/base/error.h"
#include "orrery/base/io_error.h"

extern char** environ;

namespace orrery {
namespace {

constexpr int kEventsDescriptor = 3;
constexpr const char* kStarter = "ORRERY_ENDS_WITH_PROCESS";

/// What the started program sees of ours: a null input, the log as both outputs, the pipe's end as
/// descriptor 3.
class StartFiles {
 public:
  StartFiles(int pipe_end, const std::filesystem::path& log) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                     0600);
    posix_spawn_file_actions_adddup2(&actions_, STDOUT_FILENO, STDERR_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, pipe_end, kEventsDescriptor);
  }
  ~StartFiles() { posix_spawn_file_actions_destroy(&actions_); }
  StartFiles(const StartFiles&) = delete;
  StartFiles& operator=(const StartFiles&) = delete;
  const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_;
};

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& command, const std::string& events,
                           const std::filesystem::path& log) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) throw io_error("make a pipe for", command.front());
  // dup2 onto itself would leave the descriptor closed in the new program.
  if (ends[1] == kEventsDescriptor) {
    const int moved = ::fcntl(ends[1], F_DUPFD_CLOEXEC, kEventsDescriptor + 1);
    ::close(ends[1]);
    ends[1] = moved;
  }
  pipe_ = ends[0];
  std::vector<char*> arguments;
  for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  std::string variable = fmt::format("{}={}", events, kEventsDescriptor);
  std::vector<char*> environment;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (std::strncmp(*entry, (events + "=").c_str(), events.size() + 1) != 0) environment.push_back(*entry);
  }
  environment.push_back(variable.data());
  environment.push_back(nullptr);
  const StartFiles files(ends[1], log);
  const int failure = ::posix_spawnp(&process_, arguments.front(), files.get(), nullptr, arguments.data(),
                                     environment.data());
  ::close(ends[1]);
  if (failure == 0) return;
  ::close(pipe_);
  throw external_error(ErrorCode::kNotFound,
                       fmt::format("can't start {}: {}", command.front(), std::strerror(failure)));
}

ChildProcess::~ChildProcess() {
  interrupt();
  wait();
  ::close(pipe_);
}

std::optional<std::string> ChildProcess::next_line() {
  for (;;) {
    const std::size_t end = buffer_.find('\n');
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    std::array<char, 4096> bytes{};
    const ssize_t got = ::read(pipe_, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    buffer_.append(bytes.data(), static_cast<std::size_t>(got));
  }
}

void ChildProcess::interrupt() {
  const std::lock_guard lock(mutex_);
  if (!status_) ::kill(process_, SIGINT);
}

int ChildProcess::wait() {
  siginfo_t ended{};
  while (::waitid(P_PID, static_cast<id_t>(process_), &ended, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  const std::lock_guard lock(mutex_);
  int status = 0;
  if (!status_) {
    const bool is_known = ::waitpid(process_, &status, 0) == process_;
    status_ = is_known ? (WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status)) : 1;
  }
  return *status_;
}

void end_children_with_this() { ::setenv(kStarter, std::to_string(::getpid()).c_str(), 1); }

void end_with_parent_if_asked() {
  const char* starter = std::getenv(kStarter);
  // Of a program in between, the parent is another one than asked.
  if (starter == nullptr || std::to_string(::getppid()) != starter) return;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (std::to_string(::getppid()) != starter) ::raise(SIGKILL);  // it ended in the meantime
}

std::filesystem::path own_program() { return std::filesystem::read_symlink("/proc/self/exe"); }

}  // namespace orrery
