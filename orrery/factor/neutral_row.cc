#include "orrery/factor/neutral_row.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>

namespace orrery {
namespace {

constexpr std::size_t kUnknown = static_cast<std::size_t>(-1);
/// Residuals smaller than this part of what they are left from are rounding.
constexpr double kRounding = 1e-10;

double sum_of_products(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

const char* to_string(Neutralization neutralization) {
  if (neutralization == Neutralization::kSector) return "sector";
  return neutralization == Neutralization::kSize ? "size" : "sector_and_size";
}

NeutralRows::NeutralRows(const std::vector<std::string>& sectors, const Panel& size) : size_(size) {
  std::map<std::string_view, std::size_t> known;
  for (const auto& name : sectors) {
    sectors_.push_back(name.empty() ? kUnknown : known.emplace(name, known.size()).first->second);
  }
  sector_count_ = known.size();
}

std::vector<Neutralization> NeutralRows::possible() const {
  std::vector<Neutralization> found;
  if (sector_count_ > 0) found.push_back(Neutralization::kSector);
  if (!size_.empty()) found.push_back(Neutralization::kSize);
  if (found.size() == 2) found.push_back(Neutralization::kSectorAndSize);
  return found;
}

void NeutralRows::apply(Neutralization what, std::size_t row, std::span<double> values) {
  gather(what, row, values);
  std::fill(values.begin(), values.end(), Panel::missing());
  const double before = sum_of_products(values_, values_);
  subtract_group_means(values_);
  if (what != Neutralization::kSector) subtract_size();
  if (sum_of_products(values_, values_) <= kRounding * kRounding * before) return;
  for (std::size_t k = 0; k < columns_.size(); ++k) values[columns_[k]] = values_[k];
}

/// Collects the instruments that take part; without sectors all are one group.
void NeutralRows::gather(Neutralization what, std::size_t row, std::span<double> values) {
  const bool by_sector = what != Neutralization::kSize;
  const bool by_size = what != Neutralization::kSector;
  const auto group_of = [&](std::size_t i) { return by_sector ? sectors_[i] : 0; };
  const auto takes_part = [&](std::size_t i) {
    return std::isfinite(values[i]) && group_of(i) != kUnknown && (!by_size || std::isfinite(size_(row, i)));
  };
  names_.assign(std::max<std::size_t>(sector_count_, 1), 0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (takes_part(i)) ++names_[group_of(i)];
  }
  columns_.clear();
  groups_.clear();
  values_.clear();
  sizes_.clear();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!takes_part(i) || names_[group_of(i)] < 2) continue;
    columns_.push_back(i);
    groups_.push_back(group_of(i));
    values_.push_back(values[i]);
    if (by_size) sizes_.push_back(size_(row, i));
  }
}

/// Measured from each group's first value, so that a group of equal values leaves exact zeros.
void NeutralRows::subtract_group_means(std::vector<double>& values) {
  first_.assign(names_.size(), Panel::missing());
  sum_.assign(names_.size(), 0.0);
  for (std::size_t k = 0; k < values.size(); ++k) {
    const std::size_t group = groups_[k];
    if (std::isnan(first_[group])) first_[group] = values[k];
    values[k] -= first_[group];
    sum_[group] += values[k];
  }
  for (std::size_t k = 0; k < values.size(); ++k) {
    values[k] -= sum_[groups_[k]] / static_cast<double>(names_[groups_[k]]);
  }
}

/// Within the groups: the coefficient is that of the regression on dummies and size together (Frisch and
/// Waugh, 1933).
void NeutralRows::subtract_size() {
  subtract_group_means(sizes_);
  const double squares = sum_of_products(sizes_, sizes_);
  if (squares == 0.0) return;
  const double slope = sum_of_products(values_, sizes_) / squares;
  for (std::size_t k = 0; k < values_.size(); ++k) values_[k] -= slope * sizes_[k];
}

}  // namespace orrery
