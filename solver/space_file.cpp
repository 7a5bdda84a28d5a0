#include "solver/space_file.hpp"

#include <fmt/format.h>

#include "solver/domain_text.hpp"
#include "solver/error.hpp"
#include "solver/json_reader.hpp"
#include "solver/parser.hpp"

namespace warpsmith {
namespace {

constexpr std::string_view kParts = "\"parameters\" and \"constraints\"";

class SpaceReader {
  public:
    SpaceReader(const SourceText& source, const Json& entry) : source_(source), entry_(entry), budget_(source) {}

    ModelFromText run(std::size_t index) {
        expect_object(source_, entry_, "a space");
        const Json* name = entry_.find("name");
        result_.name = name != nullptr ? expect_text(source_, *name, "the name") : fmt::format("space {}", index);
        read_parameters();
        if (const Json* definitions = entry_.find("definitions")) {
            for (const JsonMember& member : expect_object(source_, *definitions, "definitions")) {
                Expr value = expression(member.value);
                if (result_.model.find(member.name)) {
                    complain(source_, member.offset, fmt::format("the name \"{}\" is used twice", member.name));
                }
                result_.model.define(member.name, value);
            }
        }
        for (const Json& constraint :
             expect_list(source_, require_member(source_, entry_, "constraints", kParts), "constraints")) {
            read_constraint(constraint);
        }
        if (const Json* cost = entry_.find("minimize")) {
            result_.model.minimize(expression(*cost));
        }
        const Json* count = entry_.find("valid_configs_recounted");
        const auto* number = count == nullptr ? nullptr : count->as<std::int64_t>();
        if (number != nullptr && *number >= 0) {
            result_.expected_count = static_cast<std::uint64_t>(*number);
        }
        return std::move(result_);
    }

  private:
    void read_parameters() {
        const Json* counts = entry_.find("values_per_parameter");
        const Json& list = counts != nullptr ? *counts : require_member(source_, entry_, "parameters", kParts);
        for (const JsonMember& member : expect_object(source_, list, "parameters")) {
            const DomainFromText domain = counts != nullptr
                                              ? evenly_spaced(source_, member.value, member.name)
                                              : domain_values(source_, member.value, member.name, result_.model);
            const auto* range = std::get_if<ValueRange>(&domain);
            if (range != nullptr) {
                result_.model.range_variable(member.name, *range);
            } else {
                result_.model.variable(member.name, std::span(std::get<std::vector<Value>>(domain)));
            }
            budget_.add_parameter(member.offset, result_.model.variables().back().values.size());
        }
    }

    void read_constraint(const Json& constraint) {
        bool with_reason = constraint.as<Json::Object>() != nullptr;
        constexpr std::string_view kExpected = "{\"condition\": expression, \"reason\": text}";
        const Json& condition = with_reason ? require_member(source_, constraint, "condition", kExpected) : constraint;
        Expr parsed = expression(condition);
        const Json& reason = with_reason ? require_member(source_, constraint, "reason", kExpected) : constraint;
        result_.model.require(parsed, expect_text(source_, reason, "the reason"));
    }

    Expr expression(const Json& text) {
        expect_text(source_, text, "an expression");
        Expr parsed = parse_expression(text_of(source_, text), result_.model);
        budget_.add_expression(text.offset, parsed);
        return parsed;
    }

    const SourceText& source_;
    const Json& entry_;
    ModelBudget budget_;
    ModelFromText result_;
};

}  // namespace

std::vector<ModelFromText> read_spaces(const SourceText& source) {
    return read_spaces(source, parse_json(source));
}

std::vector<ModelFromText> read_spaces(const SourceText& source, const Json& document) {
    if (document.as<Json::Object>() == nullptr) {
        complain(source, document.offset, fmt::format("expected an object with {}", kParts));
    }
    std::vector<ModelFromText> models;
    const Json* spaces = document.find("spaces");
    if (spaces == nullptr) {
        models.push_back(SpaceReader(source, document).run(0));
        return models;
    }
    for (const Json& entry : expect_list(source, *spaces, "spaces")) {
        const Json* index = entry.find("index");
        const auto* number = index == nullptr ? nullptr : index->as<std::int64_t>();
        models.push_back(
            SpaceReader(source, entry).run(number != nullptr ? static_cast<std::size_t>(*number) : models.size()));
    }
    return models;
}

std::vector<ModelFromText> load_spaces(const std::string& path) {
    return read_spaces(read_source(path));
}

ModelFromText load_space(const std::string& path) {
    return only_space(load_spaces(path), path);
}

ModelFromText only_space(std::vector<ModelFromText> spaces, const std::string& file) {
    if (spaces.size() != 1) {
        throw Error(fmt::format("reading {}: it holds {} spaces where one is wanted; put each into a file of its own",
                                file, spaces.size()));
    }
    return std::move(spaces.front());
}

}  // namespace warpsmith
