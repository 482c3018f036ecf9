#include "orrery/base/worker_process.h"

#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "orrery/base/error.h"

extern char** environ;

namespace orrery {
namespace {

constexpr int kWorkerSocket = 3;
constexpr std::size_t kMostShared = 8;
using Lengths = std::array<std::uint64_t, 2>;

Error system_error(std::string_view what) {
  return external_error(ErrorCode::kIo, fmt::format("can't {}: {}", what, std::strerror(errno)));
}

/// Sends the lengths with the descriptors. False when nobody reads.
bool send_head(int socket, const Lengths& lengths, std::initializer_list<const SharedMemory*> shared) {
  iovec part{const_cast<Lengths*>(&lengths), sizeof(lengths)};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostShared * sizeof(int))> control{};
  if (shared.size() > 0) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(shared.size() * sizeof(int));
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(shared.size() * sizeof(int));
    int* descriptors = reinterpret_cast<int*>(CMSG_DATA(header));
    for (const auto* memory : shared) *descriptors++ = memory->descriptor();
  }
  return ::sendmsg(socket, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(sizeof(lengths));
}

bool send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool receive_all(int socket, void* out, std::size_t size) {
  auto* to = static_cast<char*>(out);
  while (size > 0) {
    const ssize_t got = ::recv(socket, to, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

bool receive(int socket, WorkerMessage& message) {
  Lengths lengths{};
  if (!receive_all(socket, lengths.data(), sizeof(lengths))) return false;
  message.text.resize(lengths[0]);
  message.bytes.resize(lengths[1]);
  return receive_all(socket, message.text.data(), lengths[0]) &&
         receive_all(socket, message.bytes.data(), lengths[1]);
}

pid_t spawn(const std::vector<std::string>& command, int socket) {
  std::vector<char*> arguments;
  for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, socket, kWorkerSocket);
  pid_t process = -1;
  const int failure = ::posix_spawnp(&process, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (failure == 0) return process;
  throw user_error(ErrorCode::kNotFound,
                   fmt::format("can't start {}: {}", command.front(), std::strerror(failure)));
}

std::string end_of(pid_t process) {
  int status = 0;
  if (::waitpid(process, &status, 0) != process) return "in an unknown way";
  if (WIFSIGNALED(status)) return fmt::format("by signal {}", WTERMSIG(status));
  return fmt::format("with exit code {}", WEXITSTATUS(status));
}

}  // namespace

SharedMemory::SharedMemory(std::size_t bytes)
    : descriptor_(::memfd_create("orrery", MFD_CLOEXEC)), size_(bytes == 0 ? 1 : bytes) {
  if (descriptor_ < 0) throw system_error("make shared memory");
  void* mapped = MAP_FAILED;
  if (::ftruncate(descriptor_, static_cast<off_t>(size_)) == 0) {
    mapped = ::mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
  }
  if (mapped == MAP_FAILED) {
    const Error error = system_error(fmt::format("make {} bytes of shared memory", size_));
    ::close(descriptor_);
    throw error;
  }
  data_ = static_cast<std::byte*>(mapped);
}

SharedMemory::~SharedMemory() {
  ::munmap(data_, size_);
  ::close(descriptor_);
}

WorkerProcess::WorkerProcess(std::vector<std::string> command) : name_(command.front()) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw system_error("make a socket");
  socket_ = ends[0];
  try {
    process_ = spawn(command, ends[1]);
  } catch (const Error&) {
    ::close(ends[0]);
    ::close(ends[1]);
    throw;
  }
  ::close(ends[1]);
}

WorkerProcess::~WorkerProcess() {
  ::close(socket_);
  if (process_ > 0) end_of(process_);
}

void WorkerProcess::fail() {
  const std::string end = process_ > 0 ? end_of(process_) : "earlier";
  process_ = -1;
  throw external_error(ErrorCode::kUnavailable, fmt::format("{} ended {} without an answer", name_, end));
}

WorkerMessage WorkerProcess::ask(const WorkerMessage& request,
                                 std::initializer_list<const SharedMemory*> shared) {
  const std::lock_guard lock(mutex_);
  if (shared.size() > kMostShared) throw internal_error("too much shared memory for one request");
  WorkerMessage answer;
  const bool done = send_head(socket_, {request.text.size(), request.bytes.size()}, shared) &&
                    send_all(socket_, request.text) && send_all(socket_, request.bytes) &&
                    receive(socket_, answer);
  if (!done) fail();
  return answer;
}

}  // namespace orrery
