#include "solver/space_file.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "solver/error.hpp"
#include "solver/parser.hpp"

namespace warpsmith {
namespace {

using Json = nlohmann::ordered_json;  // keeps the order of parameters

Json parsed(const SourceText& source) {
    try {
        return Json::parse(source.text);
    } catch (const Json::parse_error& error) {
        std::string_view message = error.what();
        std::size_t colon = message.rfind(": ");  // what precedes it repeats the position
        complain(source, error.byte == 0 ? 0 : error.byte - 1,
                 fmt::format("not JSON: {}", colon == std::string_view::npos ? message : message.substr(colon + 2)));
    }
}

class Reader {
  public:
    explicit Reader(const SourceText& source) : source_(source) {}

    std::vector<ModelFromText> run() {
        Json document = parsed(source_);
        if (!document.is_object()) {
            complain(source_, 0, "expected an object with \"parameters\" and \"constraints\"");
        }
        std::vector<ModelFromText> models;
        if (!document.contains("spaces")) {
            models.push_back(space(document));
            return models;
        }
        for (const Json& entry : member(document, "spaces", Json::value_t::array)) {
            models.push_back(space(entry));
        }
        return models;
    }

  private:
    ModelFromText space(const Json& entry) {
        ModelFromText result;
        result.name = entry.contains("name") ? expect(entry["name"], Json::value_t::string, "name").get<std::string>()
                                             : fmt::format("space {}", entry.value("index", 0));
        read_parameters(entry, result.model);
        if (entry.contains("definitions")) {
            for (const auto& [name, value] : member(entry, "definitions", Json::value_t::object).items()) {
                result.model.define(name, expression(value, result.model));
            }
        }
        for (const Json& constraint : member(entry, "constraints", Json::value_t::array)) {
            read_constraint(constraint, result.model);
        }
        if (entry.contains("minimize")) {
            result.model.minimize(expression(entry["minimize"], result.model));
        }
        auto count = entry.find("valid_configs_recounted");
        if (count != entry.end() && count->is_number_unsigned()) {
            result.expected_count = count->get<std::uint64_t>();
        }
        return result;
    }

    void read_parameters(const Json& entry, Model& model) {
        if (entry.contains("values_per_parameter")) {
            for (const auto& [name, count] : member(entry, "values_per_parameter", Json::value_t::object).items()) {
                expect(count, Json::value_t::number_unsigned, name);
                model.variable(name, evenly_spaced(count.get<std::size_t>(), name));
            }
            return;
        }
        for (const auto& [name, list] : member(entry, "parameters", Json::value_t::object).items()) {
            std::vector<Value> values;
            for (const Json& element : expect(list, Json::value_t::array, name)) {
                values.push_back(value(element, name));
            }
            model.variable(name, values);
        }
    }

    void read_constraint(const Json& constraint, Model& model) {
        if (!constraint.is_object()) {
            Expr condition = expression(constraint, model);
            model.require(condition, constraint.get<std::string>());
            return;
        }
        const Json& condition = member(constraint, "condition", Json::value_t::string);
        const Json& reason = member(constraint, "reason", Json::value_t::string);
        model.require(expression(condition, model), reason.get<std::string>());
    }

    Expr expression(const Json& text, const Model& model) {
        expect(text, Json::value_t::string, "an expression");
        // The parser of JSON keeps no positions: the text is found again where it is written without escapes.
        std::size_t offset = source_.text.find(text.dump(-1, ' ', false, Json::error_handler_t::replace));
        SourceText part{.file = source_.file, .text = text.get<std::string>()};
        return parse_expression(offset == std::string::npos ? part : part_of(source_, offset + 1, part.text), model);
    }

    Value value(const Json& element, const std::string& parameter) const {
        if (element.is_string()) {
            return element.get<std::string>();
        }
        if (element.is_boolean()) {
            return std::int64_t{element.get<bool>() ? 1 : 0};
        }
        if (element.is_number_float()) {
            return element.get<double>();
        }
        bool too_large = element.is_number_unsigned() && !std::in_range<std::int64_t>(element.get<std::uint64_t>());
        if (!element.is_number_integer() || too_large) {
            complain(source_, place_of(parameter),
                     fmt::format("parameter \"{}\" has the value {}; expected a number within 64 bits or text",
                                 parameter, element.dump()));
        }
        return element.get<std::int64_t>();
    }

    std::vector<Value> evenly_spaced(std::size_t count, const std::string& parameter) const {
        constexpr std::size_t kMaxCount = 1'000'000;
        constexpr double kEnd = 500.0;
        if (count < 2 || count > kMaxCount) {
            complain(source_, place_of(parameter), fmt::format("expected 2 to {} values", kMaxCount));
        }
        std::vector<Value> values;
        for (std::size_t i = 0; i + 1 < count; ++i) {
            values.emplace_back(static_cast<double>(i) * (2 * kEnd / static_cast<double>(count - 1)) - kEnd);
        }
        values.emplace_back(kEnd);
        return values;
    }

    const Json& member(const Json& object, const char* key, Json::value_t type) const {
        auto found = object.is_object() ? object.find(key) : object.end();
        if (found == object.end()) {
            complain(source_, 0, fmt::format("there is no \"{}\"; a space has parameters and constraints", key));
        }
        return expect(*found, type, key);
    }

    const Json& expect(const Json& json, Json::value_t type, const std::string& what) const {
        if (json.type() != type) {
            complain(source_, place_of(what),
                     fmt::format("{} is of the type {}, expected {}", what, json.type_name(), Json(type).type_name()));
        }
        return json;
    }

    // The first place that mentions the key: exact unless an earlier value is the same text.
    std::size_t place_of(const std::string& key) const {
        std::size_t offset = source_.text.find("\"" + key + "\"");
        return offset == std::string::npos ? 0 : offset;
    }

    const SourceText& source_;
};

}  // namespace

std::vector<ModelFromText> read_spaces(const SourceText& source) {
    return Reader(source).run();
}

std::vector<ModelFromText> load_spaces(const std::string& path) {
    return read_spaces(read_source(path));
}

ModelFromText load_space(const std::string& path) {
    std::vector<ModelFromText> models = load_spaces(path);
    if (models.size() != 1) {
        throw Error(fmt::format("reading {}: it holds {} spaces where one is wanted; put each into a file of its own",
                                path, models.size()));
    }
    return std::move(models.front());
}

}  // namespace warpsmith
