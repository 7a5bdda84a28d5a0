#include "cache/database_check.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "cache/schema.hpp"
#include "cache/tuning_db.hpp"
#include "tests/cache/scratch_folder.hpp"
#include "tests/cache/toy_trials.hpp"

namespace warpsmith {
namespace {

// Trials of several workloads and places, with samples, failures, and a note that does not fit on a page.
std::vector<Trial> forty_trials() {
    std::vector<Trial> trials;
    for (int i = 0; i < 40; ++i) {
        Trial trial = toy_trial("x=" + std::to_string(i) + " y=" + std::to_string(i * i), 1 + i / 3.0,
                                recorded_workload(64 * (1 + i % 3)));
        trial.recorded_at = "2026-01-02T03:04:05Z";
        if (i % 2 == 0) {
            trial = measured(trial);
            for (int sample = 0; sample < 9; ++sample) {
                trial.samples_us.push_back(trial.median_us + sample / 7.0);
            }
            trial.batch_samples_us = {2, 3.5};
        }
        if (i % 5 == 4) {
            trial.outcome = Outcome::wrong_result;
            trial.note = std::string(i == 14 ? 9000 : 20, 'n');
        }
        trials.push_back(trial);
    }
    return trials;
}

// All of a trial, so that two can be compared.
std::string all_of(const Trial& t) {
    std::string text = t.workload.key() + "|" + t.config + "|" + t.provenance.target + t.provenance.architecture + "|" +
                       t.provenance.device + t.provenance.driver + "|" + t.provenance.toolkit + "|" +
                       t.provenance.source_digest + t.provenance.compile_options + t.provenance.library_version + "|" +
                       std::string(name(t.outcome)) + t.note + "|" + std::string(name(t.kind)) + t.verified_on +
                       t.recorded_at + "|";
    for (double number : {t.modelled_us, t.median_us, t.batch_us, t.max_error, t.tolerance,
                          double(t.resources.registers), double(t.resources.static_smem_bytes)}) {
        text += std::to_string(number) + ",";
    }
    return text;
}

std::string samples_of(const Trial& trial) {
    std::string text;
    for (double sample : trial.samples_us) {
        text += std::to_string(sample) + ",";
    }
    return text + "|" + std::to_string(trial.batch_samples_us.size());
}

class DatabaseCheck : public testing::Test {
  protected:
    DatabaseCheck() {
        TuningDb(path_).record(recorded_);
        whole_ = bytes_of(path_);
        for (const Trial& trial : recorded_) {
            samples_[all_of(trial)] = samples_of(trial);
        }
    }

    // What salvage gives is what was recorded, but for samples that it says are left out; and no trial twice.
    void expect_true(const Salvaged& saved, const std::string& where) {
        std::size_t without_samples = 0;
        std::map<std::string, int> times;
        for (const Trial& trial : saved.trials) {
            const auto found = samples_.find(all_of(trial));
            ASSERT_NE(found, samples_.end()) << where << ": " << all_of(trial).substr(0, 300);
            EXPECT_EQ(++times[all_of(trial)], 1) << where;
            if (found->second != samples_of(trial)) {
                EXPECT_EQ(samples_of(trial), "|0") << where;
                ++without_samples;
            }
        }
        // Where the checksum itself is damaged, nobody knows that a trial had no samples.
        EXPECT_GE(saved.without_samples, without_samples) << where;
        EXPECT_LE(saved.without_samples, without_samples + 1) << where;
        EXPECT_EQ(saved.unsealed, 0U) << where;
    }

    // A file that is said to be sound answers as if nothing had happened to it.
    void expect_detected(const std::string& where) {
        DatabaseReport report;
        const std::string refusal = error_of([&] { report = check_database(path_); });
        if (refusal != "no error") {
            refusals_ += where + " ";
        } else if (report.findings.empty()) {
            std::vector<Trial> listed = TuningDb(path_, TuningDb::Mode::read_only).list();
            ASSERT_EQ(listed.size(), recorded_.size()) << where;
            std::reverse(listed.begin(), listed.end());
            for (std::size_t i = 0; i < listed.size(); ++i) {
                ASSERT_EQ(all_of(listed[i]) + samples_of(listed[i]), all_of(recorded_[i]) + samples_of(recorded_[i]))
                    << where;
            }
            ++sound_;
        } else {
            expect_true(*report.savable, where);
            saved_.push_back(report.savable->trials.size());
            EXPECT_LE(report.savable->trials.size() + report.savable->lost, recorded_.size()) << where;
        }
    }

