#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <set>
#include <utility>

#include "solver/neighbours.hpp"
#include "solver/sample.hpp"
#include "tuner/strategies/gaussian_process.hpp"
#include "tuner/strategies/made.hpp"
#include "tuner/strategies/model_order.hpp"

namespace warpsmith {
namespace {

constexpr std::size_t kStarts = 8;         // configurations far apart from each other, before the process is asked
constexpr std::size_t kStartChoices = 20;  // random ones of which the farthest is taken
constexpr std::size_t kLeastRight = 3;     // that must have worked before the process is asked
constexpr std::size_t kPool = 1500;        // random configurations looked at for each proposal,
constexpr std::size_t kCentres = 5;        // and the neighbours of the fastest ones
constexpr std::size_t kMaxObserved = 300;  // the fastest and some others: time grows with the third power
constexpr double kRefit = 0.08;            // as many trials more, by share, until lengths are fitted again
constexpr double kFailurePrior = 0.3;      // as much as so many attempts of the same configuration that worked
constexpr std::size_t kBlock = 16;

struct Attempt {
    Choices choices;
    Point point;
    std::optional<double> log_time;  // none when it failed
};

struct Idea {
    Choices choices;
    Point point;
    double worth = 0;  // at most
};

// What is to be expected of max(0, ahead + deviation * standard normal): Jones, Schonlau and Welch, 1998.
double expected_improvement(double ahead, double deviation) {
    const double u = ahead / deviation;
    const double density = std::exp(-0.5 * u * u) / std::sqrt(2 * std::numbers::pi);
    return deviation * (u * 0.5 * std::erfc(-u / std::numbers::sqrt2) + density);
}

class Bayesian : public Strategy {
  public:
    Bayesian(const BayesianSettings& settings, const SearchProblem& problem)
        : problem_(problem),
          landscape_(problem.set, settings.powers_of_two),
          process_(landscape_, settings.log_length),
          random_(problem.seed) {
        if (problem_.modelled) {
            model_order_ = in_model_order(problem_);
        }
    }

    std::vector<Proposal> propose(std::size_t count) override {
        std::vector<Proposal> proposals;
        while (proposals.size() < count) {
            if (planned_.empty()) {
                plan(count - proposals.size());
            }
            if (planned_.empty()) {
                break;
            }
            proposals.push_back({std::move(planned_.back())});
            planned_.pop_back();
        }
        return proposals;
    }

    void tell(const Choices& choices, std::optional<double> time) override {
        known_.insert(choices);
        attempts_.push_back({choices, landscape_.point(choices), std::nullopt});
        if (time) {
            attempts_.back().log_time = std::log(*time);
            ++right_;
        }
    }

  private:
    // The more is known, the less one more trial changes: then several are planned at once.
    void plan(std::size_t count) {
        pending_.clear();
        count = std::max(count, 1 + attempts_.size() / 100);
        while (planned_.size() < count) {
            std::vector<Idea> ideas = pool();
            if (ideas.empty()) {
                break;
            }
            const std::size_t started = attempts_.size() + pending_.size();
            if (started < kStarts || right_ < kLeastRight) {
                start(ideas, started);
            } else {
                observe();
                choose(ideas, count);
            }
        }
        std::ranges::reverse(planned_);
    }

    std::vector<Idea> pool() {
        std::vector<Idea> ideas;
        std::set<Choices> in;
        auto add = [&](const Solution& solution) {
            if (!known_.contains(solution.choices()) && in.insert(solution.choices()).second) {
                ideas.push_back({solution.choices(), landscape_.point(solution.choices())});
            }
        };
        for (std::size_t size = kPool; ideas.empty() && known_.size() < problem_.set.count(); size *= 8) {
            std::ranges::for_each(sample(problem_.set, size, {.seed = random_.next()}), add);
        }
        const std::vector<const Attempt*> fastest = right_ones();
        for (std::size_t i = 0; i < std::min(fastest.size(), kCentres); ++i) {
            std::ranges::for_each(neighbours(problem_.set, fastest[i]->choices), add);
        }
        return ideas;
    }

    std::vector<const Attempt*> right_ones() const {
        std::vector<const Attempt*> right;
        for (const Attempt& attempt : attempts_) {
            if (attempt.log_time) {
                right.push_back(&attempt);
            }
        }
        std::ranges::stable_sort(right, {}, [](const Attempt* attempt) { return *attempt->log_time; });
        return right;
    }

    void take(const Choices& choices) {
        planned_.push_back(choices);
        pending_.push_back(landscape_.point(choices));
        known_.insert(choices);
    }

