#include "orrery/base/worker_process.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "orrery/base/error.h"
#include "orrery/base/python_worker.h"
#include "testing/python_interpreter.h"

namespace orrery::worker_process_test {
namespace {

/// Answers with the text and bytes turned round, and with a shared number beside them.
constexpr const char* kMirror = R"(
import mmap, os, socket, struct
connection = socket.socket(fileno=3)
def take(size):
    data = b""
    while len(data) < size:
        data += connection.recv(size - len(data))
    return data
while True:
    head, shared, _, _ = socket.recv_fds(connection, 16, 8)
    if not head:
        break
    text, data = (take(size) for size in struct.unpack("<QQ", head))
    if text == b"leave":
        os._exit(4)
    if text == b"die":
        os.kill(os.getpid(), 9)
    for descriptor in shared:
        memory = mmap.mmap(descriptor, 0)
        memory[0:1] = bytes([memory[0] + 1])
        os.close(descriptor)
    text, data = text[::-1], data[::-1]
    connection.sendall(struct.pack("<QQ", len(text), len(data)) + text + data)
)";

std::vector<std::string> mirror() { return {"python3", "-c", kMirror}; }

TEST(WorkerProcess, AnswersWithTextAndBytes) {
  WorkerProcess worker(mirror());
  const auto answer = worker.ask({"abc", std::string("\0\1\2", 3)});
  EXPECT_EQ(answer.text, "cba");
  EXPECT_EQ(answer.bytes, std::string("\2\1\0", 3));
  const std::string large(3 << 20, 'x');
  EXPECT_EQ(worker.ask({"", large}).bytes, large);
  EXPECT_EQ(worker.ask({"", ""}).text, "");
}

TEST(WorkerProcess, SharesMemory) {
  WorkerProcess worker(mirror());
  SharedMemory first(100);
  SharedMemory second(5'000'000);
  first.data()[0] = std::byte{7};
  worker.ask({"x", ""}, {&first, &second});
  EXPECT_EQ(first.data()[0], std::byte{8});
  EXPECT_EQ(second.data()[0], std::byte{1});
}

TEST(WorkerProcess, TakesTurns) {
  WorkerProcess worker(mirror());
  std::vector<std::thread> threads;
  for (char letter = 'a'; letter < 'e'; ++letter) {
    threads.emplace_back([&worker, letter] {
      const std::string text = std::string(100, letter) + "!";
      for (int i = 0; i < 50; ++i) EXPECT_EQ(worker.ask({text, ""}).text, "!" + std::string(100, letter));
    });
  }
  for (auto& thread : threads) thread.join();
}

void expect_end(const char* request, const std::string& how) {
  WorkerProcess worker(mirror());
  try {
    worker.ask({request, ""});
    ADD_FAILURE() << "answered";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kUnavailable);
    EXPECT_NE(std::string(error.what()).find(how), std::string::npos) << error.what();
  }
  EXPECT_THROW(worker.ask({"again", ""}), Error);
}

TEST(WorkerProcess, TellsHowItEnded) {
  expect_end("leave", "ended with exit code 4 without an answer");
  expect_end("die", "ended by signal 9 without an answer");
}

TEST(WorkerProcess, MissingProgramIsNotFound) {
  try {
    WorkerProcess worker({"no-such-program"});
    ADD_FAILURE() << "started";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
  }
}

TEST(PythonWorker, IsSharedByAllOfOneInterpreter) {
  const auto first = PythonWorker::of("");
  EXPECT_EQ(PythonWorker::of(""), first);
  EXPECT_NE(PythonWorker::of("python3"), nullptr);
}

TEST(PythonWorker, TellsWhatIsWrongWithAClass) {
  const auto worker = PythonWorker::of("");
  const auto message = [&](const std::string& place) -> std::string {
    try {
      worker->ask({R"({"do": "strategy", "params": {}, "class": ")" + place + "\"}", ""});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(message("nowhere.py:X").find("no such file: nowhere.py"), std::string::npos);
  EXPECT_NE(message("nowhere").find("must be FILE.py:CLASS"), std::string::npos);
  EXPECT_EQ(message(""), "");
}

}  // namespace
}  // namespace orrery::worker_process_test
