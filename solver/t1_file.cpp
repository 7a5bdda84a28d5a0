#include "solver/t1_file.hpp"

#include <fmt/format.h>

#include "solver/error.hpp"
#include "solver/json_reader.hpp"
#include "solver/parser.hpp"
#include "solver/value_list.hpp"

namespace warpsmith {
namespace {

// "Values", or "values" as in older files.
const Json* find_either(const Json& object, std::string name) {
    if (const Json* found = object.find(name)) {
        return found;
    }
    name[0] = static_cast<char>(name[0] - 'A' + 'a');
    return object.find(name);
}

class T1Reader {
  public:
    T1Reader(const SourceText& source, const Json& document) : source_(source), document_(document), budget_(source) {}

    ModelFromText run() {
        expect_object(source_, document_, "a T1 file");
        const Json& space = require(document_, "ConfigurationSpace", "the parameters and conditions of a T1 file");
        expect_object(source_, space, "ConfigurationSpace");
        result_.name = name();
        const Json& parameters = require(space, "TuningParameters", "a list of {\"Name\": text, \"Values\": text}");
        for (const Json& parameter : expect_list(source_, parameters, "TuningParameters")) {
            read_parameter(parameter);
        }
        for (const char* key : {"Conditions", "Constraints"}) {
            if (const Json* conditions = find_either(space, key)) {
                for (const Json& condition : expect_list(source_, *conditions, key)) {
                    read_condition(condition);
                }
            }
        }
        return std::move(result_);
    }

  private:
    const Json& require(const Json& object, const std::string& key, std::string_view expected) const {
        const Json* found = find_either(object, key);
        return found != nullptr ? *found : require_member(source_, object, key, expected);
    }

    std::string name() const {
        for (auto [section, key] : {std::pair("General", "BenchmarkName"), {"KernelSpecification", "KernelName"}}) {
            const Json* object = find_either(document_, section);
            const Json* found = object == nullptr ? nullptr : find_either(*object, key);
            if (found != nullptr && found->as<std::string>() != nullptr) {
                return *found->as<std::string>();
            }
        }
        return source_.file;
    }

    void read_parameter(const Json& parameter) {
        constexpr std::string_view kExpected = "{\"Name\": text, \"Values\": a Python list in a text, or a list}";
        expect_object(source_, parameter, "a tuning parameter");
        const Json& name_json = require(parameter, "Name", kExpected);
        const std::string& name = expect_text(source_, name_json, "the name of a parameter");
        const Json& list = require(parameter, "Values", kExpected);
        std::vector<Value> values = list.as<std::string>() != nullptr ? parse_value_list(text_of(source_, list))
                                                                      : parameter_values(source_, list, name);
        budget_.add_parameter(name_json.offset, values.size());
        if (result_.model.find(name)) {
            complain(source_, name_json.offset, fmt::format("the name \"{}\" is used twice", name));
        }
        result_.model.variable(name, values);
    }

    void read_condition(const Json& condition) {
        bool bare = condition.as<std::string>() != nullptr;
        if (!bare) {
            expect_object(source_, condition, "a condition");
        }
        const Json& text = bare ? condition : require(condition, "Expression", "{\"Expression\": text}");
        const std::string& reason = expect_text(source_, text, "an expression");
        Expr parsed = parse_expression(text_of(source_, text), result_.model, Language::python_and_c);
        budget_.add_expression(text.offset, parsed);
        result_.model.require(parsed, reason);
    }

    const SourceText& source_;
    const Json& document_;
    ModelBudget budget_;
    ModelFromText result_;
};

}  // namespace

ModelFromText read_t1(const SourceText& source) {
    return read_t1(source, parse_json(source));
}

ModelFromText read_t1(const SourceText& source, const Json& document) {
    return T1Reader(source, document).run();
}

bool is_t1(const Json& document) {
    return find_either(document, "ConfigurationSpace") != nullptr;
}

}  // namespace warpsmith
