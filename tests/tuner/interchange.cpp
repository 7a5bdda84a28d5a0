#include <gtest/gtest.h>

#include <array>
#include <sstream>

#include "cache/database_check.hpp"
#include "cache/merge.hpp"
#include "cache/tuning_db.hpp"
#include "tests/cache/scratch_folder.hpp"
#include "tests/cache/toy_trials.hpp"
#include "tuner/interchange/formats.hpp"
#include "tuner/interchange/own_results.hpp"
#include "tuner/json_sections.hpp"

namespace warpsmith {
namespace {

const std::string kData = WARPSMITH_SOURCE_DIR "/tests/data/results/";
const std::string kCacheFile = kData + "convolution_A6000_cache.json";
const std::string kT4File = kData + "convolution_A100_T4.json";

class Interchange : public testing::Test {
  protected:
    std::string write(const std::string& name, const std::string& text) {
        write_bytes(folder_.file(name), text);
        return folder_.file(name);
    }

    std::string reading(const char* format, const std::string& path) {
        return error_of([&] { find_result_format(format).read({.path = path}); });
    }

    // What a database that this was imported into exports.
    std::string through_database(const char* format, const std::string& path, const char* into_format) {
        TuningDb db(folder_.file("through.db" + std::to_string(databases_++)));
        db.add_imported(
            find_result_format(format).read({.path = path, .device = "NVIDIA A100", .kernel = "convolution"}));
        return find_result_format(into_format).write(db.imported());
    }

    ScratchFolder folder_;
    int databases_ = 0;
};

const char* const kWisdom =
    "{\"version\":\"1.0\",\"objective\":\"time\",\"tunable_parameters\":[\"block\",\"unroll\"],\"key\":\"vector_add\"}"
    "\n"
    "# by hand\n"
    "\n"
    "{\"config\":[32,true],\"problem_size\":[1000],\"time\":0.25,\"environment\":{\"date\":\"2023-01-02\","
    "\"device_name\":\"NVIDIA A100\",\"host_name\":\"node1\"}}\n"
    "// another size\n"
    "{\"config\":[64,false],\"problem_size\":[2000],\"time\":0.5,\"environment\":{\"device_name\":\"NVIDIA A100\"}}\n";

TEST_F(Interchange, ACacheOfKernelTunerComesOutAsItWentIn) {
    EXPECT_EQ(OrderedJson::parse(through_database("kernel-tuner", kCacheFile, "kernel-tuner")),
              OrderedJson::parse(bytes_of(kCacheFile)));
}

TEST_F(Interchange, T4ResultsComeOutAsTheyWentInWithBothNamesOfTheCompileTime) {
    OrderedJson out = OrderedJson::parse(through_database("t4", kT4File, "t4"));
    for (OrderedJson& result : out["results"]) {
        EXPECT_EQ(result["times"]["compilation_time"], result["times"]["compilation"]);
        result["times"].erase("compilation_time");
    }
    EXPECT_EQ(nlohmann::json(out), nlohmann::json::parse(bytes_of(kT4File)));
}

TEST_F(Interchange, WisdomComesOutAsItWentInWithoutItsComments) {
    std::string lines;
    std::istringstream words(kWisdom);
    for (std::string line; std::getline(words, line);) {
        lines += line.starts_with("{") ? line + "\n" : "";
    }
    EXPECT_EQ(through_database("wisdom", write("w", kWisdom), "wisdom"), lines);
}

TEST_F(Interchange, EveryResultSaysWhatItsFileSays) {
    const std::vector<ImportedFile> files = read_kernel_tuner_cache({.path = kCacheFile});
    ASSERT_EQ(files.size(), 1U);
    EXPECT_EQ(files[0].format, "kernel-tuner");
    EXPECT_EQ(files[0].name, "convolution_A6000_cache.json");
    EXPECT_EQ(files[0].device, "NVIDIA RTX A6000");
    EXPECT_EQ(files[0].kernel, "convolution_kernel");
    EXPECT_EQ(files[0].problem_size, "[4096,4096]");
    ASSERT_EQ(files[0].results.size(), 30U);
    const ImportedResult& first = files[0].results[0];
    EXPECT_EQ(first.config,
              "{\"block_size_x\":16,\"block_size_y\":1,\"tile_size_x\":1,\"tile_size_y\":1,\"read_only\":0,"
              "\"use_padding\":0}");
    EXPECT_EQ(first.outcome, "correct");
    EXPECT_DOUBLE_EQ(first.time_us, 6288.288041949272);
    EXPECT_EQ(first.samples_us.size(), 32U);
    EXPECT_EQ(first.recorded_at, "2025-03-11 22:08:00.237494+00:00");
    EXPECT_EQ(OrderedJson::parse(first.phases_ms)["compilation"], 1010.0142359733582);
    EXPECT_EQ(files[0].results[24].outcome, "compile");
    EXPECT_EQ(files[0].results[29].outcome, "runtime");
    EXPECT_EQ(files[0].results[29].time_us, 0);
}

TEST_F(Interchange, AFailureIsReadFromItsTimeAndFromItsErrorMember) {
    const std::string path = write("c", R"({"tune_params_keys":["x"],"cache":{
        "1":{"x":1,"time":"InvalidConfig"},
        "2":{"x":2,"time":1e20,"__error__":"CompilationFailedConfig"},
        "3":{"x":3,"__error__":"RuntimeFailedConfig"},
        "4":{"x":4,"time":2.5}}})");
    std::vector<std::string> outcomes;
    const std::vector<ImportedFile> files = read_kernel_tuner_cache({.path = path});
    for (const ImportedResult& result : files.at(0).results) {
        outcomes.push_back(result.outcome);
    }
    EXPECT_EQ(outcomes, (std::vector<std::string>{"constraints", "compile", "runtime", "correct"}));
}

