#include "orrery/data/lake/delta_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_set>

#include "orrery/base/error.h"
#include "orrery/base/timestamp.h"
#include "orrery/base/unique_id.h"
#include "orrery/data/lake/delta_checkpoint.h"

namespace orrery {
namespace {

constexpr std::size_t kVersionDigits = 20;
constexpr int kMostCommitAttempts = 10'000;  ///< in each, another writer got on
constexpr std::int64_t kForgetRemovedAfterMs = std::int64_t{30} * 86'400'000;

std::int64_t to_ms(Timestamp moment) { return moment.nanoseconds / kNanosecondsPerMillisecond; }

/// Reads the version at the front of a file name, or nothing.
std::optional<std::int64_t> version_of(std::string_view name) {
  if (name.size() <= kVersionDigits || name[kVersionDigits] != '.') return std::nullopt;
  std::int64_t version = 0;
  const auto [end, failure] = std::from_chars(name.data(), name.data() + kVersionDigits, version);
  if (failure != std::errc() || end != name.data() + kVersionDigits) return std::nullopt;
  return version;
}

std::string_view file_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// The most files that one checkpoint is split into.
constexpr int kMostParts = 100'000;

std::string checkpoint_name(std::int64_t version, int part, int parts) {
  if (parts <= 1) return fmt::format("{:020}.checkpoint.parquet", version);
  return fmt::format("{:020}.checkpoint.{:010}.{:010}.parquet", version, part, parts);
}

/// Reads how many files the checkpoint consists of that a file belongs to; nothing for a file that is none,
/// or of a kind that we don't read.
std::optional<int> checkpoint_parts(std::string_view name) {
  const auto version = version_of(name);
  if (!version) return std::nullopt;
  if (name == checkpoint_name(*version, 1, 1)) return 1;
  constexpr std::size_t kPartsAt = kVersionDigits + std::string_view(".checkpoint.").size() + 11;
  if (name.size() < kPartsAt + 10) return std::nullopt;
  int part = 0, parts = 0;
  std::from_chars(name.data() + kPartsAt - 11, name.data() + kPartsAt - 1, part);
  std::from_chars(name.data() + kPartsAt, name.data() + kPartsAt + 10, parts);
  if (parts < 2 || parts > kMostParts || name != checkpoint_name(*version, part, parts)) return std::nullopt;
  return parts;
}

bool has_all_fields(const DeltaMetadata& of, const DeltaMetadata& in) {
  return of.partition_columns == in.partition_columns &&
         std::all_of(of.schema.fields.begin(), of.schema.fields.end(), [&in](const DeltaField& field) {
           const auto* other = in.schema.find(field.name);
           return other != nullptr && *other == field;
         });
}

/// Returns what makes `ours` impossible on top of a commit that came first; "" for nothing.
std::string conflict_with(const DeltaActions& theirs, const DeltaActions& ours, const CommitBasis& basis) {
  if (theirs.protocol) return "it changed the protocol";
  if (theirs.metadata && ours.metadata) return "both change the table's definition";
  if (theirs.metadata && !has_all_fields(basis.metadata, *theirs.metadata)) return "it changed the columns";
  std::set<std::string_view> removed;
  for (const auto& file : theirs.removed) removed.insert(file.path);
  for (const auto& file : ours.removed) {
    if (removed.contains(file.path)) return fmt::format("both remove {}", file.path);
  }
  for (const auto& file : theirs.added) {
    if (file.data_change && basis.concerns && basis.concerns(file)) {
      return fmt::format("it added rows that this one would have read: {}", file.path);
    }
  }
  return "";
}

}  // namespace

/// What lies in a log's folder.
struct DeltaLog::Listing {
  std::set<std::int64_t> commits;
  std::map<std::int64_t, int> checkpoints;  ///< whole ones: parts by version
  std::vector<StoredFile> files;

