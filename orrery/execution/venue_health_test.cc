#include "orrery/execution/venue_health.h"

#include <gtest/gtest.h>

namespace orrery::venue_health_test {
namespace {

TEST(VenueHealth, SoManyFailuresInARowPutItOutForAPause) {
  VenueHealth health({3, 100.0, 20.0});
  EXPECT_FALSE(health.failed(0.0, 0.1));
  EXPECT_FALSE(health.failed(0.2, 0.3));
  EXPECT_TRUE(health.is_up(0.3));
  EXPECT_TRUE(health.failed(0.4, 0.5)) << "the third";
  EXPECT_FALSE(health.is_up(20.4));
  EXPECT_TRUE(health.is_up(20.5));
}

TEST(VenueHealth, AnAnswerBetweenFailuresStartsTheCountAnew) {
  VenueHealth health({2, 100.0, 20.0});
  EXPECT_FALSE(health.failed(0.0, 0.0));
  EXPECT_FALSE(health.succeeded());
  EXPECT_FALSE(health.failed(1.0, 1.0));
  EXPECT_TRUE(health.is_up(1.0));
}

TEST(VenueHealth, OneCallThatTakesLongerThanThePatienceIsEnough) {
  VenueHealth health({3, 10.0, 20.0});
  EXPECT_TRUE(health.failed(0.0, 10.0));
  EXPECT_FALSE(health.is_up(11.0));
}

TEST(VenueHealth, AfterThePauseOneCallDecides) {
  VenueHealth health({2, 100.0, 20.0});
  health.failed(0.0, 0.0);
  health.failed(0.0, 0.0);
  EXPECT_TRUE(health.is_up(20.0));
  EXPECT_FALSE(health.failed(20.0, 20.0)) << "it was out already";
  EXPECT_FALSE(health.is_up(39.0));
  EXPECT_TRUE(health.succeeded());
  EXPECT_TRUE(health.is_up(39.0));
}

}  // namespace
}  // namespace orrery::venue_health_test
