#include "orrery/data/lake/lake_stores.h"

#include "orrery/base/address.h"

namespace orrery {

LakeStoreRegistry& lake_stores() {
  static LakeStoreRegistry stores("store of lakes");
  return stores;
}

std::unique_ptr<LakeFiles> lake_files(const std::filesystem::path& place) {
  const auto address = place.string();
  if (!is_address(address)) return folder_files(place);
  return lake_stores().get(address.substr(0, address.find("://"))).open(address);
}

}  // namespace orrery
