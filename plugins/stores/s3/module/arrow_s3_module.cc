// A library of its own, which links Arrow's S3 part and is loaded by the first s3:// address (arrow_s3.cc).
#include <arrow/filesystem/s3fs.h>

#include <cstdlib>

#include "plugins/stores/s3/arrow_s3.h"

namespace orrery::plugins::stores::s3 {
namespace {

constexpr std::int64_t kMostAttempts = 6;

class Connection final : public ArrowS3 {
 public:
  Connection(std::shared_ptr<arrow::fs::S3FileSystem> files, bool is_anonymous)
      : files_(std::move(files)), is_anonymous_(is_anonymous) {}

  arrow::fs::FileSystem& files() override { return *files_; }
  std::string region() const override { return files_->region(); }
  Keys keys() const override {
    if (is_anonymous_) return {};
    const auto options = files_->options();
    return {Secret(options.GetAccessKey()), Secret(options.GetSecretKey()),
            Secret(options.GetSessionToken())};
  }

 private:
  std::shared_ptr<arrow::fs::S3FileSystem> files_;
  bool is_anonymous_;
};

arrow::Status start_once() {
  static const arrow::Status started = [] {
    auto options = arrow::fs::S3GlobalOptions::Defaults();
    options.log_level = arrow::fs::S3LogLevel::Off;  // its lines may hold signatures
    return arrow::fs::InitializeS3(options);
  }();
  return started;
}

/// Amazon's library must be ended before its static objects are, the last of which the first connection
/// makes.
void end_with_the_program() {
  [[maybe_unused]] static const int registered =
      std::atexit([] { static_cast<void>(arrow::fs::EnsureS3Finalized()); });
}

arrow::fs::S3Options arrow_options(const Settings& settings) {
  auto options = settings.is_anonymous ? arrow::fs::S3Options::Anonymous() : arrow::fs::S3Options::Defaults();
  options.scheme = settings.scheme;
  options.endpoint_override = settings.host;
  options.region = settings.region;
  options.force_virtual_addressing = settings.bucket_is_in_host;
  options.tls_ca_file_path = settings.certificates.string();
  options.allow_delayed_open = true;  // a small file is one request
  options.retry_strategy = arrow::fs::S3RetryStrategy::GetAwsStandardRetryStrategy(kMostAttempts);
  return options;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) ArrowS3* orrery_open_arrow_s3(const Settings& settings,
                                                                                std::string& problem) {
  auto status = start_once();
  if (status.ok()) {
    auto files = arrow::fs::S3FileSystem::Make(arrow_options(settings));
    end_with_the_program();
    if (files.ok()) return new Connection(std::move(files).ValueUnsafe(), settings.is_anonymous);
    status = files.status();
  }
  problem = status.message();
  return nullptr;
}

}  // namespace orrery::plugins::stores::s3
