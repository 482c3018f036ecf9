#include "orrery/execution/account_journal.h"

#include <fmt/format.h>

#include "orrery/base/error.h"

namespace orrery {

std::optional<std::string> read_from(Disk& disk, const std::filesystem::path& file) {
  const auto opened = disk.open(file);
  if (opened == nullptr) return std::nullopt;
  std::string text(opened->size(), '\0');
  text.resize(opened->read_at(0, text));
  return text;
}

AccountJournal::AccountJournal(Disk& disk, const std::filesystem::path& file, const ChainMark& sure) {
  auto text = read_from(disk, file);
  const bool is_new = !text;
  text_ = std::move(text).value_or("");
  const ChainCheck check =
      check_chained_text(text_, sure, [this](std::string_view line) { found_.push_back(line); });
  if (check.fault && check.fault->changed) {
    throw external_error(ErrorCode::kDataCorrupt, fmt::format("{}: {}; the file was left as it is",
                                                              file.string(), check.fault->problem));
  }
  const std::string_view rest = std::string_view(text_).substr(check.valid_bytes);
  cut_bytes_ = rest.size();
  if (rest.find('\n') != std::string_view::npos) {
    disk.write(fmt::format("{}.cut-{}", file.string(), found_.size() + 1), rest);
  }
  chain_ = ChainedLines(check.good);
  file_ = disk.append_to(file, check.valid_bytes);
  // What was cut off must not come back, in part, behind new lines.
  if (is_new || cut_bytes_ > 0) file_->sync();
  if (is_new) disk.sync(file.parent_path());
}

std::uint64_t AccountJournal::append(std::string_view object) {
  file_->append(chain_.add(object));
  return chain_.number();
}

void AccountJournal::sync() { file_->sync(); }

std::vector<std::string_view> AccountJournal::lines_found(std::uint64_t after) const {
  if (after >= found_.size()) return {};
  return {found_.begin() + static_cast<std::ptrdiff_t>(after), found_.end()};
}

void AccountJournal::forget_lines_found() {
  found_.clear();
  found_.shrink_to_fit();
  text_.clear();
  text_.shrink_to_fit();
}

}  // namespace orrery
