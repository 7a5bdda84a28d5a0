#include "device/emulator/parser.hpp"

#include <string>

#include "device/emulator/declaration.hpp"
#include "device/emulator/function_parser.hpp"
#include "device/emulator/lexer.hpp"

namespace warpsmith::emulator {
namespace {

using syntax::Function;
using syntax::StateSpace;

constexpr std::size_t kMostFiles = 1U << 16;

class ModuleParser {
  public:
    explicit ModuleParser(std::string_view ptx) : lexer_(ptx) {}

    syntax::Module parse() {
        while (lexer_.peek().kind != Token::Kind::end) {
            parse_directive();
        }
        if (module_.version.empty()) {
            lexer_.fail("expected a .version directive");
        }
        return std::move(module_);
    }

  private:
    void parse_directive();
    void parse_target();
    void parse_file();
    void parse_section();
    void parse_function(bool is_entry);
    void parse_parameters(Function& function, std::vector<std::uint32_t>& list);
    void parse_limits(Function& function);
    void parse_variables(StateSpace space, bool is_extern);
    std::vector<unsigned> parse_numbers();

    Lexer lexer_;
    syntax::Module module_;
};

void ModuleParser::parse_target() {
    module_.target = lexer_.take().text;
    while (lexer_.accept(",")) {
        lexer_.take();
    }
}

// .file 1 "path" [, timestamp, size]
void ModuleParser::parse_file() {
    const std::int64_t number = parse_integer(lexer_);
    const std::string path(lexer_.take().text);
    while (lexer_.accept(",")) {
        parse_integer(lexer_);
    }
    if (number < 0 || number >= static_cast<std::int64_t>(kMostFiles)) {
        lexer_.fail("expected a file number below 65536");
    }
    const std::size_t index = static_cast<std::size_t>(number);
    module_.files.resize(std::max(module_.files.size(), index + 1));
    module_.files[index] = path;
}

// Debugging information, which nothing here reads.
void ModuleParser::parse_section() {
    lexer_.take();
    skip_braces(lexer_);
}

void ModuleParser::parse_directive() {
    if (lexer_.accept(".version")) {
        module_.version = lexer_.take().text;
    } else if (lexer_.accept(".target")) {
        parse_target();
    } else if (lexer_.accept(".address_size")) {
        if (parse_integer(lexer_) != 64) {
            lexer_.fail("expected 64-bit addresses");
        }
    } else if (lexer_.accept(".file")) {
        parse_file();
    } else if (lexer_.accept(".section")) {
        parse_section();
    } else if (lexer_.accept(".pragma")) {
        lexer_.take();
        lexer_.expect(";");
    } else if (!lexer_.accept(";")) {
        bool is_extern = false;
        while (lexer_.peek().is(".extern") || lexer_.peek().is(".visible") || lexer_.peek().is(".weak") ||
               lexer_.peek().is(".common")) {
            is_extern = is_extern || lexer_.peek().is(".extern");
            lexer_.take();
        }
        if (lexer_.accept(".entry")) {
            parse_function(true);
        } else if (lexer_.accept(".func")) {
            parse_function(false);
        } else if (const std::optional<StateSpace> space = space_named(lexer_.peek().text)) {
            lexer_.take();
            parse_variables(*space, is_extern);
        } else {
            lexer_.fail("expected a module directive");
        }
    }
}

void ModuleParser::parse_variables(StateSpace space, bool is_extern) {
    do {
        module_.variables.push_back(parse_variable(lexer_, space));
        module_.variables.back().is_extern = is_extern;
    } while (lexer_.accept(","));
    lexer_.expect(";");
}

void ModuleParser::parse_parameters(Function& function, std::vector<std::uint32_t>& list) {
    while (!lexer_.accept(")")) {
        StateSpace space = StateSpace::param;
        if (lexer_.accept(".reg")) {
            lexer_.fail("expected parameters in .param space, as NVRTC writes them;");
        }
        lexer_.expect(".param");
        list.push_back(static_cast<std::uint32_t>(function.variables.size()));
        function.variables.push_back(parse_variable(lexer_, space));
        if (!lexer_.accept(",") && !lexer_.peek().is(")")) {
            lexer_.fail("expected ',' or ')' in the parameters of '" + function.name + "'");
        }
    }
}

std::vector<unsigned> ModuleParser::parse_numbers() {
    std::vector<unsigned> numbers;
    do {
        numbers.push_back(static_cast<unsigned>(parse_integer(lexer_)));
    } while (lexer_.accept(","));
    return numbers;
}

// What a kernel promises or asks of its launch.
void ModuleParser::parse_limits(Function& function) {
    while (lexer_.peek().kind == Token::Kind::word && lexer_.peek().text.starts_with('.')) {
        const std::string_view name = lexer_.take().text;
        if (name == ".reqntid") {
            function.required_block = parse_numbers();
        } else if (name == ".maxntid") {
            function.max_block = parse_numbers();
        } else if (name == ".reqnctapercluster") {
            function.required_cluster = parse_numbers();
        } else if (name == ".pragma") {
            lexer_.take();
            lexer_.accept(";");
        } else {
            while (lexer_.peek().kind == Token::Kind::integer) {  // .minnctapersm 2, .maxnreg 64, .noreturn
                parse_numbers();
            }
        }
    }
}

void ModuleParser::parse_function(bool is_entry) {
    Function function{.is_entry = is_entry};
    std::vector<std::uint32_t> results;
    if (lexer_.accept(".attribute")) {
        while (lexer_.peek().kind != Token::Kind::end && !lexer_.accept(")")) {
            lexer_.take();
        }
    }
    if (lexer_.accept("(")) {
        parse_parameters(function, function.results);
    }
    function.name = lexer_.take().text;
    if (lexer_.accept("(")) {
        parse_parameters(function, function.parameters);
    }
    parse_limits(function);
    if (!lexer_.accept(";")) {
        lexer_.expect("{");
        function.has_body = true;
        FunctionParser(lexer_, function).parse();
    }
    module_.functions.push_back(std::move(function));
}

}  // namespace

syntax::Module parse_module(std::string_view ptx) {
    return ModuleParser(ptx).parse();
}

}  // namespace warpsmith::emulator
