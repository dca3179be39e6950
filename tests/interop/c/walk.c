// librdkafka by its C interface: a producer with delivery reports, members of a group with a rebalance callback, commits, transactions.
//   walk BOOTSTRAP PREFIX
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { k_partitions = 4, k_records = 400, k_patience = 25 };

static const char *g_bootstrap;
static char g_topic[100];
static char g_error[512];
static int g_good, g_bad;

static void must(int holds, const char *what) {
  if (!holds) {
    fprintf(stderr, "in vain: %s %s\n", what, g_error);
    exit(1);
  }
}

static rd_kafka_conf_t *settings(const char *const *pairs) {
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  must(rd_kafka_conf_set(conf, "bootstrap.servers", g_bootstrap, g_error, sizeof g_error) == RD_KAFKA_CONF_OK, "bootstrap");
  for (; *pairs != NULL; pairs += 2) {
    must(rd_kafka_conf_set(conf, pairs[0], pairs[1], g_error, sizeof g_error) == RD_KAFKA_CONF_OK, pairs[0]);
  }
  return conf;
}

static void delivered(rd_kafka_t *client, const rd_kafka_message_t *message, void *opaque) {
  (void)client, (void)opaque;
  *(message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? &g_good : &g_bad) += 1;
}

static void create_topic(void) {
  const char *const none[] = {NULL};
  rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, settings(none), g_error, sizeof g_error);
  must(client != NULL, "admin client");
  rd_kafka_queue_t *queue = rd_kafka_queue_new(client);
  rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(g_topic, k_partitions, 1, g_error, sizeof g_error);
  rd_kafka_NewTopic_set_config(topic, "retention.ms", "700000");
  for (int round = 0; round < 2; round++) {
    rd_kafka_CreateTopics(client, &topic, 1, NULL, queue);
    rd_kafka_event_t *event = rd_kafka_queue_poll(queue, k_patience * 1000);
    must(event != NULL, "the answer of CreateTopics");
    size_t count = 0;
    const rd_kafka_topic_result_t **results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
    must(count == 1, "one result");
    printf("create: %s\n", rd_kafka_err2name(rd_kafka_topic_result_error(results[0])));
    rd_kafka_event_destroy(event);
  }
  rd_kafka_NewTopic_destroy(topic);
  rd_kafka_queue_destroy(queue);
  rd_kafka_destroy(client);
}

static void produce_all(void) {
  const char *const with[] = {"enable.idempotence", "true", "compression.codec", "lz4", "linger.ms", "5", NULL};
  rd_kafka_conf_t *conf = settings(with);
  rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, g_error, sizeof g_error);
  must(client != NULL, "producer");
  for (int i = 0; i < k_records; i++) {
    char value[32];
    const int size = snprintf(value, sizeof value, "%d", i);
    rd_kafka_resp_err_t sent = rd_kafka_producev(client, RD_KAFKA_V_TOPIC(g_topic), RD_KAFKA_V_PARTITION(i % k_partitions),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE(value, (size_t)size), RD_KAFKA_V_KEY(value, (size_t)size),
        RD_KAFKA_V_HEADER("n", "1", 1), RD_KAFKA_V_END);
    must(sent == RD_KAFKA_RESP_ERR_NO_ERROR, "producev");
    rd_kafka_poll(client, 0);
  }
  must(rd_kafka_flush(client, k_patience * 1000) == RD_KAFKA_RESP_ERR_NO_ERROR, "flush");
  printf("produced: %d good, %d bad\n", g_good, g_bad);
  rd_kafka_destroy(client);
}

typedef struct {
  rd_kafka_t *client;
  int partitions, assigned, revoked;
} member_t;

static void rebalanced(rd_kafka_t *client, rd_kafka_resp_err_t what, rd_kafka_topic_partition_list_t *which, void *opaque) {
  member_t *member = opaque;
  const int cooperative = strcmp(rd_kafka_rebalance_protocol(client), "COOPERATIVE") == 0;
  const int gains = what == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
  *(gains ? &member->assigned : &member->revoked) += 1;
  member->partitions += gains ? which->cnt : -which->cnt;
  if (cooperative) {
    rd_kafka_error_destroy(gains ? rd_kafka_incremental_assign(client, which) : rd_kafka_incremental_unassign(client, which));
  } else {
    rd_kafka_assign(client, gains ? which : NULL);
  }
}

