#pragma once

#include "orrery/app/study.h"

namespace orrery {

/// Reads `model` of a study: a registered model, `{python: FILE.py:CLASS}`, `{name: ensemble, members: […]}`,
/// `{name: meta, primary: …, secondary: …}` or `{name: auto, families: […]}`. Unknown names and settings are
/// problems at their places.
void read_model(ConfigReader reader, const Plugins& plugins, ConfigProblems& problems, Study& study);

/// Adds what is said against a model's setting, at its place under `params`.
void add_setting_problem(ConfigReader& reader, const std::string& setting, const std::string& message,
                         ConfigProblems& problems);

/// Adds what the model says against its settings, each at its place.
void check_settings(ConfigReader& reader, const ModelInfo& info, const ParameterMap& settings,
                    ConfigProblems& problems);

/// Errors: kInvalidArgument, with the nearest name, where a setting of the study's models names a factor that
/// is not among `factors`: all that there are, those of factor files included.
void require_named_factors(const Study& study, const std::vector<std::string>& factors);

/// Returns what makes the study's models, which with a nested `tune` choose their settings in every fit.
/// Errors: kInvalidArgument for a name that no model has.
ModelEntry study_model(const Study& study, const Plugins& plugins);

/// The same without a nested `tune`: settings as they are given.
ModelEntry settled_model(const Study& study, const Plugins& plugins);

}  // namespace orrery
