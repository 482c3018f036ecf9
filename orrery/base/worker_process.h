#pragma once

#include <cstddef>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace orrery {

/// Memory that another process can be shown: anonymous, and gone when neither looks at it any more.
class SharedMemory {
 public:
  /// Errors: kIo when the system gives none.
  explicit SharedMemory(std::size_t bytes);
  ~SharedMemory();
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  std::byte* data() { return data_; }
  std::size_t size() const { return size_; }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = -1;
  std::size_t size_ = 0;
  std::byte* data_ = nullptr;
};

/// What passes between a program and its worker: a text, and bytes beside it.
struct WorkerMessage {
  std::string text;
  std::string bytes;
};

/// A program in a process of its own that answers one request after the other. It finds a stream socket at
/// descriptor 3; each message is the length of its text and of its bytes (64 bit, little endian), then both;
/// descriptors of shared memory come with the lengths. It should end when the socket is closed.
class WorkerProcess {
 public:
  /// Starts `command`, looked up on PATH. Errors: kNotFound when it can't be started.
  explicit WorkerProcess(std::vector<std::string> command);
  /// Closes the socket and waits for the end.
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  /// Asks and waits for the answer. Thread-safe: requests take turns. Errors: kUnavailable when the worker
  /// ended without an answer, with how it ended.
  WorkerMessage ask(const WorkerMessage& request, std::initializer_list<const SharedMemory*> shared = {});

 private:
  [[noreturn]] void fail();

  std::mutex mutex_;
  std::string name_;
  int socket_ = -1;
  int process_ = -1;
};

}  // namespace orrery