static void join(member_t *member, const char *group, const char *strategy) {
  const char *const with[] = {"group.id", group, "partition.assignment.strategy", strategy, "auto.offset.reset", "earliest",
      "session.timeout.ms", "10000", "heartbeat.interval.ms", "250", "enable.auto.commit", "false", NULL};
  memset(member, 0, sizeof *member);
  rd_kafka_conf_t *conf = settings(with);
  rd_kafka_conf_set_rebalance_cb(conf, rebalanced);
  rd_kafka_conf_set_opaque(conf, member);
  member->client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, g_error, sizeof g_error);
  must(member->client != NULL, "consumer");
  rd_kafka_poll_set_consumer(member->client);
  rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, g_topic, RD_KAFKA_PARTITION_UA);
  must(rd_kafka_subscribe(member->client, topics) == RD_KAFKA_RESP_ERR_NO_ERROR, "subscribe");
  rd_kafka_topic_partition_list_destroy(topics);
}

/** 1 when a record came that was not seen before. */
static int poll_one(member_t *member, char *seen) {
  rd_kafka_message_t *message = rd_kafka_consumer_poll(member->client, 20);
  int new_one = 0;
  if (message != NULL && message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    char value[32] = "";
    memcpy(value, message->payload, message->len < 31 ? message->len : 31);
    new_one = !seen[atoi(value)];
    seen[atoi(value)] = 1;
  }
  if (message != NULL) {
    rd_kafka_message_destroy(message);
  }
  return new_one;
}

static void leave(member_t *member) {
  rd_kafka_consumer_close(member->client);
  rd_kafka_destroy(member->client);
}

static void groups(const char *strategy) {
  char group[120];
  snprintf(group, sizeof group, "%s-%s", g_topic, strategy);
  char seen[k_records] = {0};
  member_t one, two;
  join(&one, group, strategy);
  join(&two, group, strategy);
  int total = 0;
  const time_t deadline = time(NULL) + k_patience;
  while (total < k_records || one.partitions != k_partitions / 2 || two.partitions != k_partitions / 2) {
    must(time(NULL) < deadline, "two members");
    total += poll_one(&one, seen) + poll_one(&two, seen);
  }
  must(rd_kafka_commit(one.client, NULL, 0) == RD_KAFKA_RESP_ERR_NO_ERROR, "commit of the first");
  must(rd_kafka_commit(two.client, NULL, 0) == RD_KAFKA_RESP_ERR_NO_ERROR, "commit of the second");
  leave(&two);
  while (one.partitions != k_partitions) {
    must(time(NULL) < deadline + k_patience, "all partitions");
    poll_one(&one, seen);
  }
  rd_kafka_topic_partition_list_t *held = NULL;
  rd_kafka_assignment(one.client, &held);
  must(rd_kafka_committed(one.client, held, k_patience * 1000) == RD_KAFKA_RESP_ERR_NO_ERROR, "committed");
  printf("%s: %d records, committed", strategy, total);
  rd_kafka_topic_partition_list_sort(held, NULL, NULL);
  for (int i = 0; i < held->cnt; i++) {
    printf(" %d=%lld", held->elems[i].partition, (long long)held->elems[i].offset);
  }
  printf("\n");
  rd_kafka_topic_partition_list_destroy(held);
  leave(&one);
}

int main(int count, char **words) {
  must(count == 3, "usage: walk BOOTSTRAP PREFIX");
  g_bootstrap = words[1];
  snprintf(g_topic, sizeof g_topic, "%s", words[2]);
  setvbuf(stdout, NULL, _IOLBF, 0);
  create_topic();
  produce_all();
  groups("range");
  groups("roundrobin");
  groups("cooperative-sticky");
  return 0;
}
