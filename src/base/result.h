// What a function that can go wrong returns.
//
// Errors are values. A code says what the caller can do about it, the text says what happened, in
// lower case and without a full stop, with the thing's name first: "kafka: topic media missing".
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace lvp {

struct Error {
  enum class Code : std::uint8_t {
    invalid,      ///< the input is wrong: refuse it, it will not get better
    unavailable,  ///< not now: try again later
    conflict,     ///< somebody else owns it now: let go
    corrupt,      ///< stored bytes do not make sense: stop
  };
  Code code = Code::invalid;
  std::string what;
};

template <class T>
using Result = std::expected<T, Error>;
using Status = Result<void>;

inline std::unexpected<Error> invalid(std::string what) {
  return std::unexpected(Error{Error::Code::invalid, std::move(what)});
}
inline std::unexpected<Error> unavailable(std::string what) {
  return std::unexpected(Error{Error::Code::unavailable, std::move(what)});
}
inline std::unexpected<Error> conflict(std::string what) {
  return std::unexpected(Error{Error::Code::conflict, std::move(what)});
}
inline std::unexpected<Error> corrupt(std::string what) {
  return std::unexpected(Error{Error::Code::corrupt, std::move(what)});
}

}  // namespace lvp

#define LVP_CONCAT_(a, b) a##b
#define LVP_CONCAT(a, b) LVP_CONCAT_(a, b)

/// `LVP_TRY(const auto x, f());` declares x with the value of f(), or returns f()'s error.
#define LVP_TRY(declaration, expression) \
  LVP_TRY_(LVP_CONCAT(lvp_result_, __LINE__), declaration, expression)
#define LVP_TRY_(result, declaration, expression)                 \
  auto result = (expression);                                     \
  if (!result) return std::unexpected(std::move(result).error()); \
  declaration = std::move(*result)

/// `LVP_DO(f());` goes on if f() succeeded, or returns its error.
#define LVP_DO(expression) LVP_DO_(LVP_CONCAT(lvp_status_, __LINE__), expression)
#define LVP_DO_(status, expression) \
  if (auto status = (expression); !status) return std::unexpected(std::move(status).error())
