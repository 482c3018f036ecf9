#include "orrery/factor/operator_page.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "orrery/base/files.h"
#include "orrery/factor/operator.h"

namespace orrery::operator_page_test {
namespace {

// ORRERY_WRITE_OPERATORS=docs/operators.md writes the page again; `make docs` does so.
TEST(OperatorPage, IsUpToDate) {
  if (const char* path = std::getenv("ORRERY_WRITE_OPERATORS")) write_file_atomically(path, operator_page());
  EXPECT_EQ(read_file("docs/operators.md"), operator_page()) << "run `make docs`";
}

TEST(OperatorPage, HasEveryOperator) {
  const std::string page = operator_page();
  for (const auto& info : operator_infos())
    EXPECT_NE(page.find("`" + info.name + "("), std::string::npos) << info.name;
}

}  // namespace
}  // namespace orrery::operator_page_test