    ScratchFolder folder_;
    std::string path_ = folder_.file("t.db");
    std::vector<Trial> recorded_ = forty_trials();
    std::string whole_;
    std::map<std::string, std::string> samples_;
    std::string refusals_;            // where it was said to be no tuning database
    std::size_t sound_ = 0;           // how often it was said to be sound
    std::vector<std::size_t> saved_;  // trials, each time it was said to be damaged
};

TEST_F(DatabaseCheck, AFileThatNothingHappenedToIsSound) {
    DatabaseReport report = check_database(path_);
    EXPECT_EQ(report.findings, std::vector<std::string>());
    EXPECT_EQ(report.trials, 40U);
    EXPECT_EQ(report.schema, schema_version());
    EXPECT_FALSE(report.savable);
}

TEST_F(DatabaseCheck, EverythingOfASoundFileIsReadFromItsPagesAlone) {
    Salvaged saved = salvage(path_);
    EXPECT_EQ(saved.trials.size(), 40U);
    EXPECT_EQ(saved.without_samples, 0U);
    EXPECT_EQ(saved.lost, 0U);
    expect_true(saved, "sound");
}

TEST_F(DatabaseCheck, ABitFlippedAnywhereIsFoundOrHarmless) {
    for (std::size_t place = 0; place < whole_.size(); place += 223) {
        std::string damaged = whole_;
        damaged[place] = static_cast<char>(damaged[place] ^ (1 << (place % 8)));
        write_bytes(path_, damaged);
        expect_detected("bit " + std::to_string(place % 8) + " of byte " + std::to_string(place));
    }
    EXPECT_EQ(refusals_, "");
    EXPECT_GT(saved_.size(), 50U);
    EXPECT_GE(*std::min_element(saved_.begin(), saved_.end()), 25U) << "one bit takes a page of trials with it at most";
}

TEST_F(DatabaseCheck, EveryThirdBitOfTheFileHeaderIsFoundOrHarmless) {
    for (std::size_t bit = 0; bit < 8 * 108; bit += 3) {
        std::string damaged = whole_;
        damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
        write_bytes(path_, damaged);
        expect_detected("bit " + std::to_string(bit));
    }
    EXPECT_EQ(refusals_, "");
    EXPECT_EQ(std::count(saved_.begin(), saved_.end(), 40U), std::ssize(saved_)) << "no trial needs the header";
}

TEST_F(DatabaseCheck, AFileCutOffAnywhereIsFound) {
    for (std::size_t length = 1; length < whole_.size(); length += 331) {
        write_bytes(path_, std::string_view(whole_).substr(0, length));
        expect_detected(std::to_string(length) + " bytes");
    }
    EXPECT_EQ(refusals_, "");
    EXPECT_EQ(sound_, 0U);
    EXPECT_EQ(saved_.front(), 0U);
    EXPECT_TRUE(std::is_sorted(saved_.begin(), saved_.end())) << "the more is left the more is saved";
    EXPECT_GT(saved_.back(), 20U);
}

TEST_F(DatabaseCheck, PagesOfZerosAndNoiseAreFound) {
    std::uint32_t noise = 1;
    for (std::size_t page = 0; page < whole_.size() / 4096; ++page) {
        for (bool zeros : {true, false}) {
            std::string damaged = whole_;
            for (std::size_t i = 4096 * page; i < 4096 * (page + 1); ++i) {
                noise = noise * 1664525 + 1013904223;
                damaged[i] = zeros ? '\0' : static_cast<char>(noise >> 24U);
            }
            write_bytes(path_, damaged);
            expect_detected((zeros ? "zeros in page " : "noise in page ") + std::to_string(page));
        }
    }
    EXPECT_EQ(sound_, 0U);
}

TEST_F(DatabaseCheck, NothingIsWrittenToWhatIsChecked) {
    whole_[4096 * 3 + 5] ^= 1;
    write_bytes(path_, whole_);
    check_database(path_);
    EXPECT_EQ(bytes_of(path_), whole_);
}

TEST_F(DatabaseCheck, ADamagedTrialIsNeverListed) {
    whole_[whole_.find(std::string(20, 'n')) + 3] = 'm';  // in the long note of the fifteenth
    write_bytes(path_, whole_);
    const TuningDb db(path_, TuningDb::Mode::read_only);
    EXPECT_EQ(error_of([&] { db.list(); }),
              "reading the tuning database " + path_ +
                  ": trial 15 is damaged; restore a copy, or save what is readable with: warpsmith db check --db FILE "
                  "--salvage NEW");
}

TEST_F(DatabaseCheck, ADamagedSampleCostsTheSamplesAlone) {
    const std::size_t batch = whole_.rfind("batch");
    whole_[batch + 1] = 'i';
    write_bytes(path_, whole_);
    Salvaged saved = *check_database(path_).savable;
    EXPECT_EQ(saved.trials.size(), 40U);
    EXPECT_EQ(saved.without_samples, 1U);
}

std::vector<std::string> findings_after(const std::string& path, const std::string& sql) {
    SqliteConnection(path, SqliteAccess::create).execute(sql);
    return check_database(path).findings;
}

TEST_F(DatabaseCheck, TablesThatAreMissingOrForeignAreNamed) {
    EXPECT_EQ(findings_after(path_, "CREATE TABLE theirs (x); DROP VIEW newest_trial"),
              (std::vector<std::string>{"the view newest_trial is missing", "the table theirs is not Warpsmith's"}));
}

TEST_F(DatabaseCheck, RowsThatCannotBeAreNamedWithTheRuleTheyBreak) {
    TuningDb db(path_);
    const std::size_t before = recorded_.size();
    std::vector<Trial> broken(7, toy_trial("x=1", 1));
    broken[0].median_us = -1;
    broken[1].config = "no configuration";
    broken[2].config = "x=1 x=2";
    broken[3].resources.registers = -4;
    broken[4].verified_on = "";
    broken[5].recorded_at = "yesterday";
    broken[6].samples_us = {1, -1};
    db.record(broken);
    const std::vector<std::string> rules = {"its median_us is -1",
                                            "its config is not name=integer words",
                                            "its config has x twice",
                                            "its registers is -4",
                                            "its outcome is ok, and nothing verified it",
                                            "its recorded_at is \"yesterday\"",
                                            "one of its samples is negative or infinite"};
    const DatabaseReport report = check_database(path_);
    ASSERT_EQ(report.findings.size(), rules.size());
    for (std::size_t i = 0; i < rules.size(); ++i) {
        EXPECT_TRUE(report.findings[i].starts_with("trial " + std::to_string(before + i + 1) + ": " + rules[i]))
            << report.findings[i];
    }
    EXPECT_EQ(report.trials, before);
    EXPECT_EQ(report.savable->trials.size(), before);
    EXPECT_EQ(report.savable->lost, rules.size());
}

TEST_F(DatabaseCheck, AnOutcomeThatNobodyKnowsIsNamed) {
    const auto findings = findings_after(
        path_, "DROP TRIGGER trial_is_never_changed; UPDATE trial SET outcome = 'splendid' WHERE id = 3");
    ASSERT_EQ(findings.size(), 2U);
    EXPECT_NE(findings[1].find("trial 3: "), std::string::npos);
    EXPECT_NE(findings[1].find("an outcome is \"splendid\""), std::string::npos);
}

TEST(CheckOfOtherFiles, WhatIsNoTuningDatabaseIsRefused) {
    ScratchFolder folder;
    write_bytes(folder.file("prose"), std::string(5000, 'x'));
    write_bytes(folder.file("empty"), "");
    SqliteConnection(folder.file("theirs"), SqliteAccess::create).execute("CREATE TABLE theirs (x)");
    const std::map<std::string, std::string> refusals = {{"prose", "it is not a SQLite database"},
                                                         {"empty", "it holds nothing yet"},
                                                         {"theirs", "it is another program's SQLite file"},
                                                         {"missing", "there is no such file"}};
    for (const auto& [name, refusal] : refusals) {
        const std::string file = folder.file(name);
        EXPECT_NE(error_of([&] { check_database(file); }).find(refusal), std::string::npos) << file;
    }
}

}  // namespace
}  // namespace warpsmith
