#include "cache/page_scan.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

// The format: https://www.sqlite.org/fileformat2.html
namespace warpsmith {
namespace {

constexpr std::size_t kFileHeaderBytes = 100;
constexpr std::size_t kSmallestPage = 512, kLargestPage = 65536;
constexpr std::size_t kUsualPage = 4096;  // SQLite's own choice, and so that of every file that Warpsmith makes
constexpr std::size_t kLeafHeaderBytes = 8, kInteriorHeaderBytes = 12;
constexpr std::size_t kMostColumns = 64;  // the widest table has half as many

// Cells of a sound file do not overlap. In a damaged one they may, and are then read up to this many times over.
constexpr std::size_t kMostReadings = 8;

enum PageType : std::uint8_t { kInteriorIndex = 2, kInteriorTable = 5, kLeafIndex = 10, kLeafTable = 13 };

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (char byte : bytes) {
        value = value << 8U | static_cast<unsigned char>(byte);
    }
    return value;
}

// Reads from the front of bytes; `good` is false once something was not there.
struct Cursor {
    std::string_view bytes;
    bool good = true;

    std::string_view take(std::size_t count) {
        good = good && count <= bytes.size();
        if (!good) {
            return {};
        }
        const std::string_view taken = bytes.substr(0, count);
        bytes.remove_prefix(count);
        return taken;
    }

    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int i = 0; i < 8; ++i) {
            const std::uint64_t byte = big_endian(take(1));
            value = value << 7U | (byte & 0x7FU);
            if (byte < 0x80U) {
                return value;
            }
        }
        return value << 8U | big_endian(take(1));
    }
};

std::int64_t sign_extended(std::string_view bytes) {
    const auto unused = static_cast<unsigned>(64 - 8 * bytes.size());
    return static_cast<std::int64_t>(big_endian(bytes) << unused) >> unused;
}

RawValue value_of(std::uint64_t serial_type, Cursor& content) {
    constexpr std::array<std::size_t, 7> kIntegerBytes = {0, 1, 2, 3, 4, 6, 8};
    if (serial_type == 0) {
        return {};
    }
    if (serial_type < kIntegerBytes.size()) {
        const std::string_view bytes = content.take(kIntegerBytes[serial_type]);
        return content.good ? RawValue(sign_extended(bytes)) : RawValue();
    }
    if (serial_type == 7) {
        return std::bit_cast<double>(big_endian(content.take(8)));
    }
    if (serial_type < 10) {
        return static_cast<std::int64_t>(serial_type - 8);
    }
    content.good = content.good && serial_type >= 12;  // 10 and 11 are reserved
    return std::string(content.take(static_cast<std::size_t>((serial_type - 12) / 2)));
}

// The values of a record, none where its parts do not add up.
std::vector<RawValue> values_of(std::string_view record) {
    Cursor header{record};
    const std::uint64_t header_bytes = header.varint();
    if (!header.good || header_bytes > record.size()) {
        return {};
    }
    Cursor content{record.substr(header_bytes)};
    const std::size_t varint_bytes = record.size() - header.bytes.size();
    if (varint_bytes > header_bytes) {
        return {};
    }
    header.bytes = record.substr(varint_bytes, header_bytes - varint_bytes);
    std::vector<RawValue> values;
    while (header.good && content.good && !header.bytes.empty() && values.size() < kMostColumns) {
        values.push_back(value_of(header.varint(), content));
    }
    const bool adds_up = header.good && content.good && header.bytes.empty() && content.bytes.empty();
    return adds_up ? values : std::vector<RawValue>();
}

class PageScan {
  public:
    PageScan(std::string_view file, std::size_t page_bytes, const std::function<void(const RawRow&)>& found)
        : file_(file), page_bytes_(page_bytes), found_(found), budget_(kMostReadings * file.size()) {}

