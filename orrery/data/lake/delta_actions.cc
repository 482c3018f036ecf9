#include "orrery/data/lake/delta_actions.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "orrery/base/error.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

std::string text_or_empty(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? "" : found->get<std::string>();
}

std::int64_t number_or_zero(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found == json.end() || found->is_null() ? 0 : found->get<std::int64_t>();
}

bool truth_or_true(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found == json.end() || found->is_null() || found->get<bool>();
}

Json null_if_empty(const std::string& text) { return text.empty() ? Json() : Json(text); }

/// Values that are no texts (as other writers' tags and parameters may be) are kept as JSON.
std::map<std::string, std::string> texts(const Json& json, const char* key) {
  std::map<std::string, std::string> result;
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return result;
  for (const auto& [name, value] : found->items()) {
    if (!value.is_null()) result[name] = value.is_string() ? value.get<std::string>() : value.dump();
  }
  return result;
}

std::vector<std::string> text_list(const Json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return {};
  return found->get<std::vector<std::string>>();
}

std::map<std::string, std::optional<std::string>> partition_values(const Json& json) {
  std::map<std::string, std::optional<std::string>> result;
  const auto found = json.find("partitionValues");
  if (found == json.end() || found->is_null()) return result;
  for (const auto& [name, value] : found->items()) {
    result[name] = value.is_null() ? std::nullopt : std::optional(value.get<std::string>());
  }
  return result;
}

Json to_json(const std::map<std::string, std::string>& values) {
  Json json = Json::object();
  for (const auto& [name, value] : values) json[name] = value;
  return json;
}

Json to_json(const SharedTextMap& values) {
  Json json = Json::object();
  for (const auto& [name, value] : values) json[std::string(name)] = value;
  return json;
}

Json to_json(const DeltaProtocol& protocol) {
  Json json = {{"minReaderVersion", protocol.reader_version}, {"minWriterVersion", protocol.writer_version}};
  if (!protocol.reader_features.empty()) json["readerFeatures"] = protocol.reader_features;
  if (!protocol.writer_features.empty()) json["writerFeatures"] = protocol.writer_features;
  return json;
}

Json to_json(const DeltaMetadata& metadata) {
  return {{"id", metadata.id},
          {"name", null_if_empty(metadata.name)},
          {"description", null_if_empty(metadata.description)},
          {"format", {{"provider", "parquet"}, {"options", Json::object()}}},
          {"schemaString", orrery::to_json(metadata.schema)},
          {"partitionColumns", metadata.partition_columns},
          {"createdTime", metadata.created_ms},
          {"configuration", to_json(metadata.configuration)}};
}

Json to_json(const AddedFile& file) {
  Json partitions = Json::object();
  for (const auto& [name, value] : file.partition_values) partitions[name] = value ? Json(*value) : Json();
  Json json = {{"path", url_encode(file.path)},
               {"partitionValues", std::move(partitions)},
               {"size", file.size},
               {"modificationTime", file.modified_ms},
               {"dataChange", file.data_change}};
  if (!file.statistics.empty()) json["stats"] = std::string_view(file.statistics);
  if (!file.tags.empty()) json["tags"] = to_json(file.tags);
  return json;
}

Json to_json(const RemovedFile& file) {
  return {{"path", url_encode(file.path)},
          {"deletionTimestamp", file.deleted_ms},
          {"dataChange", file.data_change}};
}

Json to_json(const CommitInfo& info) {
  Json json = {{"timestamp", info.timestamp_ms},
               {"operation", info.operation},
               {"operationParameters", to_json(info.parameters)},
               {"engineInfo", "orrery/" ORRERY_VERSION}};
  if (!info.transaction.empty()) json["txnId"] = info.transaction;
  return json;
}

Json to_json(const DeltaTransaction& transaction) {
  return {{"appId", transaction.application}, {"version", transaction.version}};
}

