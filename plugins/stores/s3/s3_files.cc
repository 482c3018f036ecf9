#include "plugins/stores/s3/s3_files.h"

#include <arrow/buffer.h>
#include <arrow/filesystem/filesystem.h>
#include <arrow/io/interfaces.h>
#include <arrow/util/io_util.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <mutex>

#include "orrery/base/error.h"
#include "orrery/base/unique_id.h"
#include "orrery/net/curl_transport.h"
#include "plugins/stores/s3/arrow_s3.h"
#include "plugins/stores/s3/conditional_put.h"

namespace orrery::plugins::stores::s3 {
namespace {

/// The object by which a server is tried out.
constexpr const char* kTrial = ".orrery_conditional_write";

std::string without_keys(std::string text, const ArrowS3& connection) {
  const auto keys = connection.keys();
  for (const auto* key : {&keys.access_key, &keys.secret_key, &keys.session_token}) {
    text = redact(std::move(text), *key);
  }
  return text;
}

bool is_absent(const arrow::Status& status) { return arrow::internal::ErrnoFromStatus(status) == ENOENT; }

Error failure(const char* action, const std::string& address, const std::string& reason, const ArrowS3& of) {
  return external_error(ErrorCode::kIo,
                        fmt::format("can't {} {}: {}", action, address, without_keys(reason, of)));
}

/// Turns what Arrow's calls end with into errors that name the object and hold no keys.
void check(const arrow::Status& status, const char* action, const std::string& address, const ArrowS3& of) {
  if (!status.ok()) throw failure(action, address, status.message(), of);
}

ConnectionOptions connection_options(const Settings& settings) {
  ConnectionOptions options;
  options.certificates = settings.certificates;
  options.user_agent = "orrery";
  return options;
}

/// Reads ranges of an object; the object is never changed in place.
class S3OpenFile : public OpenFile {
 public:
  S3OpenFile(std::shared_ptr<arrow::io::RandomAccessFile> file, std::uint64_t size, std::string address,
             std::shared_ptr<ArrowS3> connection)
      : file_(std::move(file)),
        size_(size),
        address_(std::move(address)),
        connection_(std::move(connection)) {}

  std::uint64_t size() const override { return size_; }
  bool is_distant() const override { return true; }
  std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
    if (offset >= size_ || into.empty()) return 0;
    const auto wanted = std::min<std::uint64_t>(into.size(), size_ - offset);
    const auto got =
        file_->ReadAt(static_cast<std::int64_t>(offset), static_cast<std::int64_t>(wanted), into.data());
    check(got.status(), "read", address_, *connection_);
    if (static_cast<std::uint64_t>(*got) != wanted)
      throw failure("read", address_, "it ends early", *connection_);
    return static_cast<std::size_t>(*got);
  }

 private:
  std::shared_ptr<arrow::io::RandomAccessFile> file_;
  std::uint64_t size_;
  std::string address_;
  std::shared_ptr<ArrowS3> connection_;
};

class S3Files : public LakeFiles {
 public:
  S3Files(Place place, Settings settings)
      : place_(std::move(place)),
        settings_(std::move(settings)),
        connection_(open_arrow_s3(settings_)),
        transport_(make_curl_transport(connection_options(settings_))) {
    if (settings_.is_anonymous || !connection_->keys().access_key.empty()) return;
    throw user_error(ErrorCode::kNotFound,
                     fmt::format("no keys for {}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
                                 "AWS_SKIP_SIGNATURE=true for a bucket that all may read",
                                 location("")));
  }

  std::string location(const std::string& path) const override { return place_.address(path); }

  std::vector<StoredFile> list(const std::string& folder) override {
    std::vector<StoredFile> files;
    for (const auto& info : entries(folder, true)) {
      if (!info.IsFile()) continue;
      files.push_back({below_root(info.path()), static_cast<std::uint64_t>(info.size()),
                       Timestamp{info.mtime().time_since_epoch().count()}});
    }
    return files;
  }

