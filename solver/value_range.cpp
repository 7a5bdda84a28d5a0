#include "solver/value_range.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "solver/error.hpp"
#include "solver/scalar.hpp"

namespace warpsmith {
namespace {

std::uint64_t multiply_modulo(std::uint64_t left, std::uint64_t right, std::uint64_t modulus) {
    return static_cast<std::uint64_t>(UInt128{left} * right % modulus);
}

std::uint64_t power_modulo(std::uint64_t base, std::uint64_t exponent, std::uint64_t modulus) {
    std::uint64_t result = 1;
    for (; exponent > 0; exponent >>= 1U) {
        result = exponent % 2 == 1 ? multiply_modulo(result, base, modulus) : result;
        base = multiply_modulo(base, base, modulus);
    }
    return result;
}

// Of an odd number above 37: Miller and Rabin's test, which with these twelve bases errs for none of 64 bits
// (Sorenson and Webster, Math. Comp. 86, 2017).
bool is_prime(std::uint64_t number) {
    constexpr std::array kBases = {2U, 3U, 5U, 7U, 11U, 13U, 17U, 19U, 23U, 29U, 31U, 37U};
    std::uint64_t odd = number - 1;
    int twos = 0;
    for (; odd % 2 == 0; odd /= 2) {
        ++twos;
    }
    return std::ranges::all_of(kBases, [&](std::uint64_t base) {
        std::uint64_t power = power_modulo(base, odd, number);
        bool passes = power == 1 || power == number - 1;
        for (int i = 1; i < twos && !passes; ++i) {
            power = multiply_modulo(power, power, number);
            passes = power == number - 1;
        }
        return passes;
    });
}

// A factor of an odd number that is not prime; 0 or the number itself when this offset finds none.
std::uint64_t factor_by_rho(std::uint64_t number, std::uint64_t offset) {
    constexpr int kBatch = 64;  // differences multiplied together before their divisor is looked at
    auto next = [&](std::uint64_t x) { return static_cast<std::uint64_t>((UInt128{x} * x + offset) % number); };
    std::uint64_t slow = 2;
    std::uint64_t fast = 2;
    std::uint64_t found = 1;
    while (found == 1) {
        std::uint64_t product = 1;
        const std::uint64_t slow_before = slow;
        const std::uint64_t fast_before = fast;
        for (int i = 0; i < kBatch; ++i) {
            slow = next(slow);
            fast = next(next(fast));
            product = multiply_modulo(product, slow > fast ? slow - fast : fast - slow, number);
        }
        found = std::gcd(product, number);
        if (found == number) {  // the batch met two factors at once: again, one by one
            slow = slow_before;
            fast = fast_before;
            do {
                slow = next(slow);
                fast = next(next(fast));
                found = std::gcd(slow > fast ? slow - fast : fast - slow, number);
            } while (found == 1);
        }
    }
    return found;
}

void collect_large_primes(std::uint64_t number, std::vector<std::uint64_t>& primes) {
    if (number == 1) {
        return;
    }
    if (is_prime(number)) {
        primes.push_back(number);
        return;
    }
    std::uint64_t factor = number;
    for (std::uint64_t offset = 1; factor == number; ++offset) {
        factor = factor_by_rho(number, offset);
    }
    collect_large_primes(factor, primes);
    collect_large_primes(number / factor, primes);
}

std::vector<std::uint64_t> prime_factors(std::uint64_t number) {
    constexpr std::uint64_t kTried = 256;  // by division
    std::vector<std::uint64_t> primes;
    for (std::uint64_t divisor = 2; divisor < kTried && divisor * divisor <= number; ++divisor) {
        for (; number % divisor == 0; number /= divisor) {
            primes.push_back(divisor);
        }
    }
    if (number < kTried * kTried) {
        if (number > 1) {
            primes.push_back(number);
        }
    } else {
        collect_large_primes(number, primes);
    }
    std::ranges::sort(primes);
    return primes;
}

Int128 length(const ValueRange& range) {
    Int128 distance = range.step > 0 ? Int128{range.last} - range.first : Int128{range.first} - range.last;
    Int128 step = range.step > 0 ? Int128{range.step} : -Int128{range.step};
    return distance < 0 ? 0 : distance / step + 1;
}

}  // namespace

bool is_too_large(const ValueRange& range) {
    return length(range) > static_cast<Int128>(kMaxRangeSize);
}

std::uint64_t size(const ValueRange& range) {
    if (range.step == 0) {
        throw Error("describing a range of values: its step is 0; give another one");
    }
    if (is_too_large(range)) {
        throw Error(fmt::format("describing a range of values: there are more than 2^62 from {} to {}; narrow it",
                                range.first, range.last));
    }
    return static_cast<std::uint64_t>(length(range));
}

bool contains(const ValueRange& range, std::int64_t value) {
    bool within =
        range.step > 0 ? range.first <= value && value <= range.last : range.last <= value && value <= range.first;
    return within && (Int128{value} - range.first) % range.step == 0;
}

std::vector<std::int64_t> divisors_of(std::int64_t number) {
    if (number < 1) {
        throw Error(fmt::format("listing divisors: expected a number from 1, found {}", number));
    }
    std::vector<std::int64_t> divisors = {1};
    std::uint64_t previous = 0;
    std::size_t added = 0;  // with the last prime
    for (std::uint64_t prime : prime_factors(static_cast<std::uint64_t>(number))) {
        // A prime that comes again multiplies only what it multiplied before.
        std::size_t end = divisors.size();
        std::size_t begin = prime == previous ? end - added : 0;
        for (std::size_t i = begin; i < end; ++i) {
            divisors.push_back(divisors[i] * static_cast<std::int64_t>(prime));
        }
        added = end - begin;
        previous = prime;
    }
    std::ranges::sort(divisors);
    return divisors;
}

std::vector<std::int64_t> powers_of_two(std::int64_t first, std::int64_t last) {
    constexpr unsigned kBits = 63;
    std::vector<std::int64_t> powers;
    for (unsigned exponent = 0; exponent < kBits; ++exponent) {
        std::int64_t power = std::int64_t{1} << exponent;
        if (power >= first && power <= last) {
            powers.push_back(power);
        }
    }
    return powers;
}

}  // namespace warpsmith
