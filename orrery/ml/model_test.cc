#include "orrery/ml/model.h"

#include <gtest/gtest.h>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/ml/model_file.h"
#include "testing/temporary_folder.h"

namespace orrery::model_test {
namespace {

ModelInfo two_settings() {
  ModelInfo info;
  info.name = "example";
  info.parameters = {{"rounds", std::int64_t{10}, "rounds", 1.0, std::nullopt}, {"rate", 0.1, "step"}};
  info.aliases = {{"n_rounds", "rounds"}, {"eta", "rate"}};
  return info;
}

TEST(ModelParameters, ResolveAliases) {
  const auto resolved =
      resolve_model_parameters(two_settings(), {{"n_rounds", std::int64_t{3}}, {"rate", 0.5}});
  EXPECT_EQ(resolved, (ParameterMap{{"rounds", std::int64_t{3}}, {"rate", 0.5}}));
}

TEST(ModelParameters, NameWhatIsWrong) {
  const auto message = [](const ParameterMap& given) {
    const auto problems = check_model_parameters(two_settings(), given);
    return problems.empty() ? std::string("none") : problems.front().message;
  };
  EXPECT_EQ(message({{"eta", 0.5}}), "none");
  EXPECT_EQ(message({{"eta", 0.5}, {"rate", 0.5}}),
            "'rate' and 'eta' are the same setting of example; give one");
  EXPECT_NE(message({{"ronds", std::int64_t{5}}}).find("did you mean 'rounds'"), std::string::npos);
  EXPECT_NE(message({{"n_rounds", std::int64_t{0}}}).find("at least 1"), std::string::npos);
  EXPECT_THROW(resolve_model_parameters(two_settings(), {{"rounds", 1.5}}), Error);
}

TEST(ModelFile, KeepsEverythingToTheByte) {
  const testing::TemporaryFolder folder;
  const ModelFile file{
      "example",
      {{"flag", true}, {"n", std::int64_t{-3}}, {"x", 0.1}, {"whole", 2.0}, {"text", std::string("a\nb")}},
      {"$close/$open", "b \"quoted\""},
      std::string("line\n\0binary\n", 13)};
  write_model_file(folder.path(), file);
  const ModelFile read = read_model_file(folder.path(), "example");
  EXPECT_EQ(read.parameters, file.parameters);
  EXPECT_EQ(read.features, file.features);
  EXPECT_EQ(read.content, file.content);
}

TEST(ModelFile, RefusesAnotherVersion) {
  const testing::TemporaryFolder folder;
  write_model_file(folder.path(), {"example", {}, {}, "x"});
  std::string text = read_file(folder.path() / "model.orrery");
  text.replace(text.find(" 1 "), 3, " 2 ");
  write_file_atomically(folder.path() / "model.orrery", text);
  EXPECT_THROW(read_model_file(folder.path(), "example"), Error);
}

}  // namespace
}  // namespace orrery::model_test
