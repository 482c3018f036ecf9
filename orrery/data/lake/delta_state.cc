#include "orrery/data/lake/delta_state.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_set>

#include "orrery/base/error.h"

namespace orrery {
namespace {

constexpr int kReaderVersion = 1;
constexpr int kWriterVersion = 2;
constexpr int kFeatureReader = 3;  ///< from here on the features are named one by one
constexpr int kFeatureWriter = 7;
constexpr std::array<std::string_view, 1> kReaderFeatures = {"timestampNtz"};
constexpr std::array<std::string_view, 3> kWriterFeatures = {"timestampNtz", "appendOnly", "invariants"};

/// Returns what is asked for and not known.
std::vector<std::string> unknown_features(const std::vector<std::string>& features, const auto& known) {
  std::vector<std::string> unknown;
  for (const auto& feature : features) {
    if (std::find(known.begin(), known.end(), feature) == known.end()) unknown.push_back(feature);
  }
  return unknown;
}

void check_version(int version, int ours, int by_features, const std::vector<std::string>& unknown,
                   const char* what, const std::string& place) {
  if (version <= ours || (version == by_features && unknown.empty())) return;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("{}: the table asks for Delta {} version {} ({}), but Orrery knows version {}", place, what,
                  version,
                  unknown.empty() ? "no features named" : fmt::format("{}", fmt::join(unknown, ", ")), ours));
}

/// Takes the paths that commits touch, with the number of the commit that has the last word.
using LastWords = std::unordered_map<std::string_view, std::size_t>;

LastWords last_words(const std::vector<DeltaActions>& commits) {
  LastWords words;
  for (std::size_t i = 0; i < commits.size(); ++i) {
    for (const auto& file : commits[i].removed) words[file.path] = i;
    for (const auto& file : commits[i].added) words[file.path] = i;
  }
  return words;
}

template <class File>
void drop_mentioned(std::vector<File>& files, const LastWords& words) {
  if (words.empty()) return;
  std::erase_if(files, [&words](const File& file) { return words.contains(file.path); });
}

/// A commit that removes a path and adds it again leaves it in the table.
bool adds(const DeltaActions& commit, const std::string& path) {
  return std::any_of(commit.added.begin(), commit.added.end(),
                     [&path](const AddedFile& file) { return file.path == path; });
}

}  // namespace

DeltaState::DeltaState(DeltaState earlier, std::vector<DeltaActions> commits, std::int64_t new_version) {
  *this = std::move(earlier);
  positions_.clear();
  version = new_version;
  const auto words = last_words(commits);  // points into the commits: nothing of them moves below
  drop_mentioned(files, words);
  drop_mentioned(removed, words);
  for (std::size_t i = 0; i < commits.size(); ++i) {
    for (const auto& file : commits[i].added) {
      if (words.at(file.path) == i) files.push_back(file);
    }
    for (const auto& file : commits[i].removed) {
      if (words.at(file.path) == i && !adds(commits[i], file.path)) removed.push_back(file);
    }
  }
  for (auto& commit : commits) apply_table(commit);
}

void DeltaState::apply(DeltaActions commit) {
  index_files();
  for (auto& file : commit.removed) {
    drop_file(file.path);
    removed.push_back(std::move(file));
  }
  for (auto& file : commit.added) {
    drop_file(file.path);
    positions_[file.path] = files.size();
    files.push_back(std::move(file));
  }
  apply_table(commit);
  ++version;
}

void DeltaState::apply_table(DeltaActions& commit) {
  if (commit.protocol) protocol = std::move(*commit.protocol);
  if (commit.metadata) metadata = std::move(*commit.metadata);
  for (auto& transaction : commit.transactions) {
    std::erase_if(latest, [&](const auto& other) { return other.application == transaction.application; });
    latest.push_back(std::move(transaction));
  }
}

void DeltaState::index_files() {
  if (positions_.size() == files.size()) return;
  positions_.clear();
  for (std::size_t i = 0; i < files.size(); ++i) positions_[files[i].path] = i;
}

void DeltaState::drop_file(const std::string& path) {
  const auto found = positions_.find(path);
  if (found == positions_.end()) return;
  const std::size_t position = found->second;
  positions_.erase(found);
  if (position + 1 < files.size()) {
    files[position] = std::move(files.back());
    positions_[files[position].path] = position;
  }
  files.pop_back();
}

void check_readable(const DeltaState& state, const std::string& place) {
  const auto& protocol = state.protocol;
  check_version(protocol.reader_version, kReaderVersion, kFeatureReader,
                unknown_features(protocol.reader_features, kReaderFeatures), "reader", place);
}

void check_writable(const DeltaState& state, const std::string& place) {
  check_readable(state, place);
  const auto& protocol = state.protocol;
  check_version(protocol.writer_version, kWriterVersion, kFeatureWriter,
                unknown_features(protocol.writer_features, kWriterFeatures), "writer", place);
}

}  // namespace orrery
