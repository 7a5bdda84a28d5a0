#include "cache/imported.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "generator/digest.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

std::string samples_text(const std::vector<double>& samples_us) {
    return nlohmann::json(samples_us).dump();
}

class Writer {
  public:
    explicit Writer(SqliteConnection& connection)
        : connection_(connection),
          find_file_(connection,
                     "SELECT id FROM imported_file WHERE format = ? AND name = ? AND device = ? AND kernel = ? AND "
                     "problem_size = ? AND header = ?"),
          insert_file_(connection,
                       "INSERT INTO imported_file (format, name, device, kernel, problem_size, header) VALUES (?, ?, "
                       "?, ?, ?, ?)"),
          last_result_(connection, "SELECT coalesce(max(id), 0) FROM imported_result"),
          insert_result_(connection,
                         "INSERT INTO imported_result (id, file_id, config, outcome, time_us, samples_us, phases_ms, "
                         "recorded_at, said, checksum) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)") {}

    void write(const ImportedFile& file, const ImportedResult& result) {
        last_result_.bind().step();
        const std::int64_t id = last_result_.integer(0) + 1;
        insert_result_.run(id, file_id(file), result.config, result.outcome, result.time_us,
                           samples_text(result.samples_us), result.phases_ms, result.recorded_at, result.said,
                           checksum(id, file, result));
    }

  private:
    std::int64_t file_id(const ImportedFile& file) {
        find_file_.bind(file.format, file.name, file.device, file.kernel, file.problem_size, file.header);
        if (find_file_.step()) {
            return find_file_.integer(0);
        }
        insert_file_.run(file.format, file.name, file.device, file.kernel, file.problem_size, file.header);
        return connection_.last_row_id();
    }

    SqliteConnection& connection_;
    SqliteStatement find_file_, insert_file_, last_result_, insert_result_;
};

}  // namespace

std::vector<double> parse_samples(const std::string& text) {
    const nlohmann::json samples = nlohmann::json::parse(text, nullptr, false);
    std::vector<double> numbers;
    for (const nlohmann::json& sample : samples.is_array() ? samples : nlohmann::json::array()) {
        numbers.push_back(sample.is_number() ? sample.get<double>() : 0);
    }
    return numbers;
}

std::string checksum(std::int64_t id, const ImportedFile& file, const ImportedResult& result) {
    Digest digest;
    digest.add(static_cast<std::size_t>(id));
    for (const std::string* text :
         {&file.format, &file.name, &file.device, &file.kernel, &file.problem_size, &file.header, &result.config,
          &result.outcome, &result.phases_ms, &result.recorded_at, &result.said}) {
        digest.add(*text);
    }
    digest.add(std::size_t{std::bit_cast<std::uint64_t>(result.time_us + 0.0)});
    digest.add(samples_text(result.samples_us));
    return digest.hexadecimal();
}

AddedResults add_imported(SqliteConnection& connection, std::span<const ImportedFile> files) {
    std::unordered_set<std::string> present;
    for (const ImportedRow& row : imported_rows(connection)) {
        present.insert(checksum(0, row.file, row.result));
    }
    Writer writer(connection);
    AddedResults count;
    for (const ImportedFile& file : files) {
        for (const ImportedResult& result : file.results) {
            const bool is_new = present.insert(checksum(0, file, result)).second;
            ++(is_new ? count.added : count.known);
            if (is_new) {
                writer.write(file, result);
            }
        }
    }
    return count;
}

std::vector<ImportedRow> imported_rows(SqliteConnection& connection) {
    SqliteStatement query = connection.prepare(
        "SELECT result.id, format, name, device, kernel, problem_size, header, config, outcome, time_us, samples_us, "
        "phases_ms, recorded_at, said, checksum FROM imported_result AS result JOIN imported_file AS file ON file.id = "
        "file_id ORDER BY result.id");
    std::vector<ImportedRow> rows;
    while (query.step()) {
        rows.push_back(
            {.id = query.integer(0),
             .file = {query.text(1), query.text(2), query.text(3), query.text(4), query.text(5), query.text(6), {}},
             .result = {query.text(7), query.text(8), query.real(9), parse_samples(query.text(10)), query.text(11),
                        query.text(12), query.text(13)},
             .checksum = query.text(14)});
    }
    return rows;
}

std::vector<ImportedFile> imported_files(SqliteConnection& connection) {
    const std::vector<ImportedRow> rows = imported_rows(connection);
    const auto damaged = std::ranges::find_if(
        rows, [](const ImportedRow& row) { return row.checksum != checksum(row.id, row.file, row.result); });
    if (damaged != rows.end()) {
        throw DamagedDatabase(fmt::format("reading the tuning database {}: imported result {} is damaged; {}",
                                          connection.path(), damaged->id, kSalvageAdvice));
    }
    return grouped(rows);
}

std::vector<ImportedFile> grouped(std::span<const ImportedRow> rows) {
    using Key = std::array<std::string, 6>;
    std::map<Key, std::size_t> places;  // in files
    std::vector<ImportedFile> files;
    for (const ImportedRow& row : rows) {
        const ImportedFile& from = row.file;
        const Key key = {from.format, from.name, from.device, from.kernel, from.problem_size, from.header};
        const auto [place, is_new] = places.try_emplace(key, files.size());
        if (is_new) {
            files.push_back(from);
        }
        files[place->second].results.push_back(row.result);
    }
    return files;
}

}  // namespace warpsmith
