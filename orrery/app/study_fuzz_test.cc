// Damaged studies: whatever comes, the answer is a study or an error with a line (`make fuzz`).

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "orrery/app/study.h"
#include "orrery/base/files.h"
#include "testing/damaged_texts.h"
#include "testing/study_plugins.h"

namespace orrery::study_fuzz_test {
namespace {

std::vector<std::string> example_studies() {
  std::vector<std::string> texts;
  for (const auto& entry : std::filesystem::directory_iterator(ORRERY_EXAMPLES)) {
    if (entry.path().extension() == ".yaml") texts.push_back(read_file(entry.path()));
  }
  return texts;
}

TEST(StudyFuzz, DamagedStudiesGetAnAnswer) {
  testing::DamagedTexts damaged(11, example_studies(),
                                {":",
                                 "- ",
                                 "\n",
                                 "\n  ",
                                 "{",
                                 "}",
                                 "[",
                                 "]",
                                 ",",
                                 "\"",
                                 "'",
                                 "null",
                                 "~",
                                 "1e999",
                                 "nan",
                                 "-1",
                                 "0",
                                 "&a ",
                                 "*a",
                                 "<<: ",
                                 "!!str ",
                                 "|\n",
                                 ">\n",
                                 "#",
                                 "?",
                                 "\t",
                                 "\xff",
                                 "\xc3\xa9",
                                 "99999999999999999999",
                                 "1y",
                                 "2024-02-30",
                                 "true",
                                 "model:",
                                 "label:",
                                 "portfolio:",
                                 "../../x",
                                 "$HOME",
                                 "validation: {train: 0d}"});
  int read = 0;
  const int rounds = testing::fuzz_rounds(400);
  for (int round = 0; round < rounds; ++round) {
    testing::expect_an_answer(damaged.next(), [&](const std::string& text) {
      parse_study(text, "study.yaml", {}, testing::study_plugins());
      ++read;
    });
  }
  EXPECT_GT(read, 0) << "some damage lies in comments";
}

}  // namespace
}  // namespace orrery::study_fuzz_test
