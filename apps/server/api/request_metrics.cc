#include "apps/server/api/request_metrics.h"

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>
#include <shared_mutex>
#include <unordered_map>

namespace orrery::server {
namespace {

const prometheus::Histogram::BucketBoundaries kBounds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                         0.025,  0.05,    0.1,    0.25,  0.5,    1,     5};

}  // namespace

struct RequestMetrics::State {
  struct OfOperation {
    prometheus::Histogram* seconds = nullptr;
    std::unordered_map<int, prometheus::Counter*> by_status;
  };
  std::shared_ptr<prometheus::Registry> registry = std::make_shared<prometheus::Registry>();
  prometheus::Family<prometheus::Counter>& requests = prometheus::BuildCounter()
                                                          .Name("orrery_http_requests_total")
                                                          .Help("Requests answered")
                                                          .Register(*registry);
  prometheus::Family<prometheus::Histogram>& times = prometheus::BuildHistogram()
                                                         .Name("orrery_http_request_seconds")
                                                         .Help("Seconds from a whole request to its answer")
                                                         .Register(*registry);
  std::shared_mutex mutex;
  std::unordered_map<std::string, OfOperation> operations;
};

RequestMetrics::RequestMetrics() : state_(std::make_unique<State>()) {}
RequestMetrics::~RequestMetrics() = default;

prometheus::Registry& RequestMetrics::registry() { return *state_->registry; }

void RequestMetrics::count(const std::string& operation, int status, double seconds) {
  State& state = *state_;
  {
    const std::shared_lock lock(state.mutex);
    const auto found = state.operations.find(operation);
    if (found != state.operations.end()) {
      const auto counter = found->second.by_status.find(status);
      if (counter != found->second.by_status.end()) {
        counter->second->Increment();
        found->second.seconds->Observe(seconds);
        return;
      }
    }
  }
  const std::unique_lock lock(state.mutex);
  auto& entry = state.operations[operation];
  const std::string name = operation.empty() ? "none" : operation;
  if (entry.seconds == nullptr) entry.seconds = &state.times.Add({{"operation", name}}, kBounds);
  auto& counter = entry.by_status[status];
  if (counter == nullptr)
    counter = &state.requests.Add({{"operation", name}, {"status", std::to_string(status)}});
  counter->Increment();
  entry.seconds->Observe(seconds);
}

std::string RequestMetrics::text() const {
  return prometheus::TextSerializer().Serialize(state_->registry->Collect());
}

}  // namespace orrery::server