DeltaMetadata parse_metadata(const Json& json, const std::string& place) {
  DeltaMetadata metadata;
  metadata.id = text_or_empty(json, "id");
  metadata.name = text_or_empty(json, "name");
  metadata.description = text_or_empty(json, "description");
  metadata.schema = parse_delta_schema(json.at("schemaString").get<std::string>(), place);
  metadata.partition_columns = text_list(json, "partitionColumns");
  metadata.configuration = texts(json, "configuration");
  metadata.created_ms = number_or_zero(json, "createdTime");
  return metadata;
}

SharedTextMap tags(const Json& json) {
  SharedTextMap result;
  for (const auto& [name, value] : texts(json, "tags")) result.set(name, value);
  return result;
}

AddedFile parse_added(const Json& json, const std::string& place) {
  if (const auto vector = json.find("deletionVector"); vector != json.end() && !vector->is_null()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{}: a file has a deletion vector, which Orrery does not read", place));
  }
  return {url_decode(json.at("path").get<std::string>()),
          partition_values(json),
          number_or_zero(json, "size"),
          number_or_zero(json, "modificationTime"),
          truth_or_true(json, "dataChange"),
          text_or_empty(json, "stats"),
          tags(json)};
}

void parse_action(const std::string& kind, const Json& json, const std::string& place,
                  DeltaActions& actions) {
  if (kind == "add") {
    actions.added.push_back(parse_added(json, place));
  } else if (kind == "remove") {
    actions.removed.push_back({url_decode(json.at("path").get<std::string>()),
                               number_or_zero(json, "deletionTimestamp"), truth_or_true(json, "dataChange")});
  } else if (kind == "metaData") {
    actions.metadata = parse_metadata(json, place);
  } else if (kind == "protocol") {
    actions.protocol = {json.at("minReaderVersion").get<int>(), json.at("minWriterVersion").get<int>(),
                        text_list(json, "readerFeatures"), text_list(json, "writerFeatures")};
  } else if (kind == "commitInfo") {
    actions.info = {number_or_zero(json, "timestamp"), text_or_empty(json, "operation"),
                    texts(json, "operationParameters"), text_or_empty(json, "txnId")};
  } else if (kind == "txn") {
    actions.transactions.push_back({json.at("appId").get<std::string>(), number_or_zero(json, "version")});
  }
}

int hex_digit(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view("-._~/!$&'()*+,;=:@").find(c) != std::string_view::npos;
}

}  // namespace

bool DeltaActions::changes_data() const {
  const auto changes = [](const auto& file) { return file.data_change; };
  return std::any_of(added.begin(), added.end(), changes) ||
         std::any_of(removed.begin(), removed.end(), changes);
}

std::string to_json_lines(const DeltaActions& actions) {
  std::string lines;
  const auto line = [&lines](const char* kind, const auto& action) {
    lines += Json{{kind, to_json(action)}}.dump() + "\n";
  };
  if (actions.info) line("commitInfo", *actions.info);
  if (actions.protocol) line("protocol", *actions.protocol);
  if (actions.metadata) line("metaData", *actions.metadata);
  for (const auto& transaction : actions.transactions) line("txn", transaction);
  for (const auto& file : actions.removed) line("remove", file);
  for (const auto& file : actions.added) line("add", file);
  return lines;
}

DeltaActions parse_delta_actions(std::string_view lines, const std::string& place) {
  DeltaActions actions;
  for (int number = 1; !lines.empty(); ++number) {
    const auto line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    try {
      const auto json = Json::parse(line);
      for (const auto& [kind, action] : json.items()) {
        if (!action.is_null()) parse_action(kind, action, place, actions);
      }
    } catch (const Json::exception& error) {
      throw external_error(ErrorCode::kDataCorrupt, fmt::format("{}:{}: {}", place, number, error.what()));
    }
  }
  return actions;
}

std::string url_encode(std::string_view path) {
  std::string text;
  for (const char c : path) {
    text += is_plain(c) ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return text;
}

std::string url_decode(std::string_view text) {
  if (text.find('%') == std::string_view::npos) return std::string(text);
  std::string path;
  path.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_digit(text[i + 2]);
    path += low < 0 ? text[i] : static_cast<char>(16 * high + low);
    if (low >= 0) i += 2;
  }
  return path;
}

}  // namespace orrery
