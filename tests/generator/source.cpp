#include "generator/source.hpp"

#include <gtest/gtest.h>

#include "solver/error.hpp"
#include "tests/generator/toy_family.hpp"

namespace warpsmith {
namespace {

const Config kConfig{.fields = {{"threads", 128}, {"items", 4}}};

Source toy_source() {
    return render(toy_family(), toy_workload(1000, 64), kConfig, toy_target(), toy_files());
}

std::vector<std::string> paths_of(const std::vector<std::pair<std::string, std::string>>& headers) {
    std::vector<std::string> paths;
    paths.reserve(headers.size());
    for (const auto& [path, text] : headers) {
        paths.push_back(path);
    }
    return paths;
}

TEST(Source, IncludesTheEntryAndNamesTheKernelWithDesignatedInitialisers) {
    const Source source = toy_source();
    EXPECT_EQ(source.text, "#include \"toy/kernel.cuh\"\n");
    EXPECT_EQ(source.name_expression, "toy_scale<ToyConfig{.threads = 128, .items = 4}, __nv_bfloat16, 64>");
    EXPECT_EQ(source.options.front(), "--gpu-architecture=sm_90a");
    EXPECT_EQ(paths_of(source.headers), (std::vector<std::string>{"common/types.cuh", "toy/kernel.cuh"}));
}

TEST(Source, DigestIsTheSameForTheSameSource) {
    EXPECT_EQ(toy_source().digest, toy_source().digest);
    EXPECT_EQ(toy_source().digest.size(), 32U);
    EXPECT_EQ(toy_source().digest.find_first_not_of("0123456789abcdef"), std::string::npos);
}

TEST(Source, DigestChangesWithEveryPartOfTheSource) {
    const std::string before = digest_of(toy_source());
    std::vector<Source> changed(7, toy_source());
    changed[0].text += " ";
    changed[1].name_expression = "toy_scale<ToyConfig{.threads = 256, .items = 4}, __nv_bfloat16, 64>";
    changed[2].options.front() = "--gpu-architecture=sm_100a";
    changed[3].options.emplace_back("--use_fast_math");
    changed[4].headers.front().second += " ";
    changed[5].headers.front().first = "common/type.cuh";
    changed[6].headers.pop_back();
    for (const Source& source : changed) {
        EXPECT_NE(digest_of(source), before);
    }
}

TEST(Source, DigestDoesNotChangeWithAHeaderThatTheKernelDoesNotReach) {
    std::vector<SourceFile> files = toy_files();
    ASSERT_EQ(files.back().path, "other/kernel.cuh");
    files.back().text = "#pragma once\nint changed;\n";
    EXPECT_EQ(render(toy_family(), toy_workload(1000, 64), kConfig, toy_target(), files).digest, toy_source().digest);
}

TEST(Source, DigestDoesNotChangeWithARuntimeDimension) {
    EXPECT_EQ(render(toy_family(), toy_workload(2000, 64), kConfig, toy_target(), toy_files()).digest,
              toy_source().digest);
}

TEST(Source, DigestTellsApartTextsThatReadTheSameOneAfterAnother) {
    const Source left{.text = "ab", .name_expression = "c", .options = {"d", "e"}};
    const Source right{.text = "a", .name_expression = "bc", .options = {"d", "e"}};
    const Source joined{.text = "ab", .name_expression = "c", .options = {"de"}};
    EXPECT_NE(digest_of(left), digest_of(right));
    EXPECT_NE(digest_of(left), digest_of(joined));
}

TEST(HeaderClosure, PutsEveryHeaderOnceAndAfterThoseItIncludes) {
    const std::vector<SourceFile> files = {
        {"top.cuh", "#include \"left.cuh\"\n  #  include  \"right.cuh\" // both\n"},
        {"left.cuh", "#include <cuda_fp16.h>\n#include \"bottom.cuh\"\n"},
        {"right.cuh", "#include \"bottom.cuh\"\n// #include \"nowhere.cuh\"\n"},
        {"bottom.cuh", "#pragma once\n"},
        {"unused.cuh", ""},
    };
    EXPECT_EQ(paths_of(header_closure("top.cuh", files)),
              (std::vector<std::string>{"bottom.cuh", "left.cuh", "right.cuh", "top.cuh"}));
}

TEST(HeaderClosure, SaysWhoIncludesWhatIsNotThere) {
    const std::vector<SourceFile> files = {{"top.cuh", "#include \"gone.cuh\"\n"}};
    try {
        header_closure("top.cuh", files);
        FAIL() << "expected an Error";
    } catch (const Error& error) {
        EXPECT_EQ(std::string(error.what()),
                  "collecting kernel headers: top.cuh includes \"gone.cuh\", which is not there; write its path from "
                  "the folder of the templates");
    }
}

TEST(HeaderClosure, RefusesACircle) {
    const std::vector<SourceFile> files = {{"a.cuh", "#include \"b.cuh\"\n"}, {"b.cuh", "#include \"a.cuh\"\n"}};
    EXPECT_THROW(header_closure("a.cuh", files), Error);
}

}  // namespace
}  // namespace warpsmith
