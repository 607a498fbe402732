// What is wrong with a schema, for whoever writes it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lvp::iglu {

/// Sentences, each about one thing; none if all is well. The first is about what makes the schema
/// unusable, if anything does. `uri` is the key it will be asked for by, or empty.
std::vector<std::string> lint(std::string_view text, std::string_view uri = {});

}  // namespace lvp::iglu
