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
  const bool changed = reader.fault() && reader.fault()->changed;
  if (changed || found_.size() < sure || link_at_sure != sure_link) {
    const std::string problem =
        reader.fault() ? reader.fault()->problem
                       : fmt::format("{} lines were found, where {} were written, the last with the link {}",
                                     found_.size(), sure, sure_link);
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("{}: {}; the file was left as it is", file.string(), problem));
  }
  const std::string_view rest = std::string_view(text_).substr(reader.valid_bytes());
  cut_bytes_ = rest.size();
  if (rest.find('\n') != std::string_view::npos) {
    disk.write(fmt::format("{}.cut-{}", file.string(), found_.size() + 1), rest);
  }
  chain_ = ChainedLines(reader.lines(), reader.link());
  file_ = disk.append_to(file, reader.valid_bytes());
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
