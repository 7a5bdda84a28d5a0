#include "generator/toolkit.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

namespace fs = std::filesystem;

// A folder of its own for each test.
class ToolkitTest : public testing::Test {
  protected:
    void SetUp() override { fs::remove_all(folder); }
    void TearDown() override { fs::remove_all(folder); }

    void write(const fs::path& path, const std::string& text) const {
        fs::create_directories((folder / path).parent_path());
        std::ofstream(folder / path) << text;
    }
    void link(const fs::path& path, const fs::path& to) const {
        fs::create_directories((folder / path).parent_path());
        fs::create_symlink(to, folder / path);
    }

    const Toolkit built_in = find_toolkit(built_in_search());
    const fs::path folder =
        fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
};

TEST_F(ToolkitTest, TheOneOfTheBuildIsFoundWithItsVersion) {
    EXPECT_TRUE(fs::exists(built_in.nvrtc_library));
    EXPECT_TRUE(fs::exists(fs::path(built_in.include_directory) / "cuda_bf16.h"));
    EXPECT_GE(std::stod(built_in.version), 12.8);
    EXPECT_EQ(built_in.reason, "Warpsmith was built with it");
}

TEST_F(ToolkitTest, TheFirstCompleteRootIsTakenAndItsReasonKept) {
    const Toolkit toolkit = find_toolkit({.roots = {{"/nowhere", "CUDA_HOME is set to it"},
                                                    {"", "an unset variable is not a place"},
                                                    {built_in.root, "the second place"},
                                                    {built_in.root, "the third place"}}});
    EXPECT_EQ(toolkit.root, built_in.root);
    EXPECT_EQ(toolkit.reason, "the second place");
}

TEST_F(ToolkitTest, TheLayoutOfPipsSitePackagesIsKnown) {
    link("nvidia/cu13/lib/libnvrtc.so.13", built_in.nvrtc_library);
    link("nvidia/cu13/include", built_in.include_directory);
    const Toolkit toolkit = find_toolkit({.roots = {{folder.string(), "site-packages"}}});
    EXPECT_EQ(toolkit.nvrtc_library, (folder / "nvidia/cu13/lib/libnvrtc.so.13").string());
    EXPECT_EQ(toolkit.include_directory, (folder / "nvidia/cu13/include").string());
    EXPECT_EQ(toolkit.nvcc, "");
}

TEST_F(ToolkitTest, NothingFoundIsAnErrorThatTellsEveryPlaceAndWhatItLacks) {
    fs::create_directories(folder / "empty");
    write("headerless/lib64/libnvrtc.so.12", "");
    write("broken/lib64/libnvrtc.so.13", "no library at all");
    write("broken/include/cuda_fp16.h", "");
    try {
        find_toolkit({.roots = {{"/nowhere", "CUDA_HOME is set to it"},
                                {(folder / "empty").string(), "an empty place"},
                                {(folder / "headerless").string(), "half a toolkit"},
                                {(folder / "broken").string(), "a broken toolkit"}}});
        FAIL() << "expected an Error";
    } catch (const Error& error) {
        const std::string message = error.what();
        for (const std::string& part : {std::string("/nowhere (CUDA_HOME is set to it): there is no such folder"),
                                        std::string("empty (an empty place): it has no libnvrtc"),
                                        std::string("no cuda_fp16.h in " + (folder / "headerless/include").string()),
                                        std::string("opening " + (folder / "broken/lib64/libnvrtc.so.13").string()),
                                        std::string("cmake/fetch-toolkit")}) {
            EXPECT_NE(message.find(part), std::string::npos) << part << "\n  is not in\n" << message;
        }
    }
}

}  // namespace
}  // namespace warpsmith
