#include "orrery/data/zip_file.h"

#include <gtest/gtest.h>

#include <map>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/random.h"
#include "testing/run_python.h"
#include "testing/temporary_folder.h"

namespace orrery::zip_file_test {
namespace {

using testing::run_python;
using testing::TemporaryFolder;

// Oracle: Python's zipfile writes the archives.
constexpr const char* kWrite = R"(
import zipfile
with zipfile.ZipFile('two.zip', 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.mkdir('folder') if hasattr(archive, 'mkdir') else archive.writestr('folder/', '')
    archive.writestr('folder/long.csv', 'a line of text\n' * 20000)
    archive.writestr('stored.csv', 'as it is', zipfile.ZIP_STORED)
    archive.writestr('empty.csv', '')
)";

std::map<std::string, std::string> read(const std::filesystem::path& path) {
  std::map<std::string, std::string> files;
  read_zip(path, [&](std::string_view name, std::string text) { files.emplace(name, std::move(text)); });
  return files;
}

TEST(ZipFile, HandsOverEveryFileWhole) {
  const TemporaryFolder folder;
  ASSERT_EQ(run_python(folder.path(), kWrite), 0);
  const auto files = read(folder.path() / "two.zip");
  ASSERT_EQ(files.size(), 3u);
  EXPECT_EQ(files.at("folder/long.csv").size(), 300'000u);
  EXPECT_EQ(files.at("stored.csv"), "as it is");
  EXPECT_EQ(files.at("empty.csv"), "");
}

TEST(ZipFile, ErrorsNameTheArchive) {
  const TemporaryFolder folder;
  write_file_atomically(folder.path() / "text.zip", "date,open\n");
  for (const auto* name : {"text.zip", "absent.zip"}) {
    try {
      read(folder.path() / name);
      FAIL() << name;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
  }
}

TEST(ZipFile, DamagedContentIsFoundByItsChecksum) {
  const TemporaryFolder folder;
  ASSERT_EQ(run_python(folder.path(), kWrite), 0);
  const auto path = folder.path() / "two.zip";
  const auto bytes = read_file(path);
  const auto whole = read(path);
  for (std::uint64_t round = 0; round < 300; ++round) {
    Random random(round);
    auto damaged = bytes;
    damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
    if (round % 5 == 0) damaged.resize(random.below(damaged.size()));
    write_file_atomically(path, damaged);
    try {
      for (const auto& [name, text] : read(path)) {
        if (whole.contains(name)) {
          EXPECT_EQ(text, whole.at(name)) << name;  // another name is the only thing that may pass
        }
      }
    } catch (const Error& error) {
      EXPECT_NE(error.origin(), ErrorOrigin::kInternal) << error.what();
    }
  }
}

}  // namespace
}  // namespace orrery::zip_file_test
