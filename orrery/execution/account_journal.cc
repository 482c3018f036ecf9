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

AccountJournal::AccountJournal(Disk& disk, const std::filesystem::path& file, std::uint64_t sure,
                               std::string_view sure_link) {
  auto text = read_from(disk, file);
  const bool is_new = !text;
  text_ = std::move(text).value_or("");
  ChainedLineReader reader(text_);
  std::string link_at_sure(sure == 0 ? sure_link : "");
  while (const auto line = reader.next()) {
    found_.push_back(*line);
    if (found_.size() == sure) link_at_sure = reader.link();
  }
  if (found_.size() < sure || link_at_sure != sure_link) {
    const std::string problem = reader.fault()
                                    ? reader.fault()->problem
                                    : fmt::format("{} lines were found, and their links", found_.size());
    throw external_error(
        ErrorCode::kDataCorrupt,
        fmt::format("{}: {}; its first {} lines should end with the link {}; nothing was changed",
                    file.string(), problem, sure, sure_link));
  }
  const std::string_view rest = std::string_view(text_).substr(reader.valid_bytes());
  cut_bytes_ = rest.size();
  if (rest.find('\n') != std::string_view::npos) {
    disk.write(fmt::format("{}.cut-{}", file.string(), found_.size() + 1), rest);
  }
  chain_ = ChainedLines(reader.lines(), reader.link());
  file_ = disk.append_to(file, reader.valid_bytes());
  if (is_new) {
    file_->sync();
    disk.sync(file.parent_path());
  }
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
