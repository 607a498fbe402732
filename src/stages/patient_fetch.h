// Asks a server that did not answer only once in a while.
//
// To find out that nobody answers can take seconds each time. So after one request in vain the
// others to the same server fail at once, for a moment: who needs servers that answer is not held
// up.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <string_view>

#include "base/time.h"
#include "iglu/resolver.h"

namespace lvp::stages {

/// Belongs to one thread. What it is made of outlives it.
class PatientFetch final : public iglu::Fetch {
 public:
  PatientFetch(iglu::Fetch& fetch, const Clock& clock) : fetch_(fetch), clock_(clock) {}

  Result<iglu::Fetched> get(std::string_view url, std::string_view apikey) override;

  /// How long a server is spared.
  static constexpr Duration pause = std::chrono::seconds(2);

 private:
  struct Silence {
    Timestamp since;
    std::string what;
  };

  iglu::Fetch& fetch_;
  const Clock& clock_;
  std::map<std::string, Silence, std::less<>> silent_;  ///< by server; few, as the resolver's file
};

}  // namespace lvp::stages
