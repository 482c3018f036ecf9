#pragma once

#include <string>
#include <vector>

#include "apps/server/api/operation.h"
#include "apps/server/api/schema.h"
#include "apps/server/services.h"

namespace orrery::server {

/// The query parameter `run`: a run's name; without it the one that is recommended from.
Parameter run_query();
/// The path parameter of a name.
Parameter path_name(const std::string& name, std::string_view description);
/// The name of a role.
Json role_schema();
/// A day in the query.
Parameter date_query(const std::string& name, std::string_view description);

/// The schema of a registered model's NAME or NAME@VERSION (parse_model_reference), or of none.
Json model_reference_schema(std::string_view description);

/// The run that a request names, in path or query, or else the one that is recommended from.
std::shared_ptr<const CatalogueRun> run_of(const Services& services, const ApiRequest& request);
/// A day of the query; nothing where it is not there.
std::optional<Date> date_of(const ApiRequest& request, const std::string& name);

/// Something that is another one when a run (as RunCatalogue::find names it) is another one. Errors:
/// kNotFound.
std::string run_stamp(const Services& services, const std::string& name);

/// What answers about a run say of it, and its schema.
Json run_about(const CatalogueRun& run);
Json run_about_members();

/// The rows of a table whose `date` lies between two days, both inclusive, where they are given.
Table rows_between(Table table, std::optional<Date> first, std::optional<Date> last);

/// A number as JSON; null where it is not finite.
Json number_json(double value);
/// A moment as JSON; null where there is none.
Json moment_json(const std::optional<Timestamp>& moment);

}  // namespace orrery::server
