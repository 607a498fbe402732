// What there is to watch. A few contents draw most of the audience: the n-th in popularity is
// chosen 1/n as often as the first (Zipf). Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simulate/random.h"

namespace lvp::simulate {

struct Content {
  std::string label;
  double duration_s = 0;  ///< 0: live
  bool live() const { return duration_s == 0; }
};

class Catalogue {
 public:
  /// `contents` of them, at least 1, the most popular first.
  Catalogue(std::uint64_t seed, std::uint32_t contents);

  const Content& choose(Random& random) const;
  const std::vector<Content>& contents() const { return contents_; }

 private:
  std::vector<Content> contents_;
  std::vector<double> shares_;  // of each and all before it, up to 1
};

}  // namespace lvp::simulate
