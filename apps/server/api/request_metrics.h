#pragma once

#include <memory>
#include <string>

#include "apps/server/api/operation.h"

namespace prometheus {
class Registry;
}

namespace orrery::server {

/// Counts requests and their times for Prometheus. Thread-safe.
class RequestMetrics {
 public:
  RequestMetrics();
  ~RequestMetrics();
  RequestMetrics(const RequestMetrics&) = delete;
  RequestMetrics& operator=(const RequestMetrics&) = delete;

  /// `operation` is its id, "" for what is none.
  void count(const std::string& operation, int status, double seconds);
  /// Where other figures of the server are put.
  prometheus::Registry& registry();
  /// All figures in Prometheus' text format.
  std::string text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace orrery::server