  std::string versions() const {
    if (commits.empty()) return "none";
    return fmt::format("{} to {}", *commits.begin(), *commits.rbegin());
  }
};

DeltaLog::DeltaLog(LakeFiles& files, std::string folder, DeltaLogOptions options)
    : files_(files),
      folder_(folder.empty() ? "_delta_log" : std::move(folder) + "/_delta_log"),
      options_(std::move(options)) {}

std::string DeltaLog::commit_path(std::int64_t version) const {
  return fmt::format("{}/{:020}.json", folder_, version);
}

std::vector<std::string> DeltaLog::commit_paths(std::int64_t version) {
  std::vector<std::string> paths;
  for (const auto commit : list().commits) {
    if (commit <= version) paths.push_back(commit_path(commit));
  }
  return paths;
}

std::optional<DeltaActions> DeltaLog::read_commit(std::int64_t version) {
  const auto path = commit_path(version);
  const auto lines = files_.read(path);
  if (!lines) return std::nullopt;
  return parse_delta_actions(*lines, files_.location(path));
}

/// Commits follow each other without a gap, so looking for the next one is cheaper than listing the folder.
std::vector<DeltaActions> DeltaLog::commits_from(std::int64_t first, std::int64_t last) {
  std::vector<DeltaActions> commits;
  for (std::int64_t version = first; version <= last; ++version) {
    auto commit = read_commit(version);
    if (!commit) break;
    commits.push_back(std::move(*commit));
  }
  return commits;
}

DeltaLog::Listing DeltaLog::list() {
  Listing listing;
  std::map<std::int64_t, int> parts_found;
  listing.files = files_.list(folder_);
  for (const auto& file : listing.files) {
    const auto name = file_name(file.path);
    const auto version = version_of(name);
    if (!version) continue;
    if (name.substr(kVersionDigits) == ".json") listing.commits.insert(*version);
    const auto parts = checkpoint_parts(name);
    if (parts && ++parts_found[*version] >= *parts) listing.checkpoints[*version] = *parts;
  }
  return listing;
}

namespace {

/// Reads a checkpoint; nothing where a file of it is missing.
std::optional<DeltaState> read_checkpoint(LakeFiles& files, const std::string& folder, std::int64_t version,
                                          int parts) {
  std::vector<std::string> contents;
  for (int part = 1; part <= parts; ++part) {
    auto content = files.read(folder + "/" + checkpoint_name(version, part, parts));
    if (!content) return std::nullopt;
    contents.push_back(std::move(*content));
  }
  auto state = parse_checkpoint(contents, files.location(folder + "/" + checkpoint_name(version, 1, parts)));
  state.version = version;
  return state;
}

/// A checkpoint only saves work: a damaged one is passed over, since the commits are there too.
std::optional<DeltaState> try_checkpoint(LakeFiles& files, const std::string& folder, std::int64_t version,
                                         int parts) {
  try {
    return read_checkpoint(files, folder, version, parts);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kDataCorrupt) throw;
    return std::nullopt;
  }
}

}  // namespace

/// Reads the checkpoint that the hint names; nothing where hint or checkpoint are missing or damaged.
std::optional<DeltaState> DeltaLog::last_checkpoint() {
  const auto hint = files_.read(folder_ + "/_last_checkpoint");
  if (!hint) return std::nullopt;
  const auto json = nlohmann::json::parse(*hint, nullptr, false);
  if (!json.is_object() || !json.contains("version") || !json["version"].is_number_integer()) {
    return std::nullopt;
  }
  const auto parts = json.find("parts");
  const int count = parts == json.end() || !parts->is_number_integer() ? 1 : parts->get<int>();
  if (count < 1 || count > kMostParts) return std::nullopt;
  return try_checkpoint(files_, folder_, json["version"].get<std::int64_t>(), count);
}