    void run() {
        for (std::size_t start = 0; start < file_.size(); start += page_bytes_) {
            const std::string_view page = file_.substr(start, page_bytes_);  // the last may be cut off
            const std::size_t header = start == 0 ? kFileHeaderBytes : 0;
            if (page.size() < header + kInteriorHeaderBytes) {
                continue;
            }
            switch (static_cast<unsigned char>(page[header])) {
                case kInteriorTable:  // holds no rows
                    break;
                case kLeafTable:
                case kLeafIndex:
                case kInteriorIndex:
                    read_page(page, header, static_cast<PageType>(page[header]));
                    break;
                default:  // its type is damaged, or it is no such page: rows tell
                    read_page(page, header, kLeafTable);
                    read_page(page, header, kLeafIndex);
            }
        }
    }

  private:
    void read_page(std::string_view page, std::size_t header, PageType type) {
        const std::uint64_t cells = big_endian(page.substr(header + 3, 2));
        const std::size_t pointers = header + (type == kInteriorIndex ? kInteriorHeaderBytes : kLeafHeaderBytes);
        for (std::uint64_t cell = 0; cell < cells; ++cell) {
            Cursor pointer{page.substr(std::min(page.size(), pointers + 2 * cell))};
            const std::uint64_t place = big_endian(pointer.take(2));
            if (!pointer.good) {
                return;
            }
            if (place < page.size()) {
                read_cell(page.substr(place), type);
            }
        }
    }

    void read_cell(std::string_view bytes, PageType type) {
        Cursor cell{bytes};
        if (type == kInteriorIndex) {
            cell.take(4);  // the page below
        }
        const std::uint64_t payload_bytes = cell.varint();
        RawRow row;
        if (type == kLeafTable) {
            row.rowid = static_cast<std::int64_t>(cell.varint());
        }
        if (!cell.good || payload_bytes > budget_ || payload_bytes > file_.size()) {
            return;
        }
        budget_ -= static_cast<std::size_t>(payload_bytes);
        row.values = values_of(payload(cell, static_cast<std::size_t>(payload_bytes), type));
        if (!row.values.empty()) {
            found_(row);
        }
    }

    // What of a payload lies on the page itself.
    std::size_t local_bytes(std::size_t payload_bytes, PageType type) const {
        const std::size_t most = type == kLeafTable ? page_bytes_ - 35 : (page_bytes_ - 12) * 64 / 255 - 23;
        if (payload_bytes <= most) {
            return payload_bytes;
        }
        const std::size_t least = (page_bytes_ - 12) * 32 / 255 - 23;
        const std::size_t fitting = least + (payload_bytes - least) % (page_bytes_ - 4);
        return fitting <= most ? fitting : least;
    }

    // Empty where the file does not have all of it.
    std::string payload(Cursor cell, std::size_t bytes, PageType type) const {
        std::string whole(cell.take(local_bytes(bytes, type)));
        std::uint64_t next = whole.size() < bytes ? big_endian(cell.take(4)) : 0;
        while (cell.good && whole.size() < bytes) {
            if (next == 0 || next > file_.size() / page_bytes_) {
                return {};
            }
            Cursor page{file_.substr((next - 1) * page_bytes_, page_bytes_)};
            next = big_endian(page.take(4));
            whole += page.take(std::min(bytes - whole.size(), page_bytes_ - 4));
        }
        return cell.good ? whole : std::string();
    }

    std::string_view file_;
    std::size_t page_bytes_;
    const std::function<void(const RawRow&)>& found_;
    std::size_t budget_;  // of payload that may still be read
};

}  // namespace

void scan_rows(std::string_view file, const std::function<void(const RawRow&)>& found) {
    PageScan(file, kUsualPage, found).run();
    const std::uint64_t field = file.size() < kFileHeaderBytes ? 0 : big_endian(file.substr(16, 2));
    const std::size_t stated = field == 1 ? kLargestPage : static_cast<std::size_t>(field);
    if (stated != kUsualPage && stated >= kSmallestPage && std::has_single_bit(stated)) {
        PageScan(file, stated, found).run();
    }
}

}  // namespace warpsmith
