#include "apps/cli/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "apps/cli/events.h"
#include "apps/cli/text_width.h"

namespace orrery::cli {
namespace {

constexpr std::size_t kBarWidth = 30;
constexpr double kQuietSeconds = 1.0;
constexpr double kRedrawSeconds = 0.1;

bool looks_numeric(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.,+-%±eE x") == std::string_view::npos;
}

bool is_numeric_column(const TextTable& table, std::size_t column) {
  for (std::size_t row = 1; row < table.size(); ++row) {
    const auto& cell = table[row][column];
    if (!cell.empty() && cell != "–" && !looks_numeric(cell)) return false;
  }
  return table.size() > 1;
}

std::vector<std::size_t> column_widths(const TextTable& table, std::size_t width) {
  std::vector<std::size_t> widths(table.front().size(), 0);
  for (const auto& row : table) {
    for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], display_width(row[c]));
  }
  std::size_t total = 2 * (widths.size() - 1);
  for (const auto w : widths) total += w;
  auto widest = std::max_element(widths.begin(), widths.end());
  if (total > width && *widest > 8) *widest -= std::min(total - width, *widest - 8);
  return widths;
}

}  // namespace

std::string format_table(const TextTable& table, std::size_t width) {
  if (table.empty()) return "";
  const auto widths = column_widths(table, width);
  std::string text;
  for (std::size_t r = 0; r < table.size(); ++r) {
    std::string line;
    for (std::size_t c = 0; c < table[r].size(); ++c) {
      if (c > 0) line += "  ";
      line += pad(table[r][c], widths[c], is_numeric_column(table, c));
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
    if (r > 0) continue;
    for (std::size_t c = 0; c < widths.size(); ++c) {
      if (c > 0) text += "  ";
      for (std::size_t i = 0; i < widths[c]; ++i) text += "─";
    }
    text += '\n';
  }
  return text;
}

TerminalProgress::~TerminalProgress() { clear(); }

void TerminalProgress::begin(std::string_view stage, std::size_t total) {
  const std::lock_guard lock(mutex_);
  stage_ = stage;
  total_ = total;
  done_ = 0;
  draw();
}

void TerminalProgress::advance(std::size_t steps) {
  const std::lock_guard lock(mutex_);
  done_ += steps;
  draw();
}

void TerminalProgress::end() {
  const std::lock_guard lock(mutex_);
  clear();
}

void TerminalProgress::draw() {
  const double now = watch_.seconds();
  if (!enabled_ || now < kQuietSeconds || now - last_drawn_ < kRedrawSeconds) return;
  last_drawn_ = now;
  visible_ = true;
  if (total_ == 0) {
    fmt::print(stderr, "\r\033[K{} …", stage_);
  } else {
    const std::size_t filled = std::min(kBarWidth, kBarWidth * done_ / total_);
    fmt::print(stderr, "\r\033[K{:<24} [{:<{}}] {:3} %", cut_to(stage_, 24), std::string(filled, '#'),
               kBarWidth, std::min<std::size_t>(100, 100 * done_ / total_));
  }
  std::fflush(stderr);
}

void TerminalProgress::clear() {
  if (!visible_) return;
  visible_ = false;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
}

Terminal::Terminal() : progress_(make_event_progress()) {
  if (progress_ == nullptr) progress_ = std::make_unique<TerminalProgress>(::isatty(STDERR_FILENO) == 1);
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20) width_ = size.ws_col;
}

void Terminal::print(std::string_view text) const {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace orrery::cli