  std::vector<std::string> folders(const std::string& folder) override {
    std::vector<std::string> names;
    for (const auto& info : entries(folder, false)) {
      if (info.IsDirectory()) names.push_back(info.base_name());
    }
    return names;
  }

  std::unique_ptr<OpenFile> open(const std::string& path) override {
    auto file = connection_->files().OpenInputFile(object(path));
    if (is_absent(file.status())) return nullptr;
    check(file.status(), "read", location(path), *connection_);
    const auto size = (*file)->GetSize();
    check(size.status(), "read", location(path), *connection_);
    return std::make_unique<S3OpenFile>(std::move(file).ValueUnsafe(), static_cast<std::uint64_t>(*size),
                                        location(path), connection_);
  }

  void write(const std::string& path, std::string_view content) override {
    auto stream = connection_->files().OpenOutputStream(object(path), nullptr);
    check(stream.status(), "write", location(path), *connection_);
    auto status = (*stream)->Write(content.data(), static_cast<std::int64_t>(content.size()));
    if (status.ok()) {
      status = (*stream)->Close();
    } else {
      static_cast<void>((*stream)->Abort());
    }
    check(status, "write", location(path), *connection_);
  }

  bool put_if_absent(const std::string& path, std::string_view content) override {
    require_conditions();
    return put(path, content);
  }

  void remove(const std::string& path) override {
    const auto status = connection_->files().DeleteFile(object(path));
    if (!is_absent(status)) check(status, "remove", location(path), *connection_);
  }

 private:
  std::string object(const std::string& path) const {
    const auto key = place_.key(path);
    return key.empty() ? place_.bucket : place_.bucket + "/" + key;
  }

  std::string below_root(const std::string& path) const { return path.substr(object("").size() + 1); }

  std::vector<arrow::fs::FileInfo> entries(const std::string& folder, bool with_all_below) {
    arrow::fs::FileSelector selector;
    selector.base_dir = object(folder);
    selector.recursive = with_all_below;
    auto found = connection_->files().GetFileInfo(selector);
    if (is_absent(found.status())) return {};
    check(found.status(), "list", location(folder), *connection_);
    return std::move(found).ValueUnsafe();
  }

  std::optional<AwsSigner> signer() const {
    if (settings_.is_anonymous) return std::nullopt;
    const auto keys = connection_->keys();
    return AwsSigner{connection_->region(), "s3", keys.access_key, keys.secret_key, keys.session_token};
  }

  bool put(const std::string& path, std::string_view content) {
    const auto seed = std::hash<std::string>{}(unique_id());  // of the waits between attempts alone
    ConditionalPut put(*transport_, system_wait_clock(), seed);
    const NewObject target{location(path), object_url(place_, settings_, connection_->region(), path),
                           content, [this] { return signer(); }, [&] { return read(path); }};
    try {
      return put.put(target);
    } catch (const Error& error) {
      throw Error(error.code(), error.origin(), without_keys(error.what(), *connection_));
    }
  }

  /// A server that passes over the condition would let one of two writers overwrite the other's commit. It is
  /// found out on an object of no worth, before anything is lost.
  void require_conditions() {
    const std::lock_guard lock(mutex_);
    if (knows_conditions_) return;
    if (put(kTrial, unique_id()) && put(kTrial, unique_id())) {
      throw external_error(
          ErrorCode::kIo,
          fmt::format(
              "can't write {}: the server passes over If-None-Match, so that a writer would overwrite "
              "another's commit; a lake needs a server that keeps to it",
              location("")));
    }
    knows_conditions_ = true;
  }

  Place place_;
  Settings settings_;
  std::shared_ptr<ArrowS3> connection_;
  std::unique_ptr<Transport> transport_;
  std::mutex mutex_;
  bool knows_conditions_ = false;
};

}  // namespace

std::unique_ptr<LakeFiles> open_files(Place place, Settings settings) {
  return std::make_unique<S3Files>(std::move(place), std::move(settings));
}

}  // namespace orrery::plugins::stores::s3