    // In turn the model's next, where there is a model, and what is farthest from all others.
    void start(const std::vector<Idea>& ideas, std::size_t started) {
        while (started % 2 == 0 && next_of_model_ < model_order_.size()) {
            const Choices& choices = model_order_[next_of_model_++];
            if (!known_.contains(choices)) {
                return take(choices);
            }
        }
        const Idea* farthest = nullptr;
        double most = -1;
        for (std::size_t i = 0; i < std::min(ideas.size(), kStartChoices); ++i) {
            double least = std::numeric_limits<double>::infinity();
            for (const Attempt& attempt : attempts_) {
                least = std::min(least, apart(attempt.point, ideas[i].point));
            }
            for (const Point& point : pending_) {
                least = std::min(least, apart(point, ideas[i].point));
            }
            if (least > most) {
                most = least;
                farthest = &ideas[i];
            }
        }
        take(farthest->choices);
    }

    double apart(const Point& a, const Point& b) const {
        double sum = 0;
        for (std::size_t dimension = 0; dimension < a.size(); ++dimension) {
            sum += landscape_.distances(dimension)[a[dimension] * landscape_.levels(dimension) + b[dimension]];
        }
        return sum;
    }

    void observe() {
        std::vector<const Attempt*> right = right_ones();
        if (right.size() > kMaxObserved) {
            std::vector<const Attempt*> some(right.begin(), right.begin() + kMaxObserved / 2);
            const std::size_t others = right.size() - some.size();
            for (std::size_t i = 0; i < kMaxObserved / 2; ++i) {
                some.push_back(right[kMaxObserved / 2 + i * others / (kMaxObserved / 2)]);
            }
            right = std::move(some);
        }
        std::vector<Point> points;
        std::vector<double> values;
        double mean = 0, spread = 0;
        for (const Attempt* attempt : right) {
            points.push_back(attempt->point);
            values.push_back(*attempt->log_time);
            mean += values.back() / static_cast<double>(right.size());
        }
        for (double value : values) {
            spread += (value - mean) * (value - mean) / static_cast<double>(values.size());
        }
        for (double& value : values) {
            value = (value - mean) / (spread > 0 ? std::sqrt(spread) : 1);
        }
        best_ = values.front();
        const bool refit = attempts_.size() >= next_fit_;
        if (refit) {
            next_fit_ = attempts_.size() + 1 + static_cast<std::size_t>(kRefit * static_cast<double>(attempts_.size()));
        }
        process_.observe(std::move(points), values, refit ? &random_ : nullptr);
    }

    // Takes those of most worth, which are computed exactly only as long as the bound of one is above the best.
    void choose(std::vector<Idea>& ideas, std::size_t count) {
        for (Idea& idea : ideas) {
            const Expectation bound = process_.bound(idea.point);
            idea.worth = expected_improvement(best_ - bound.mean, bound.deviation);
        }
        std::ranges::stable_sort(ideas, std::greater<>{}, &Idea::worth);
        while (planned_.size() < count) {
            const Idea* best = nullptr;
            double most = -1;
            for (std::size_t first = 0; first < ideas.size() && ideas[first].worth > most; first += kBlock) {
                const std::size_t end = std::min(ideas.size(), first + kBlock);
                std::vector<const Point*> points;
                for (std::size_t i = first; i < end; ++i) {
                    points.push_back(&ideas[i].point);
                }
                const std::vector<Expectation> expected = process_.expect(points);
                for (std::size_t i = first; i < end; ++i) {
                    const Expectation& at = expected[i - first];
                    const double worth =
                        known_.contains(ideas[i].choices)
                            ? -1
                            : expected_improvement(best_ - at.mean, at.deviation) * chance(ideas[i].point);
                    best = worth > most ? &ideas[i] : best;
                    most = std::max(most, worth);
                }
            }
            if (best == nullptr) {
                return;
            }
            take(best->choices);
        }
    }

    // That it works, as those like it did, times how little those that are tried at the same time would tell of it.
    double chance(const Point& point) const {
        double all = kFailurePrior, failed = 0, news = 1;
        for (const Attempt& attempt : attempts_) {
            const double alike = std::pow(process_.likeness(attempt.point, point), 2);
            all += alike;
            failed += attempt.log_time ? 0 : alike;
        }
        for (const Point& other : pending_) {
            news *= 1 - std::pow(process_.likeness(other, point), 2);
        }
        return (1 - failed / all) * news;
    }

    SearchProblem problem_;
    Landscape landscape_;
    GaussianProcess process_;
    RandomStream random_;
    std::vector<Choices> model_order_;
    std::size_t next_of_model_ = 0;
    std::vector<Attempt> attempts_;
    std::size_t right_ = 0;
    std::size_t next_fit_ = 0;
    std::set<Choices> known_;  // tried or planned
    std::vector<Choices> planned_;
    std::vector<Point> pending_;  // of what is planned
    double best_ = 0;
};

}  // namespace

std::unique_ptr<Strategy> bayesian(const SearchProblem& problem) {
    return bayesian_with({}, problem);
}

std::unique_ptr<Strategy> bayesian_with(const BayesianSettings& settings, const SearchProblem& problem) {
    return std::make_unique<Bayesian>(settings, problem);
}

}  // namespace warpsmith