TEST_F(Interchange, ACacheWithoutItsClosingBracketsIsReadAsFarAsItGoes) {
    const std::string whole = bytes_of(kCacheFile);
    const std::string path = write("c", whole.substr(0, whole.size() * 2 / 3));
    const ImportedFile file = read_kernel_tuner_cache({.path = path}).at(0);
    EXPECT_GT(file.results.size(), 10U);
    EXPECT_LT(file.results.size(), 30U);
    EXPECT_EQ(file.device, "NVIDIA RTX A6000");
}

TEST_F(Interchange, EitherSpellingOfT4sUnitAndCompileTimeIsRead) {
    for (const char* unit : {"miliseconds", "milliseconds"}) {
        for (const char* compilation : {"compilation", "compilation_time"}) {
            const std::string path = write(
                "t4", std::string(R"({"results":[{"configuration":{"x":1},"times":{")") + compilation +
                          R"(":7},"invalidity":"correct","correctness":1,"measurements":[{"name":"time","value":2,)"
                          R"("unit":""}],"objectives":["time"]}],"metadata":{"timeunit":")" +
                          unit + "\"}}");
            const ImportedResult result = read_t4({.path = path}).at(0).results.at(0);
            EXPECT_EQ(result.time_us, 2000) << unit;
            EXPECT_EQ(result.phases_ms, "{\"compilation\":7.0}") << compilation;
        }
    }
}

TEST_F(Interchange, T4TimesAreInTheUnitThatTheFileNames) {
    const std::string path = write("t4", R"({"metadata":{"timeunit":"seconds"},"results":[{"configuration":{"x":1},
        "times":{"runtimes":[0.5]},"invalidity":"correct","correctness":1,
        "measurements":[{"name":"energy","value":3,"unit":"J"},{"name":"time","value":0.25,"unit":""}],
        "objectives":["time"]}]})");
    const ImportedResult result = read_t4({.path = path}).at(0).results.at(0);
    EXPECT_EQ(result.time_us, 250000);
    EXPECT_EQ(result.samples_us, std::vector<double>{500000});
}

TEST_F(Interchange, FromOneFormatToAnotherConfigurationsOutcomesTimesAndSamplesStay) {
    const std::string t4 = write("as_t4", through_database("kernel-tuner", kCacheFile, "t4"));
    const ImportedFile before = read_kernel_tuner_cache({.path = kCacheFile}).at(0);
    const ImportedFile after = read_t4({.path = t4}).at(0);
    ASSERT_EQ(after.results.size(), before.results.size());
    for (std::size_t i = 0; i < after.results.size(); ++i) {
        EXPECT_EQ(after.results[i].config, before.results[i].config);
        EXPECT_EQ(after.results[i].outcome, before.results[i].outcome);
        EXPECT_EQ(after.results[i].time_us, before.results[i].time_us);
        EXPECT_EQ(after.results[i].samples_us, before.results[i].samples_us);
        EXPECT_EQ(after.results[i].recorded_at, before.results[i].recorded_at);
    }
    const ImportedFile wisdom =
        read_wisdom({.path = write("as_wisdom", through_database("kernel-tuner", kCacheFile, "wisdom"))}).at(0);
    EXPECT_EQ(wisdom.results.size(), 24U) << "what failed has no place in wisdom";
    EXPECT_EQ(wisdom.device, "NVIDIA RTX A6000");
    EXPECT_EQ(wisdom.problem_size, "[4096,4096]");
    EXPECT_EQ(wisdom.results[0].time_us, before.results[0].time_us);
}

