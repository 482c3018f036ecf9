#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/progress.h"
#include "orrery/base/stopwatch.h"

namespace orrery::cli {

/// A table of texts: the first row is the header; columns whose cells look like numbers stand right.
using TextTable = std::vector<std::vector<std::string>>;

/// Lays a table out in at most `width` columns; cells of the widest column are cut with "…" where it must be.
std::string format_table(const TextTable& table, std::size_t width);

/// Draws one line on standard error for work that takes over a second, and takes it away again.
/// Silent when standard error is no terminal. Thread-safe.
class TerminalProgress final : public Progress {
 public:
  explicit TerminalProgress(bool enabled) : enabled_(enabled) {}
  ~TerminalProgress() override;
  void begin(std::string_view stage, std::size_t total) override;
  void advance(std::size_t steps) override;
  void end() override;

 private:
  void draw();
  void clear();

  bool enabled_;
  std::mutex mutex_;
  std::string stage_;
  std::size_t total_ = 0;
  std::size_t done_ = 0;
  double last_drawn_ = 0.0;
  bool visible_ = false;
  Stopwatch watch_;
};

/// Where results go and how wide it is.
class Terminal {
 public:
  Terminal();
  std::size_t width() const { return width_; }
  Progress& progress() { return *progress_; }
  void print(std::string_view text) const;
  void print_table(const TextTable& table) const { print(format_table(table, width_)); }

 private:
  std::size_t width_ = 100;
  std::unique_ptr<Progress> progress_;
};

}  // namespace orrery::cli
