#include "tests/store_contract.h"

namespace lvp::tests {
namespace {

INSTANTIATE_TEST_SUITE_P(Engines, StoreContract, testing::Values(memory_case, rocks_case),
                         case_name);
INSTANTIATE_TEST_SUITE_P(Engines, DurableStoreContract, testing::Values(rocks_case), case_name);

}  // namespace
}  // namespace lvp::tests