// What was measured, failed before it ran, and was only modelled, of one workload.
std::vector<Trial> own_trials() {
    Trial timed = measured(toy_trial("x=1 y=2", 1000.0 / 3)), wrong = measured(toy_trial("x=2 y=2", 0));
    timed.samples_us = {333, 334.5};
    wrong.outcome = Outcome::wrong_result;
    wrong.kind = TimeKind::none;
    Trial refused = toy_trial("x=3 y=2", 0);
    refused.outcome = Outcome::compile_error;
    refused.provenance.device.clear();
    return {timed, wrong, refused, toy_trial("x=4 y=2", 1)};
}

TEST_F(Interchange, OwnTrialsThatAreExportedAndImportedExportTheSameAgain) {
    TuningDb db(folder_.file("own.db"));
    db.record(own_trials());
    for (const ResultFormat& format : result_formats()) {
        const std::string first = format.write(own_results(db.list()));
        const std::string path = write(format.name, first);
        EXPECT_EQ(through_database(format.name, path, format.name), first) << format.name;
        const ImportedFile read = format.read({.path = path, .device = "NVIDIA H200"}).at(0);
        ASSERT_EQ(read.results.size(), format.holds_failures ? 3U : 1U) << format.name;
        EXPECT_EQ(read.device, "NVIDIA H200");
        EXPECT_EQ(read.results[0].config, "{\"x\":1,\"y\":2}");
        EXPECT_EQ(read.results[0].outcome, "correct");
        EXPECT_EQ(read.results[0].time_us, 1000.0 / 3);
        if (format.holds_failures) {
            EXPECT_EQ(read.results[0].samples_us, (std::vector<double>{333, 334.5}));
            EXPECT_EQ(read.results[2].outcome, "compile");
        }
    }
}

TEST_F(Interchange, AModelledTimeIsNeverExported) {
    const std::vector<Trial> modelled = {toy_trial("x=1", 5)};
    EXPECT_TRUE(own_results(modelled).empty());
}

TEST_F(Interchange, WhatWasImportedIsNeverBestNorListed) {
    TuningDb db(folder_.file("own.db"));
    db.record(own_trials()[3]);
    const std::string path = write("cache", write_kernel_tuner_cache(own_results(own_trials())));
    db.add_imported(read_kernel_tuner_cache({.path = path}));
    EXPECT_EQ(db.imported().at(0).results.size(), 3U);
    EXPECT_EQ(db.list().size(), 1U);
    EXPECT_EQ(db.best(recorded_workload(128), "h200", toy_families()).value().trial.config, "x=4 y=2");
}

TEST_F(Interchange, ImportingTwiceAddsNothing) {
    TuningDb db(folder_.file("t.db"));
    const std::vector<ImportedFile> files = read_t4({.path = kT4File});
    EXPECT_EQ(db.add_imported(files).added, 21U);
    const std::string once = bytes_of(folder_.file("t.db"));
    const AddedResults again = db.add_imported(files);
    EXPECT_EQ(again.added, 0U);
    EXPECT_EQ(again.known, 21U);
    EXPECT_EQ(bytes_of(folder_.file("t.db")), once);
}

TEST_F(Interchange, ImportedResultsAreMergedAndSalvagedAsTrialsAre) {
    const std::string from = folder_.file("from.db"), into = folder_.file("into.db");
    TuningDb(from).add_imported(read_kernel_tuner_cache({.path = kCacheFile}));
    EXPECT_EQ(merge_databases(into, std::vector{from}).at(0).imported.added, 30U);
    EXPECT_EQ(merge_databases(into, std::vector{from}).at(0).imported.known, 30U);
    std::string damaged = bytes_of(into);
    damaged[damaged.rfind("CompilationFailedConfig") + 4] ^= 1;
    write("into.db", damaged);
    const DatabaseReport report = check_database(into);
    EXPECT_EQ(report.findings.size(), 1U);
    EXPECT_EQ(report.imported, 29U);
    ASSERT_EQ(report.savable->imported.size(), 1U);
    EXPECT_EQ(report.savable->imported[0].results.size(), 29U);
    EXPECT_EQ(report.savable->lost, 1U);
    EXPECT_NE(error_of([&] { TuningDb(into).imported(); }).find("is damaged"), std::string::npos);
}

