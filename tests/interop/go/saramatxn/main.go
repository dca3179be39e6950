// sarama: a transactional producer that commits and aborts, offsets in a transaction, and a second producer that fences the first.
package main

import (
	"fmt"
	"os"
	"time"

	"github.com/IBM/sarama"
)

const topic = "sarama-txn"

var brokers []string

func must[T any](value T, problem error) T {
	if problem != nil {
		fmt.Fprintln(os.Stderr, problem)
		os.Exit(1)
	}
	return value
}

func settings() *sarama.Config {
	c := sarama.NewConfig()
	c.Version = sarama.V4_0_0_0
	c.Producer.Return.Successes = true
	c.Producer.Idempotent = true
	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Producer.Partitioner = sarama.NewManualPartitioner
	c.Net.MaxOpenRequests = 1
	c.Consumer.IsolationLevel = sarama.ReadCommitted
	return c
}

func transactional() sarama.SyncProducer {
	c := settings()
	c.Producer.Transaction.ID = topic
	return must(sarama.NewSyncProducer(brokers, c))
}

func send(p sarama.SyncProducer, from, to int) error {
	all := []*sarama.ProducerMessage{}
	for i := from; i < to; i++ {
		all = append(all, &sarama.ProducerMessage{Topic: topic, Partition: int32(i % 2), Value: sarama.StringEncoder(fmt.Sprint(i))})
	}
	return p.SendMessages(all)
}

// read gives how many records a reader finds before the last ones, which are `last` and the one before it.
func read(level sarama.IsolationLevel, last int) int {
	c := settings()
	c.Consumer.IsolationLevel = level
	client := must(sarama.NewClient(brokers, c))
	defer client.Close()
	consumer := must(sarama.NewConsumerFromClient(client))
	count := 0
	late := time.After(25 * time.Second)
	for partition := 0; partition < 2; partition++ {
		from := must(consumer.ConsumePartition(topic, int32(partition), sarama.OffsetOldest))
		for value := ""; value != fmt.Sprint(last-1+partition); count++ {
			select {
			case m := <-from.Messages():
				value = string(m.Value)
			case <-late:
				must(0, fmt.Errorf("no %d after %d records", last-1+partition, count))
			}
		}
		_ = from.Close()
	}
	return count
}

func main() {
	brokers = os.Args[1:2]
	admin := must(sarama.NewClusterAdmin(brokers, settings()))
	must(0, admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: 2, ReplicationFactor: 1}, false))
	for listed := false; !listed; time.Sleep(20 * time.Millisecond) {
		_, listed = must(admin.ListTopics())[topic]
	}
	p := transactional()
	must(0, p.BeginTxn())
	must(0, send(p, 0, 10))
	must(0, p.CommitTxn())
	must(0, p.BeginTxn())
	must(0, send(p, 10, 20))
	must(0, p.AbortTxn())
	must(0, p.BeginTxn())
	must(0, send(p, 20, 30))
	note := "in a transaction"
	held := map[string][]*sarama.PartitionOffsetMetadata{topic: {{Partition: 1, Offset: 4, Metadata: &note}}}
	must(0, p.AddOffsetsToTxn(held, "sarama-txn-group"))
	must(0, p.CommitTxn())
	fmt.Println("committed:", read(sarama.ReadCommitted, 29), "all:", read(sarama.ReadUncommitted, 29))
	block := must(admin.ListConsumerGroupOffsets("sarama-txn-group", map[string][]int32{topic: {1}})).GetBlock(topic, 1)
	fmt.Println("offset:", block.Offset, block.Metadata)

	must(0, p.BeginTxn())
	must(0, send(p, 30, 40))
	newer := transactional()
	must(0, newer.BeginTxn())
	must(0, send(newer, 40, 50))
	must(0, newer.CommitTxn())
	fmt.Println("the older one commits:", p.CommitTxn() == nil)
	fmt.Println("committed:", read(sarama.ReadCommitted, 49), "all:", read(sarama.ReadUncommitted, 49))
	_ = newer.Close()
	_ = p.Close()
	_ = admin.Close()
}
