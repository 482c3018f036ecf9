#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "orrery/data/table.h"

namespace orrery {

/// What names one account of a fact: the fact's key, and whose account it is.
struct AccountColumns {
  std::vector<std::string> key;
  std::vector<std::string> account;  ///< the source, and what else tells a source's accounts apart
};

/// Delivered rows, held against those that are there.
struct NewVersions {
  Table rows;                ///< what is to be added: `added` rows and `restated` ones
  std::size_t added = 0;     ///< the first of their account
  std::size_t same = 0;      ///< say what the account's latest version says: not in `rows`
  std::size_t restated = 0;  ///< say something else: known from when they were retrieved
  Table contradictions;      ///< say something else of an account that a later one has replaced: not taken
};

/// Sorts delivered rows into new accounts, repeated ones and restatements. A restatement is known from the
/// moment it was retrieved, or from its source's rule if that is later. Where the source has given a later
/// account of the same fact (another vintage, another filing), a change of the older one can't become the
/// latest: it is a contradiction. Versions compare by all columns but the three times, whether a value is
/// missing included. Both tables have the same columns in the same order, among them
/// the retrieved time; rows without a known time are notes, whose retrieved time orders them.
NewVersions new_versions(const Table& there, const Table& delivered, const AccountColumns& columns);

}  // namespace orrery
