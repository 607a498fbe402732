// The contract of streams on Kinesis, and what happens on Kinesis alone. Needs a Kinesis and a
// DynamoDB: see kinesis_engine.h.
#include "net/test_site.h"
#include "tests/kinesis_engine.h"
#include "tests/stream_contract.h"

namespace lvp::tests {
namespace {

INSTANTIATE_TEST_SUITE_P(Engines, StreamContract, testing::Values(kinesis_case), case_name);
INSTANTIATE_TEST_SUITE_P(Engines, DurableStreamContract, testing::Values(kinesis_case), case_name);

}  // namespace
}  // namespace lvp::tests
