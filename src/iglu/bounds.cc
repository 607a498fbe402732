#include "iglu/bounds.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace lvp::iglu {
namespace {

constexpr std::size_t visits_max = 10'000;
constexpr std::size_t depth_max = 64;

struct Cost {
  std::size_t visits = 0;  // 0 while it is being measured
  std::size_t depth = 0;
};

std::vector<const Node*> looking_at_the_same(const Node& node) {
  std::vector<const Node*> result;
  if (const Combination* rules = node.combination.get()) {
    result = {rules->reference, rules->negated};
    for (const auto* alternatives : {&rules->all_of, &rules->any_of, &rules->one_of})
      result.insert(result.end(), alternatives->begin(), alternatives->end());
  }
  if (node.objects) {
    for (const Dependency& dependency : node.objects->dependencies)
      result.push_back(dependency.schema);
  }
  std::erase(result, nullptr);
  return result;
}

class Measure {
 public:
  Result<Cost> of(const Node& node, std::size_t depth) {
    if (depth > depth_max) return invalid("$ref, allOf, anyOf, oneOf and not are nested too deep");
    const auto [known, is_new] = costs_.try_emplace(&node);
    if (!is_new && known->second.visits == 0) return invalid("$ref leads back to itself");
    if (!is_new) return known->second;
    Cost cost{.visits = 1, .depth = 0};
    for (const Node* other : looking_at_the_same(node)) {
      LVP_TRY(const Cost inner, of(*other, depth + 1));
      cost.visits += inner.visits;
      cost.depth = std::max(cost.depth, inner.depth + 1);
    }
    if (cost.depth > depth_max || cost.visits > visits_max)
      return invalid("$ref, allOf, anyOf, oneOf and not are combined too often");
    return costs_[&node] = cost;
  }

 private:
  std::unordered_map<const Node*, Cost> costs_;
};

}  // namespace

Status check_bounds(const std::deque<Node>& nodes) {
  Measure measure;
  for (const Node& node : nodes) LVP_DO(measure.of(node, 0));
  return {};
}

}  // namespace lvp::iglu