TEST_F(Interchange, ErrorsNameTheFileAndThePlace) {
    const std::vector<std::array<std::string, 3>> cases = {
        {"kernel-tuner", "{\"cache\":{\"1\":{\"x\":1,\"time\":1}}}", "\"tune_params_keys\" is no list of names before"},
        {"kernel-tuner", R"({"tune_params_keys":["x"],"cache":{"1":{"x":1,"time":1},"2":{"y":1}}})",
         "result 2 (\"2\") has no number or text as its \"x\""},
        {"kernel-tuner", "{\"tune_params_keys\":[\"x\"]}", "it has no results"},
        {"kernel-tuner", "{\"cache\": nonsense}", "it is no JSON: "},
        {"kernel-tuner", "", "it ends before its first result"},
        {"t4", R"({"results":[{"configuration":{"x":1},"invalidity":"fine"}]})",
         "result 1 has the invalidity \"fine\""},
        {"t4", R"({"results":[{"invalidity":"correct"}]})", "result 1 has no configuration"},
        {"t4", R"({"results":[{"configuration":{"x":1},"invalidity":"correct"}]})",
         "result 1 is correct and has no time"},
        {"t4", R"({"results":[{"configuration":{"x":1},"invalidity":"compile"}],"metadata":{"timeunit":"fortnights"}})",
         "its timeunit \"fortnights\" is not known"},
        {"t4", R"({"results":[{"configuration":{"x":1},"invalidity":"compile"},{"conf)", "it ends within result 2"},
        {"wisdom", "", ":1: it is empty"},
        {"wisdom", std::string(2 << 20, ' '), ":1: the line is longer than 1048576 bytes"},
        {"wisdom", "{\"version\":\"2.0\"}\n", ":1: the first line has no \"version\":\"1.0\""},
        {"wisdom", std::string(kWisdom) + "{\"config\":[1]}\n", ":7: \"config\" is no list of 2 values"},
        {"wisdom", std::string(kWisdom) + "{\"config\":[1,2],\"time\":-1}\n", ":7: \"time\" is no positive number"},
        {"wisdom", std::string(kWisdom) + std::string(100, '[') + "\n", ":7: it is nested deeper than"},
        {"wisdom", std::string(kWisdom) + "nonsense\n", ":7: it is no JSON: "}};
    for (const auto& [format, text, complaint] : cases) {
        const std::string path = write("file", text);
        const std::string error = reading(format.c_str(), path);
        EXPECT_NE(error.find(path), std::string::npos) << error;
        EXPECT_NE(error.find(complaint), std::string::npos) << error << "\n  instead of " << complaint;
    }
    EXPECT_EQ(reading("t5", ""), "choosing a format: there is no 't5'; did you mean 't4'?");
}

TEST_F(Interchange, AFileCutOffAnywhereIsRefusedButForACacheOfWhichAResultIsThere) {
    for (const std::string& source : {kCacheFile, kT4File}) {
        const std::string whole = bytes_of(source);
        const bool cache = source == kCacheFile;
        const std::size_t first_result = whole.find("},\n", whole.find("\"cache\""));
        for (std::size_t length = 0; length < whole.size() - 3; length += 499) {
            const std::string path = write("cut", whole.substr(0, length));
            const std::string error = reading(cache ? "kernel-tuner" : "t4", path);
            if (cache && length > first_result) {
                EXPECT_EQ(error, "no error") << length;
            } else {
                EXPECT_NE(error.find(path), std::string::npos) << length;
            }
        }
    }
}

TEST_F(Interchange, SeveralKernelsForOneFileAreListedToChooseFrom) {
    std::vector<ImportedFile> files = read_kernel_tuner_cache({.path = kCacheFile});
    files.push_back(files[0]);
    files[1].device = "NVIDIA A100";
    for (const char* format : {"kernel-tuner", "t4"}) {
        const std::string error = error_of([&] { find_result_format(format).write(files); });
        EXPECT_NE(error.find("--device \"NVIDIA RTX A6000\""), std::string::npos) << error;
        EXPECT_NE(error.find("--device \"NVIDIA A100\""), std::string::npos) << error;
    }
}

}  // namespace
}  // namespace warpsmith
