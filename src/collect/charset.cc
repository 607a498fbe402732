#include "collect/charset.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

namespace lvp::collect {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD
constexpr auto failed = static_cast<std::size_t>(-1);     // iconv's answer; errno says why

// Known to iconv by the same names.
constexpr std::array<std::string_view, 14> names{
    "latin1", "koi8-r", "koi8-u",  "utf-16le", "utf-16be", "utf-32le", "utf-32be",
    "gb2312", "gbk",    "gb18030", "big5",     "euc-jp",   "euc-kr",   "shift_jis"};
// Families that end in a number.
constexpr std::array<std::string_view, 2> families{"iso-8859-", "windows-125"};

bool is_known(std::string_view charset) {
  if (std::ranges::find(names, charset) != names.end()) return true;
  return std::ranges::any_of(families, [charset](std::string_view family) {
    if (!charset.starts_with(family)) return false;
    const std::string_view number = charset.substr(family.size());
    return !number.empty() && number.size() <= 2 &&
           std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
  });
}

// The byte order of "utf-16" and "utf-32" is that of their mark, else big (RFC 2781). Elsewhere a
// mark is what it says: the character U+FEFF.
std::string_view with_order(std::string_view charset, std::string_view bytes) {
  if (charset == "utf-16") return bytes.starts_with("\xff\xfe") ? "utf-16le" : "utf-16be";
  if (charset == "utf-32")
    return bytes.starts_with(std::string_view("\xff\xfe\0\0", 4)) ? "utf-32le" : "utf-32be";
  return charset;
}

struct Close {
  using pointer = iconv_t;
  void operator()(iconv_t conversion) const { iconv_close(conversion); }
};

std::size_t unit_bytes(std::string_view charset) {
  return charset.starts_with("utf-16") ? 2 : charset.starts_with("utf-32") ? 4 : 1;
}

}  // namespace

std::optional<std::string> utf8_from(std::string_view charset, std::string_view bytes) {
  charset = with_order(charset, bytes);
  if (!is_known(charset)) return std::nullopt;
  const iconv_t opened = iconv_open("UTF-8", std::string(charset).c_str());
  if (opened == reinterpret_cast<iconv_t>(-1)) return std::nullopt;
  const std::unique_ptr<iconv_t, Close> conversion(opened);

  std::string out;
  std::array<char, 4096> buffer;
  char* in = const_cast<char*>(bytes.data());  // iconv only reads there
  std::size_t left = bytes.size();
  for (bool flushing = false; !flushing;) {
    flushing = left == 0;  // some charsets hold back a letter, in case an accent follows
    char* to = buffer.data();
    std::size_t room = buffer.size();
    const std::size_t said = iconv(opened, flushing ? nullptr : &in, &left, &to, &room);
    const int error = errno;
    out.append(buffer.data(), buffer.size() - room);
    if (flushing || said != failed || error == E2BIG) continue;
    const std::size_t invalid = std::min(left, unit_bytes(charset));
    out += replacement;
    in += invalid;
    left -= invalid;
  }
  return out;
}

}  // namespace lvp::collect
