// A load through librdkafka: `load produce|consume|transact BOOTSTRAP TOPIC PARTITIONS RECORDS SIZE
// [key=value...]`. The settings after SIZE go to librdkafka as they are. `transact` commits a
// transaction after each ten records. Prints one line: records, bytes, seconds.
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

struct Load {
  std::string action, bootstrap, topic;
  int partitions;
  long records;
  std::size_t size;
};

[[noreturn]] void fail(const char* what, const char* why) {
  std::fprintf(stderr, "%s: %s\n", what, why);
  std::exit(1);
}

void set(rd_kafka_conf_t* conf, const std::string& key, const std::string& value) {
  char why[512];
  if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), why, sizeof why) != RD_KAFKA_CONF_OK) {
    fail(key.c_str(), why);
  }
}

long undelivered = 0;
void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) ++undelivered;
}

rd_kafka_t* client(rd_kafka_type_t type, rd_kafka_conf_t* conf) {
  char why[512];
  rd_kafka_t* handle = rd_kafka_new(type, conf, why, sizeof why);
  if (handle == nullptr) fail("librdkafka", why);
  return handle;
}

// Noise from a fixed seed: nothing that the wire or the disk could make smaller.
std::string noise(std::size_t size) {
  std::string out(size, '\0');
  unsigned state = 12345;
  for (char& c : out) {
    state = state * 1664525U + 1013904223U;
    c = static_cast<char>(state >> 24U);
  }
  return out;
}

void produce(const Load& load, rd_kafka_conf_t* conf) {
  rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  rd_kafka_t* handle = client(RD_KAFKA_PRODUCER, conf);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(handle, load.topic.c_str(), nullptr);
  const std::string payload = noise(load.size);
  constexpr int k_run = 500;  // records for one partition before the next one's turn
  for (long i = 0; i < load.records; ++i) {
    const int partition = static_cast<int>(i / k_run % load.partitions);
    while (rd_kafka_produce(topic, partition, 0, const_cast<char*>(payload.data()), payload.size(),
                            nullptr, 0, nullptr) != 0) {
      if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        fail("produce", rd_kafka_err2str(rd_kafka_last_error()));
      }
      rd_kafka_poll(handle, 5);
    }
    if (i % 1000 == 0) rd_kafka_poll(handle, 0);
  }
  if (rd_kafka_flush(handle, 120'000) != RD_KAFKA_RESP_ERR_NO_ERROR) fail("flush", "timed out");
  if (undelivered != 0) fail("produce", "some records were refused");
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(handle);
}

void expect(const char* what, rd_kafka_error_t* error) {
  if (error != nullptr) fail(what, rd_kafka_error_string(error));
}

void transact(const Load& load, rd_kafka_conf_t* conf) {
  constexpr int k_minute = 60'000;
  constexpr long k_records_each = 10;
  set(conf, "transactional.id", "load");
  set(conf, "linger.ms", "0");
  rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  rd_kafka_t* handle = client(RD_KAFKA_PRODUCER, conf);
  rd_kafka_topic_t* topic = rd_kafka_topic_new(handle, load.topic.c_str(), nullptr);
  const std::string payload = noise(load.size);
  expect("init_transactions", rd_kafka_init_transactions(handle, k_minute));
  for (long i = 0; i < load.records; i += k_records_each) {
    expect("begin_transaction", rd_kafka_begin_transaction(handle));
    const int partition = static_cast<int>(i / k_records_each % load.partitions);
    for (long j = 0; j < k_records_each; ++j) {
      if (rd_kafka_produce(topic, partition, 0, const_cast<char*>(payload.data()), payload.size(),
                           nullptr, 0, nullptr) != 0) {
        fail("produce", rd_kafka_err2str(rd_kafka_last_error()));
      }
    }
    expect("commit_transaction", rd_kafka_commit_transaction(handle, k_minute));
  }
  if (undelivered != 0) fail("produce", "some records were refused");
  rd_kafka_topic_destroy(topic);
  rd_kafka_destroy(handle);
}

void consume(const Load& load, rd_kafka_conf_t* conf) {
  set(conf, "group.id", "unused");
  set(conf, "enable.auto.commit", "false");
  rd_kafka_t* handle = client(RD_KAFKA_CONSUMER, conf);
  rd_kafka_topic_partition_list_t* places = rd_kafka_topic_partition_list_new(load.partitions);
  for (int p = 0; p < load.partitions; ++p) {
    rd_kafka_topic_partition_list_add(places, load.topic.c_str(), p)->offset =
        RD_KAFKA_OFFSET_BEGINNING;
  }
  rd_kafka_assign(handle, places);
  rd_kafka_queue_t* queue = rd_kafka_queue_get_consumer(handle);
  std::vector<rd_kafka_message_t*> batch(10'000);
  long seen = 0;
  while (seen < load.records) {
    const ssize_t got = rd_kafka_consume_batch_queue(queue, 10'000, batch.data(), batch.size());
    if (got <= 0) fail("consume", "nothing came for ten seconds");
    for (ssize_t i = 0; i < got; ++i) {
      rd_kafka_message_t* message = batch[static_cast<std::size_t>(i)];
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) ++seen;
      rd_kafka_message_destroy(message);
    }
  }
  rd_kafka_queue_destroy(queue);
  rd_kafka_topic_partition_list_destroy(places);
  rd_kafka_consumer_close(handle);
  rd_kafka_destroy(handle);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 7) {
    fail("usage",
         "load produce|consume|transact BOOTSTRAP TOPIC PARTITIONS RECORDS SIZE [key=value...]");
  }
  const Load load{argv[1],
                  argv[2],
                  argv[3],
                  std::atoi(argv[4]),
                  std::atol(argv[5]),
                  static_cast<std::size_t>(std::atol(argv[6]))};
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  set(conf, "bootstrap.servers", load.bootstrap);
  for (int i = 7; i < argc; ++i) {
    const std::string setting = argv[i];
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) fail(argv[i], "not key=value");
    set(conf, setting.substr(0, equals), setting.substr(equals + 1));
  }
  const auto start = std::chrono::steady_clock::now();
  if (load.action == "produce") {
    produce(load, conf);
  } else if (load.action == "transact") {
    transact(load, conf);
  } else {
    consume(load, conf);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%ld %zu %.3f\n", load.records, static_cast<std::size_t>(load.records) * load.size,
              took.count());
}
