#include "tuner/model_report.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/tuner/toy.hpp"
#include "tuner/model.hpp"

namespace warpsmith {
namespace {

double correlation(std::vector<double> one, std::vector<double> other) {
    return rank_correlation(one, other);
}

TEST(RankCorrelation, OnlyTheOrderCounts) {
    EXPECT_DOUBLE_EQ(correlation({1, 2, 3, 4}, {10, 200, 201, 9000}), 1);
    EXPECT_DOUBLE_EQ(correlation({1, 2, 3, 4}, {4, 3, 2, 1}), -1);
    EXPECT_DOUBLE_EQ(correlation({1, 2, 3}, {1, 3, 2}), 0.5);  // 1 - 6 (0 + 1 + 1) / (3 (9 - 1))
}

TEST(RankCorrelation, EqualValuesShareTheirRank) {
    // Ranks 1.5 1.5 3 against 1 2 3: 1.5 / sqrt(1.5 * 2).
    EXPECT_DOUBLE_EQ(correlation({5, 5, 7}, {1, 2, 3}), std::sqrt(0.75));
}

TEST(RankCorrelation, WithoutAnOrderThereIsNone) {
    EXPECT_TRUE(std::isnan(correlation({5, 5, 5}, {1, 2, 3})));
    EXPECT_TRUE(std::isnan(correlation({5}, {1})));
    EXPECT_TRUE(std::isnan(correlation({}, {})));
}

TEST(RankCorrelation, WhatTakesForeverComesLast) {
    EXPECT_DOUBLE_EQ(correlation({1, HUGE_VAL, 3, HUGE_VAL}, {1, 3.5, 2, 3.5}), 1);
}

// The toy's model finds more items faster.
Trial measured(const std::string& config, double microseconds, const std::string& device = "toy GPU") {
    return {.workload = toy_workload(),
            .config = config,
            .provenance = {.target = toy_target().name, .device = device},
            .outcome = Outcome::ok,
            .resources = {.registers = 32},
            .kind = TimeKind::measured,
            .median_us = microseconds};
}

ModelReport report_of(const std::vector<Trial>& trials) {
    const std::vector<Family> families = {toy_family()};
    const std::vector<Target> targets = {toy_target()};
    return model_report(trials, families, targets);
}

TEST(ModelReport, AModelThatOrdersAsMeasuredLosesNothing) {
    const ModelReport report = report_of(
        {measured("threads=32 items=1", 30), measured("threads=32 items=4", 10), measured("threads=32 items=2", 20)});
    ASSERT_EQ(report.fits.size(), 1U);
    EXPECT_EQ(report.fits[0].trials, 3U);
    EXPECT_DOUBLE_EQ(report.fits[0].rank_correlation, 1);
    EXPECT_EQ(report.fits[0].pick, "threads=32 items=4");
    EXPECT_DOUBLE_EQ(report.fits[0].loss(), 1);
}

TEST(ModelReport, TheLossIsWhatItsPickTakesOverTheFastest) {
    const ModelReport report = report_of(
        {measured("threads=32 items=1", 10), measured("threads=32 items=4", 25), measured("threads=32 items=2", 20)});
    ASSERT_EQ(report.fits.size(), 1U);
    EXPECT_DOUBLE_EQ(report.fits[0].rank_correlation, -1);
    EXPECT_EQ(report.fits[0].fastest, "threads=32 items=1");
    EXPECT_DOUBLE_EQ(report.fits[0].loss(), 2.5);
    EXPECT_DOUBLE_EQ(report.fits[0].loss_of_first(), 1);  // there are only three
}

TEST(ModelReport, AConfigurationThatLeftTheSpaceIsCountedApart) {
    const ModelReport report = report_of({measured("threads=32 items=1", 10), measured("threads=32 items=3", 5)});
    ASSERT_EQ(report.fits.size(), 1U);
    EXPECT_EQ(report.fits[0].trials, 1U);
    EXPECT_EQ(report.fits[0].left_out, 1U);
    EXPECT_EQ(report.fits[0].fastest, "threads=32 items=1");
}

TEST(ModelReport, OfAConfigurationOnADeviceTheNewestTrialCounts) {
    Trial newest = measured("threads=32 items=1", 10);
    newest.outcome = Outcome::wrong_result;
    const ModelReport report =
        report_of({newest, measured("threads=32 items=1", 5), measured("threads=32 items=2", 20),
                   measured("threads=32 items=2", 1), measured("threads=32 items=2", 7, "another GPU")});
    ASSERT_EQ(report.fits.size(), 2U);
    EXPECT_EQ(report.fits[0].device, "another GPU");
    EXPECT_DOUBLE_EQ(report.fits[0].fastest_us, 7);
    EXPECT_EQ(report.fits[1].trials, 1U);
    EXPECT_DOUBLE_EQ(report.fits[1].fastest_us, 20);
}

TEST(ModelReport, WhatWasNotMeasuredHasNoPart) {
    Trial modelled = measured("threads=32 items=1", 10);
    modelled.kind = TimeKind::modelled;
    EXPECT_TRUE(report_of({modelled}).fits.empty());
}

TEST(ModelReport, TrialsOfUnknownFamiliesAndTargetsAreCounted) {
    Trial elsewhere = measured("threads=32 items=1", 10), stranger = measured("threads=32 items=1", 10);
    elsewhere.provenance.target = "my_gpu";
    stranger.workload.family = "fft";
    const ModelReport report = report_of({elsewhere, stranger, measured("threads=32 items=2", 10)});
    EXPECT_EQ(report.unknown, 2U);
    EXPECT_EQ(report.fits.size(), 1U);
}

}  // namespace
}  // namespace warpsmith
