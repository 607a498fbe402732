// Memory that must be gone now.
#pragma once

namespace lvp::net {

/// Empties a string or a vector and frees its memory, which assigning {} to it does not.
template <class Container>
void give_back(Container& container) {
  Container().swap(container);
}

}  // namespace lvp::net
