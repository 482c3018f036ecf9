#include "orrery/risk/stress.h"

namespace orrery {
namespace {

/// Closes of the S&P 500 around each event: the highest (of Lehman the last) before it, and the lowest.
constexpr StressWindow kStressWindows[] = {
    {"Black Monday", "1987-10-13", "1987-10-19"},        {"Gulf war", "1990-07-16", "1990-10-11"},
    {"Russia and LTCM", "1998-07-17", "1998-08-31"},     {"Dot-com", "2000-03-24", "2002-10-09"},
    {"Financial crisis", "2007-10-09", "2009-03-09"},    {"Lehman", "2008-09-12", "2008-11-20"},
    {"Flash crash, Greece", "2010-04-23", "2010-07-02"}, {"US downgrade", "2011-07-22", "2011-08-08"},
    {"China, August 2015", "2015-08-17", "2015-08-25"},  {"Volmageddon", "2018-01-26", "2018-02-08"},
    {"Winter of 2018", "2018-09-20", "2018-12-24"},      {"Covid", "2020-02-19", "2020-03-23"},
    {"Rates of 2022", "2022-01-03", "2022-10-12"},
};

}  // namespace

std::span<const StressWindow> stress_windows() { return kStressWindows; }

}  // namespace orrery