DeltaState DeltaLog::replay(const Listing& listing, std::int64_t version) {
  DeltaState base;
  for (auto entry = listing.checkpoints.rbegin(); entry != listing.checkpoints.rend(); ++entry) {
    if (entry->first > version) continue;
    auto state = try_checkpoint(files_, folder_, entry->first, entry->second);
    if (!state) continue;
    base = std::move(*state);
    break;
  }
  auto commits = commits_from(base.version + 1, version);
  const auto reached = base.version + static_cast<std::int64_t>(commits.size());
  if (reached != version) {
    throw user_error(ErrorCode::kNotFound,
                     fmt::format("{} has no version {}; the log holds commits {}", files_.location(folder_),
                                 version, listing.versions()));
  }
  return DeltaState(std::move(base), std::move(commits), version);
}

DeltaState DeltaLog::load() {
  if (auto base = last_checkpoint()) {
    auto commits = commits_from(base->version + 1, std::numeric_limits<std::int64_t>::max());
    const auto version = base->version + static_cast<std::int64_t>(commits.size());
    return DeltaState(std::move(*base), std::move(commits), version);
  }
  const auto listing = list();
  if (listing.commits.empty()) return {};
  return replay(listing, *listing.commits.rbegin());
}

void DeltaLog::refresh() {
  if (!state_ || state_->version < 0) {
    state_ = std::make_shared<DeltaState>(load());
    if (state_->version < 0) return;
  } else {
    auto commits = commits_from(state_->version + 1, std::numeric_limits<std::int64_t>::max());
    if (commits.empty()) return;
    if (state_.use_count() > 1) state_ = std::make_shared<DeltaState>(*state_);
    for (auto& commit : commits) state_->apply(std::move(commit));
  }
  check_readable(*state_, files_.location(folder_));
}

std::shared_ptr<const DeltaState> DeltaLog::latest() {
  const std::lock_guard lock(mutex_);
  refresh();
  return state_->version < 0 ? nullptr : state_;
}

std::shared_ptr<const DeltaState> DeltaLog::at_version(std::int64_t version) {
  std::shared_ptr<const DeltaState> state;
  {
    const std::lock_guard lock(mutex_);
    if (state_ && state_->version == version && version >= 0) state = state_;  // no need to read it again
  }
  if (!state) state = std::make_shared<const DeltaState>(replay(list(), version));
  check_readable(*state, files_.location(folder_));
  return state;
}

std::int64_t DeltaLog::commit_time_ms(std::int64_t version) {
  const auto commit = read_commit(version);
  if (commit && commit->info && commit->info->timestamp_ms > 0) return commit->info->timestamp_ms;
  for (const auto& file : files_.list(folder_)) {
    if (file.path == commit_path(version)) return to_ms(file.modified);
  }
  return std::numeric_limits<std::int64_t>::max();  // gone meanwhile
}

/// Commit times ascend but for the clocks of several machines, so halving finds the commit. Returns -1 where
/// the moment lies before the first.
std::int64_t DeltaLog::first_at_or_before(const Listing& listing, Timestamp moment) {
  const std::vector<std::int64_t> versions(listing.commits.begin(), listing.commits.end());
  const auto after = std::partition_point(versions.begin(), versions.end(), [&](std::int64_t version) {
    return commit_time_ms(version) <= to_ms(moment);
  });
  return after == versions.begin() ? -1 : *(after - 1);
}

std::optional<std::int64_t> DeltaLog::version_at(Timestamp moment) {
  const auto version = first_at_or_before(list(), moment);
  return version < 0 ? std::nullopt : std::optional(version);
}

std::shared_ptr<const DeltaState> DeltaLog::at_time(Timestamp moment) {
  const auto listing = list();
  const auto version = first_at_or_before(listing, moment);
  if (version < 0) {
    throw user_error(ErrorCode::kNotFound,
                     fmt::format("{} has no version as early as {}; the log holds commits {}",
                                 files_.location(folder_), to_string(moment), listing.versions()));
  }
  auto state = std::make_shared<const DeltaState>(replay(listing, version));
  check_readable(*state, files_.location(folder_));
  return state;
}

