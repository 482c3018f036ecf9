#include "orrery/base/python_worker.h"

#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/base/python_worker_text.h"

namespace orrery {
namespace {

std::string chosen_interpreter(std::string_view given) {
  if (!given.empty()) return std::string(given);
  const char* usual = std::getenv("ORRERY_PYTHON");
  return usual != nullptr && *usual != '\0' ? usual : "python3";
}

}  // namespace

std::shared_ptr<PythonWorker> PythonWorker::of(std::string_view interpreter) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<PythonWorker>> running;
  const std::string name = chosen_interpreter(interpreter);
  const std::lock_guard lock(mutex);
  auto worker = running[name].lock();
  if (worker == nullptr) {
    worker = std::make_shared<PythonWorker>(name);
    running[name] = worker;
  }
  return worker;
}

PythonWorker::PythonWorker(const std::string& interpreter)
    : process_({interpreter, "-c", std::string(kPythonWorkerText)}) {}

WorkerMessage PythonWorker::ask(const WorkerMessage& request,
                                std::initializer_list<const SharedMemory*> shared) {
  WorkerMessage answer = process_.ask(request, shared);
  const auto json = nlohmann::json::parse(answer.text);
  if (const auto error = json.find("error"); error != json.end()) {
    throw user_error(ErrorCode::kInvalidArgument, error->get<std::string>());
  }
  return answer;
}

}  // namespace orrery
