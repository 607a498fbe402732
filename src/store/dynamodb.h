// Tables in DynamoDB, over its signed JSON API: attributes are S, N and BOOL.
//
// Changes without a version go 25 at a time (BatchWriteItem); those with one each by itself, since
// the service takes conditions only so, several at once. Permissions: docs/sink.md.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "net/aws.h"
#include "net/aws_account.h"
#include "store/external_table.h"

namespace lvp::store {

inline constexpr std::size_t dynamodb_batch_items = 25;  ///< BatchWriteItem takes no more
inline constexpr std::size_t dynamodb_read_items = 100;  ///< BatchGetItem

struct DynamoDbOptions {
  std::size_t at_once = 8;                   ///< requests with conditions
  Duration wait = std::chrono::seconds(10);  ///< for an answer
};

/// Asks nothing yet. Error::invalid if region or endpoint make no sense. The account outlives it.
Result<std::unique_ptr<ExternalTable>> open_dynamodb_table(net::AwsAccount& account,
                                                           TableShape shape,
                                                           DynamoDbOptions options = {});

}  // namespace lvp::store