void DeltaLog::check_conflicts(const DeltaActions& ours, const CommitBasis& basis, std::int64_t version) {
  for (auto other = basis.version + 1; other <= version; ++other) {
    const auto theirs = read_commit(other);
    const auto conflict = !theirs ? "it is gone" : conflict_with(*theirs, ours, basis);
    if (conflict.empty()) continue;
    throw external_error(
        ErrorCode::kUnavailable,
        fmt::format("{}: the commit conflicts with version {}: {}; read the table again and repeat",
                    files_.location(folder_), other, conflict));
  }
}

std::int64_t DeltaLog::commit(DeltaActions actions, const CommitBasis& basis) {
  const std::lock_guard lock(mutex_);
  if (!actions.info) actions.info.emplace();
  actions.info->transaction = unique_id();  // so that a store can tell our commit from any other's
  std::int64_t checked = basis.version;
  for (int attempt = 0; attempt < kMostCommitAttempts; ++attempt) {
    refresh();
    if (state_->version > checked) {
      check_conflicts(actions, {checked, basis.metadata, basis.concerns}, state_->version);
      checked = state_->version;
    }
    if (state_->version >= 0) check_writable(*state_, files_.location(folder_));
    const auto version = state_->version + 1;
    actions.info->timestamp_ms = to_ms(options_.clock());
    if (!files_.put_if_absent(commit_path(version), to_json_lines(actions))) continue;
    if (state_.use_count() > 1) state_ = std::make_shared<DeltaState>(*state_);
    state_->apply(std::move(actions));
    checkpoint_if_due(version);
    return version;
  }
  throw external_error(ErrorCode::kUnavailable, fmt::format("{}: other writers were first {} times in a row",
                                                            files_.location(folder_), kMostCommitAttempts));
}

/// The commit stands already, so a checkpoint that fails is no failure of it: the next one makes up for it.
void DeltaLog::checkpoint_if_due(std::int64_t version) {
  std::int64_t interval = options_.checkpoint_interval;
  const auto property = state_->metadata.configuration.find("delta.checkpointInterval");
  if (property != state_->metadata.configuration.end()) {
    const auto& text = property->second;
    std::from_chars(text.data(), text.data() + text.size(), interval);
  }
  if (interval <= 0 || (version + 1) % interval != 0) return;
  try {
    write_checkpoint(*state_);
  } catch (const Error&) {
    // The commit stands; readers take a few more steps until the next checkpoint.
  }
}

void DeltaLog::write_checkpoint(const DeltaState& state) {
  const auto bytes = checkpoint_bytes(state, to_ms(options_.clock()) - kForgetRemovedAfterMs);
  files_.write(folder_ + "/" + checkpoint_name(state.version, 1, 1), bytes);
  const nlohmann::ordered_json hint = {
      {"version", state.version},
      {"size", state.files.size() + state.removed.size() + state.latest.size() + 2},
      {"sizeInBytes", bytes.size()},
      {"numOfAddFiles", state.files.size()}};
  files_.write(folder_ + "/_last_checkpoint", hint.dump());
}

void DeltaLog::write_checkpoint() {
  if (const auto state = latest()) write_checkpoint(*state);
}

std::vector<DeltaCommit> DeltaLog::history(std::size_t at_most) {
  std::vector<DeltaCommit> commits;
  const auto listing = list();
  for (auto version = listing.commits.rbegin(); version != listing.commits.rend(); ++version) {
    if (commits.size() == at_most) break;
    const auto actions = read_commit(*version);
    if (!actions) continue;
    commits.push_back(
        {*version, actions->info.value_or(CommitInfo{}), actions->added.size(), actions->removed.size()});
  }
  return commits;
}

std::size_t DeltaLog::remove_before(Timestamp before) {
  const auto listing = list();
  const auto oldest_needed = first_at_or_before(listing, before);
  const auto after = listing.checkpoints.upper_bound(oldest_needed);
  if (after == listing.checkpoints.begin()) return 0;
  const auto kept = std::prev(after)->first;
  std::size_t count = 0;
  for (const auto& file : listing.files) {
    const auto version = version_of(file_name(file.path));
    if (!version || *version >= kept) continue;
    files_.remove(file.path);
    ++count;
  }
  return count;
}

}  // namespace orrery
