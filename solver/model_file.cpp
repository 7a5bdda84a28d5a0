#include "solver/model_file.hpp"

#include <fmt/format.h>

#include "solver/constrint_file.hpp"
#include "solver/error.hpp"
#include "solver/space_file.hpp"
#include "solver/t1_file.hpp"

namespace warpsmith {
namespace {

ModelFromText read_json(const SourceText& source) {
    Json document = parse_json(source);
    if (is_t1(document)) {
        return read_t1(source, document);
    }
    for (const char* key : {"parameters", "values_per_parameter", "spaces", "constraints"}) {
        if (document.find(key) != nullptr) {
            return only_space(read_spaces(source, document), source.file);
        }
    }
    complain(
        source, document.offset,
        "this is JSON, but neither a space file, which has \"parameters\" and \"constraints\", nor a T1 file, which "
        "has \"ConfigurationSpace\"");
}

}  // namespace

ModelFromText read_model(const SourceText& source, Brackets brackets) {
    std::size_t start = source.text.find_first_not_of(" \t\r\n");
    if (start == std::string::npos) {
        complain(source, 0,
                 "there is nothing in this file; expected a space file or a T1 file (JSON), or ConstrINT text");
    }
    if (source.text[start] == '{') {
        return read_json(source);
    }
    try {
        return read_constrint(source, brackets);
    } catch (const Error& error) {
        throw Error(
            fmt::format("{}\n    (read as ConstrINT text, because it does not start with {{ as a space file or a "
                        "T1 file does)",
                        error.what()));
    }
}

ModelFromText load_model(const std::string& path, Brackets brackets) {
    return read_model(read_source(path), brackets);
}

}  // namespace warpsmith
