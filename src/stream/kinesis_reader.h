// Reads the shards that it owns, in turns (stream.h).
//
// A shard is asked every get_every, and the more seldom the longer it refuses because too much was
// read. What it answered is kept until it is committed. An iterator that expired is made anew from
// the last record that was read; when that record is not kept any more, reading goes on at the
// oldest one, and the log says so.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "stream/kinesis_api.h"
#include "stream/lease_member.h"
#include "stream/stream.h"

namespace lvp::stream {

/// `api` outlives the reader.
std::unique_ptr<Reader> make_kinesis_reader(KinesisApi& api, std::unique_ptr<Ownership> ownership,
                                            Duration get_every);

/// Records as a batch of one partition: all that fit, of the first `records_max`, and not after one
/// that is beyond batch_bytes_max. `is_all`: whether nothing lies beyond them.
Batch batch_of(std::string partition, std::span<const Arrival> arrivals, std::size_t records_max,
               bool is_all);

}  // namespace lvp::stream
